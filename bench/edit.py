"""One edit, from its plan to its commit, with located rows near by, against validating the whole layer anew.

Each edit splits a grid and merges the parts again, so that the city stays as large as it was.
"""

from __future__ import annotations

import argparse
import statistics
import time
from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
import shapely
from numpy.typing import NDArray
from sqlalchemy import text

from bench.cities import ACTOR, ROOT, City, city, connected, instance, settle
from core.db.base import new_id
from core.db.session import reading, work
from core.grids import rehoming
from core.grids.locating import locate_many_for_write
from core.grids.plans import drafts, service
from gis.lattice import SCALE, Integers

TABLE = "public.bench_row"
ROWS_PER_GRID = 100


def place_rows(cluster: Any, made: City, middle: NDArray[np.int64]) -> int:
    """Located rows in the grids of some thousand numbers, as a plugin's table has them."""
    with cluster.superuser("bench") as cursor:
        cursor.execute(f"create table {TABLE} (id uuid primary key, place geometry(Point,4490), grid_id bigint)")
        cursor.execute(f"create index on {TABLE}(grid_id); create index on {TABLE} using gist(place)")
        cursor.execute(f"grant all on {TABLE} to wangge_app")
    rehoming.register(rehoming.LocatedTable(TABLE))
    generator = np.random.default_rng(3)
    boxes = np.repeat(shapely.bounds(made.leaves[middle]), ROWS_PER_GRID, axis=0)
    share = generator.random((len(boxes), 2))
    points: Integers = np.rint(boxes[:, :2] + share * (boxes[:, 2:] - boxes[:, :2])).astype(np.int64)
    with work(ACTOR) as session:
        owners = locate_many_for_write(session, points)
        x, y = (points / SCALE).T.tolist()
        session.execute(
            text(
                f"insert into {TABLE} select gen_random_uuid(), st_setsrid(st_makepoint(v.x, v.y), 4490),"
                " nullif(v.grid, -1) from unnest(cast(:x as float[]), cast(:y as float[]), cast(:grids as bigint[]))"
                " v(x, y, grid)"
            ),
            {"x": x, "y": y, "grids": owners.tolist()},
        )
    with cluster.superuser("bench") as cursor:
        cursor.execute("vacuum analyze")
    return len(points)


class Took(NamedTuple):
    """Seconds of an edit: all its steps, and the last of them, in which the approved plan becomes the boundaries."""

    whole: float
    applied: float


def run(operation: dict[str, Any]) -> Took:
    """Draw, submit, approve; then apply, in a transaction of its own."""
    started = time.perf_counter()
    with work(ACTOR) as session:
        plan = drafts.create_plan(session, drafts.NewPlan(new_id(), ROOT, "bench"))
        plan = drafts.add_operations(session, plan.id, plan.version, [operation])
        plan = service.submit(session, plan.id, plan.version)
        plan = service.approve(session, plan.id, plan.version)
    approved = time.perf_counter()
    with work(ACTOR) as session:
        assert service.apply_plan(session, plan.id, plan.version).exact
    ended = time.perf_counter()
    return Took(ended - started, ended - approved)


def edit(code: str, polygon: Any, number: int) -> list[Took]:
    """A split and the merge that undoes it."""
    x = shapely.centroid(polygon).x
    line = [[x / SCALE, (y + beyond) / SCALE] for y, beyond in zip(polygon.bounds[1::2], (-999, 999), strict=True)]
    other = f"{code}-{number}"
    split = run({"op": "split", "grid": code, "line": line, "codes": [code, other]})
    return [split, run({"op": "merge", "grids": [code, other]})]


def once(polygon: Any) -> bool:
    """Whether the upright line through the centroid cuts a grid in two parts."""
    x = shapely.centroid(polygon).x
    line = shapely.LineString([(x, polygon.bounds[1] - 999), (x, polygon.bounds[3] + 999)])
    return len(shapely.get_parts(shapely.intersection(line, polygon))) == 1


def revalidate(leaves: NDArray[np.object_]) -> float:
    """Seconds that shapely takes to validate the whole layer."""
    started = time.perf_counter()
    assert shapely.is_valid(leaves).all()
    assert shapely.coverage_is_valid(leaves)
    assert not shapely.coverage_union_all(leaves).is_empty
    return time.perf_counter() - started


def measure(leaves: int, rounds: int, rows: int, *, plain: bool) -> tuple[list[Took], list[float]]:
    """Seconds of edits in a city, splits and merges alike, and of validations between them."""
    made = city(leaves, plain=plain)
    middle = np.arange(len(made.leaves) // 3, len(made.leaves) // 3 + rows // ROWS_PER_GRID)
    with instance() as (_folder, cluster, url), connected(url):
        settle(made.births())
        placed = place_rows(cluster, made, middle)
        ours: list[Took] = []
        peer: list[float] = []
        chosen = [n for n in middle[:: max(1, len(middle) // rounds // 2)].tolist() if once(made.leaves[n])]
        for number, n in enumerate(chosen[:rounds]):
            ours += edit(f"g{n}", made.leaves[n], number)
            if number % 5 == 0:
                peer.append(revalidate(made.leaves))
        with reading(ACTOR) as session:
            count = session.scalar(text(f"select count(*) from {TABLE} where grid_id is not null"))
    print(f"{leaves:,} leaves, {placed:,} rows, {count:,} of them in a grid", flush=True)
    return ours, peer


def show(found: Sequence[tuple[int, list[Took], list[float]]]) -> None:
    """Print the table."""
    heads = [
        "leaves",
        "step",
        "p50 s",
        "p90 s",
        "whole layer s",
        "whole layer ÷ p50",
        "p50 ÷ that of the smallest city",
    ]
    print(f"\n| {' | '.join(heads)} |\n|{'---|' * len(heads)}")
    for leaves, ours, peer in found:
        validated = statistics.median(peer)
        for step in ("applied", "whole"):
            seconds = [getattr(took, step) for took in ours]
            base = statistics.median(getattr(took, step) for took in found[0][1])
            p50, p90 = statistics.median(seconds), statistics.quantiles(seconds, n=10)[-1]
            figures = f"{p50:.4f} | {p90:.4f} | {validated:.3f} | {validated / p50:.1f} | {p50 / base:.2f}"
            print(f"| {leaves:,} | {step} | {figures} |")


def main() -> None:
    """Time edits in cities of several sizes."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--leaves", type=int, nargs="+", default=[5_000, 50_000])
    options.add_argument("--rows", type=int, default=100_000)
    options.add_argument("--rounds", type=int, default=20)
    options.add_argument("--plain", action="store_true", help="straight borders")
    chosen = options.parse_args()
    show([(n, *measure(n, chosen.rounds, chosen.rows, plain=chosen.plain)) for n in chosen.leaves])


if __name__ == "__main__":
    main()
