"""The French communes: imported with departments, proof and history, against `ogr2ogr` into a bare PostGIS table.

The file is that of the real data set (`france_communes_2018.gpkg`, unpacked, so that neither side pays for the zip).
"""

from __future__ import annotations

import argparse
import os
import subprocess
import time
import zipfile
from pathlib import Path

import psycopg2

from bench.cities import ACTOR, connected, instance
from bench.common import interleave, report
from core.db.cluster import Cluster
from core.db.migrate import upgrade_host
from core.db.roles import prepare as make_database
from core.db.session import work
from core.grids.imports.draft import ImportOptions
from core.grids.imports.importing import apply, prepare
from core.intake.reading import read
from core.settings import CHECKOUT

OPTIONS = ImportOptions(level="street", nest=(("dep", "county"),), root="FR:France", clean=True)


def ours(path: Path, cluster: Cluster, number: int) -> None:
    """The import of the command, into an instance of its own."""
    name = f"bench_{number}"
    with connected(cluster.url("wangge_app", name)):
        layer = read(path, OPTIONS)
        with work(ACTOR) as session:
            prepared = prepare(session, layer, OPTIONS)
            assert prepared.exact
            assert not prepared.refused
            apply(session, prepared)


def peer(path: Path, cluster: Cluster) -> None:
    """The same rows in a table with a spatial index."""
    parameters = psycopg2.extensions.parse_dsn(cluster.url("postgres", "bench"))
    target = " ".join(f"{key}={value}" for key, value in parameters.items())
    command = ["ogr2ogr", "-f", "PostgreSQL", f"PG:{target}", str(path), "-nln", "public.communes", "-overwrite"]
    subprocess.run([*command, "-nlt", "PROMOTE_TO_MULTI", "--config", "PG_USE_COPY", "YES"], check=True)


def main() -> None:
    """Time both and print the table."""
    options = argparse.ArgumentParser(description=__doc__)
    folder = Path(os.environ.get("WANGGE_DATA") or CHECKOUT.parent / "shared" / "data")
    options.add_argument("--file", type=Path, default=folder / "coverage/france_communes_2018.gpkg.zip")
    options.add_argument("--rounds", type=int, default=3)
    chosen = options.parse_args()
    with instance() as (work_folder, cluster, _url):
        with zipfile.ZipFile(chosen.file) as archive:
            [name] = archive.namelist()
            path = Path(archive.extract(name, work_folder))
        for number in range(chosen.rounds):
            make_database(cluster, f"bench_{number}")
            upgrade_host(cluster.url("wangge_owner", f"bench_{number}"))
        fresh = iter(range(chosen.rounds))
        ways = {
            "import with proof": lambda: ours(path, cluster, next(fresh)),
            "ogr2ogr (its CPU not counted)": lambda: peer(path, cluster),
        }
        started = time.perf_counter()
        timings = interleave(ways, chosen.rounds)
    report(f"French communes, {time.perf_counter() - started:.0f} s in all", timings, "ogr2ogr (its CPU not counted)")


if __name__ == "__main__":
    main()
