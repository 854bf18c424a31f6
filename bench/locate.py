"""Points to leaves: our index against a geopandas spatial join, DuckDB's and a PostGIS `ST_Covers` join.

DuckDB is installed into an environment of its own, since it is no dependency of ours.
"""

from __future__ import annotations

import argparse
import io
import subprocess
import tempfile
import venv
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import geopandas
import numpy as np
import shapely
from numpy.typing import NDArray

from bench.common import coverage, interleave, points, report
from core.db.cluster import THROWAWAY, Cluster
from core.db.roles import prepare
from core.settings import CHECKOUT
from gis import lattice
from gis.locate import LocateIndex

DUCKDB = ("duckdb==1.5.5", "duckdb-extension-spatial==1.5.5")


def tables(leaves: NDArray[np.object_], places: NDArray[np.float64]) -> dict[str, str]:
    """The same leaves and points as rows of number and WKB, by table."""
    shapes = {"leaf": lattice.to_degrees(leaves), "place": shapely.points(places)}
    wkb = {name: shapely.to_wkb(shapely.set_srid(array, 4490), hex=True) for name, array in shapes.items()}
    return {name: "".join(f"{n}\t{row}\n" for n, row in enumerate(rows)) for name, rows in wkb.items()}


def load(cursor: Any, rows: Mapping[str, str]) -> None:
    """The rows as tables with GiST indexes."""
    for name in rows:
        cursor.execute(f"create unlogged table {name}(id int, wkb text)")
        cursor.copy_expert(f"copy {name} from stdin", io.StringIO(rows[name]))
        cursor.execute(
            f"alter table {name} add geom geometry; update {name} set geom = st_geomfromwkb(decode(wkb, 'hex'))"
        )
        cursor.execute(f"alter table {name} drop wkb; create index on {name} using gist(geom)")
    cursor.execute("vacuum full analyze")


@contextmanager
def duckdb(folder: Path, rows: Mapping[str, str]) -> Iterator[Callable[[], None]]:
    """DuckDB with the same tables; what is given joins them once."""
    venv.create(folder, with_pip=True)
    subprocess.run([folder / "bin/pip", "install", "-q", *DUCKDB], check=True)
    for name, text in rows.items():
        (folder / f"{name}.tsv").write_text(text)
    command = [folder / "bin/python", CHECKOUT / "bench/duckdb_peer.py", folder]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        ask, answers = process.stdin, process.stdout
        assert answers.readline() == "ready\n"

        def join() -> None:
            ask.write("go\n")
            ask.flush()
            assert answers.readline()

        yield join
        ask.close()


def main() -> None:
    """Time the three ways and print the table."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--leaves", type=int, default=50_000)
    options.add_argument("--points", type=int, default=1_000_000)
    options.add_argument("--rounds", type=int, default=3)
    chosen = options.parse_args()
    leaves = coverage(chosen.leaves)
    units = lattice.quantise(points(chosen.points))
    places = units / lattice.SCALE
    index = LocateIndex.build(leaves, np.arange(len(leaves)))
    left = geopandas.GeoDataFrame(geometry=shapely.points(places))
    right = geopandas.GeoDataFrame({"leaf": np.arange(len(leaves))}, geometry=lattice.to_degrees(leaves))
    found = index.locate(units)
    with tempfile.TemporaryDirectory(prefix="wangge-") as folder:
        Path(folder).chmod(0o711)
        rows = tables(leaves, places)
        with (
            Cluster(Path(folder) / "pg", THROWAWAY).running() as cluster,
            duckdb(Path(folder) / "duckdb", rows) as duckdb_join,
        ):
            prepare(cluster, "bench")
            with cluster.superuser("bench") as cursor:
                load(cursor, rows)

                def postgis() -> None:
                    cursor.execute("select count(*) from place p join leaf l on st_covers(l.geom, p.geom)")

                ways = {
                    "LocateIndex (one owner each, exact)": lambda: index.locate(units),
                    "geopandas sjoin": lambda: geopandas.sjoin(left, right, predicate="intersects"),
                    "DuckDB spatial join (its CPU not counted)": duckdb_join,
                    "PostGIS ST_Covers join (server CPU not counted)": postgis,
                }
                timings = interleave(ways, chosen.rounds)
    title = f"{chosen.points:,} points in {chosen.leaves:,} leaves, {int((found >= 0).sum()):,} inside"
    report(title, timings, next(iter(ways)), unit="points", count=chosen.points)


if __name__ == "__main__":
    main()
