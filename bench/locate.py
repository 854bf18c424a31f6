"""Points to leaves: our index against a geopandas spatial join and a PostGIS `ST_Covers` join."""

from __future__ import annotations

import argparse
import io
import tempfile
from pathlib import Path
from typing import Any

import geopandas
import numpy as np
import shapely
from numpy.typing import NDArray

from bench.common import coverage, interleave, points, report
from core.db.cluster import THROWAWAY, Cluster
from core.db.roles import prepare
from gis import lattice
from gis.locate import LocateIndex


def load(cursor: Any, leaves: NDArray[np.object_], places: NDArray[np.float64]) -> None:
    """The same leaves and points as tables with GiST indexes."""
    cursor.execute("create unlogged table leaf(id int, geom geometry(geometry, 4490))")
    shapes = shapely.to_wkb(shapely.set_srid(lattice.to_degrees(leaves), 4490), hex=True, include_srid=True)
    cursor.copy_expert("copy leaf from stdin", io.StringIO("".join(f"{n}\t{wkb}\n" for n, wkb in enumerate(shapes))))
    cursor.execute("create unlogged table place(id int, geom geometry(point, 4490))")
    dots = shapely.to_wkb(shapely.set_srid(shapely.points(places), 4490), hex=True, include_srid=True)
    cursor.copy_expert("copy place from stdin", io.StringIO("".join(f"{n}\t{wkb}\n" for n, wkb in enumerate(dots))))
    cursor.execute("create index on leaf using gist(geom)")
    cursor.execute("analyze leaf, place")


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
        with Cluster(Path(folder) / "pg", THROWAWAY).running() as cluster:
            prepare(cluster, "bench")
            with cluster.superuser("bench") as cursor:
                load(cursor, leaves, places)

                def postgis() -> None:
                    cursor.execute("select count(*) from place p join leaf l on st_covers(l.geom, p.geom)")

                ways = {
                    "LocateIndex (one owner each, exact)": lambda: index.locate(units),
                    "geopandas sjoin": lambda: geopandas.sjoin(left, right, predicate="intersects"),
                    "PostGIS ST_Covers join (server CPU not counted)": postgis,
                }
                timings = interleave(ways, chosen.rounds)
    title = f"{chosen.points:,} points in {chosen.leaves:,} leaves, {int((found >= 0).sum()):,} inside"
    report(title, timings, next(iter(ways)), unit="points", count=chosen.points)


if __name__ == "__main__":
    main()
