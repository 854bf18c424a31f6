"""Tiles after one edit until all are correct again, against rendering the version whole, as the job does both.

The whole pyramid down to zoom 12 is rendered once for the first version; after each edit the job goes over it again.
"""

from __future__ import annotations

import argparse
import statistics
import time

from bench.cities import ACTOR, city, connected, instance, settle
from bench.edit import edit, once
from core.db.session import reading, work
from core.grids.reading import coverage_version
from core.grids.tiles import TileKey, render_ahead


def render() -> float:
    """Seconds until every tile of the present version is in the store."""
    with reading(ACTOR) as session:
        version = coverage_version(session)
    started = time.perf_counter()
    frontier = [TileKey(0, 0, 0)]
    while frontier:
        with work(ACTOR, statement_timeout_s=0) as session:
            frontier = render_ahead(session, version, frontier)
    return time.perf_counter() - started


def main() -> None:
    """Render, edit, render again; print the table."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--leaves", type=int, default=50_000)
    options.add_argument("--rounds", type=int, default=5)
    chosen = options.parse_args()
    made = city(chosen.leaves)
    numbers = range(len(made.leaves) // 3, len(made.leaves), 97)
    with instance() as (_folder, cluster, url), connected(url):
        settle(made.births())
        with cluster.superuser("bench") as cursor:
            cursor.execute("vacuum analyze")
        whole = render()
        again = []
        for n in [n for n in numbers if once(made.leaves[n])][: chosen.rounds]:
            edit(f"g{n}", made.leaves[n], n)
            again.append(render())
    p50 = statistics.median(again)
    print(f"{chosen.leaves:,} leaves: whole {whole:.2f} s, after an edit {p50:.3f} s (p50), {whole / p50:.1f}×")


if __name__ == "__main__":
    main()
