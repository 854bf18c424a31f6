"""Random sequences of operations on a small city: always exact, and every earlier moment stays as it was."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from itertools import count
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pytest
import shapely
from hypothesis import HealthCheck, Phase, event, given, settings
from hypothesis import strategies as st
from wangge.testing import copy_database

from core import clock
from core.db.cluster import Cluster
from core.db.session import connect, disconnect, reading
from core.errors import DomainError
from core.grids.proof import check_coverage
from core.grids.queries import tree
from core.grids.reading import Shapes, load_leaves, load_shapes
from gis.lattice import SCALE
from gis.measure import area_m2
from tests.integration.grids.bringing import TESTER, proven
from tests.integration.grids.drawing import SOUTH, WEST
from tests.integration.grids.plans import run, two_counties

CITY = "139900"
Towns = Callable[[], AbstractContextManager[None]]

shares = st.floats(0, 0.999)
places = st.tuples(st.integers(-40, 440), st.integers(-40, 240)).map(
    lambda place: [WEST + place[0] / 1000, SOUTH + place[1] / 1000]
)
lines = st.lists(places, min_size=2, max_size=4, unique_by=tuple)


class Draw(NamedTuple):
    """An operation before it is known what the city looks like: which grid, by the share of their number."""

    kind: str
    grid: float
    other: float
    line: list[list[float]]

    def operation(self, leaves: Shapes) -> dict[str, Any]:
        """The operation on the city as it stands."""
        code, other = (leaves.codes[int(share * len(leaves))] for share in (self.grid, self.other))
        polygon = leaves.polygons[int(self.grid * len(leaves))]
        corners = shapely.get_coordinates(polygon) / SCALE
        vertex = corners[int(self.other * len(corners))]
        middle = np.array(shapely.point_on_surface(polygon).coords[0]) / SCALE
        campus = shapely.Point(middle).buffer(0.05 * self.other, quad_segs=1)
        bulge = [middle.tolist(), self.line[0], (middle + np.array([0.001, 0.0007])).tolist()]
        step = 0.05 * (np.array(self.line[0]) - self.line[-1])
        made: dict[str, dict[str, Any]] = {
            "split": {"grid": code, "line": self.line},
            "subdivide": {"grid": code, "lines": [self.line]},
            "net": {"op": "subdivide", "grid": code, "net_m": 4000 + 6000 * self.other},
            "merge": {"grids": list({code, other, leaves.codes[0]})[:2], "multipart": self.other > 0.5},
            "reshape": {"grid": code, "line": bulge},
            "carve": {"from": [code], "polygon": shapely.geometry.mapping(campus), "name": "园区"},
            "move_vertex": {"from": vertex.tolist(), "to": (vertex + step).tolist()},
            "delete_vertex": {"at": vertex.tolist()},
            "insert_vertex": {"at": ((corners[0] + corners[1]) / 2).tolist()},
            "rename": {"grid": code, "name": f"网格{self.other:.3f}"},
            "move": {"grid": code, "parent": other[:6]},
            "retire": {"grid": code, "into": other},
        }
        return {"op": self.kind, **made[self.kind]}


KINDS = (
    "split", "subdivide", "net", "merge", "reshape", "carve", "move_vertex", "delete_vertex", "insert_vertex",
    "rename", "move", "retire",
)  # fmt: skip
draws = st.builds(Draw, st.sampled_from(KINDS), shares, shares, lines)


@pytest.fixture
def towns(database: str, cluster: Cluster, tmp_path: Path) -> Towns:
    """Makes a fresh city of two counties, gone at the end of its block."""
    two_counties(tmp_path)
    disconnect()
    template = database.partition("@/")[2].partition("?")[0]
    numbers = count(1)

    @contextmanager
    def town() -> Iterator[None]:
        name = f"{template}_{next(numbers)}"
        copy_database(cluster, template, name)
        connect(cluster.url("wangge_app", name))
        try:
            yield
        finally:
            disconnect()
            with cluster.superuser() as cursor:
                cursor.execute(f"drop database {name} with (force)")

    return town


def city_at(moment: dt.datetime | None = None) -> dict[str, tuple[Any, ...]]:
    """Of each grid what is said of it and its outline, to the bit."""
    with reading(TESTER) as session:
        rows = {row.code: (row.name, row.level, row.parent, row.leaf) for row in tree(session, as_of=moment)}
        shapes = load_shapes(session, at=moment)
    outlines = dict(zip(shapes.codes, shapely.to_wkb(shapes.polygons), strict=True))
    return {code: (*facts, outlines[code]) for code, facts in rows.items()}


def leaves_now() -> Shapes:
    with reading(TESTER) as session:
        return load_leaves(session)


def outline() -> Any:
    with reading(TESTER) as session:
        return load_shapes(session, "s.parent_id is null").polygons[0]


def play(sequence: list[Draw]) -> None:
    """Carry out what fits, and prove the city after each; a refusal leaves it as it was."""
    root = outline()
    moments = [(clock.now(), city_at())]
    for draw in sequence:
        try:
            done = run(CITY, draw.operation(leaves_now()))
        except DomainError:
            event(f"{draw.kind} refused")
            assert city_at() == moments[-1][1]
            continue
        event(f"{draw.kind} done")
        check = proven()
        assert (done.exact, check.exact, check.unmatched) == (True, True, 0)
        assert outline().area == pytest.approx(root.area, abs=root.length), "in lattice units, a unit off the edges"
        assert float(area_m2(leaves_now().polygons).sum()) == pytest.approx(check.area_m2, rel=1e-9)
        assert shapely.hausdorff_distance(root, outline()) <= 1
        moments.append((clock.now(), city_at()))
    for moment, then in moments:
        assert city_at(moment) == then
        with reading(TESTER) as session:
            assert check_coverage(session, as_of=moment).exact


QUIET = [HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
NO_SHRINKING = (Phase.explicit, Phase.reuse, Phase.generate)
"""Each try takes a second: what fails is shown as it was drawn."""


@settings(max_examples=6, suppress_health_check=QUIET, phases=NO_SHRINKING)
@given(st.lists(draws, min_size=4, max_size=9))
def test_a_sequence_leaves_the_city_exact_and_the_past_as_it_was(towns: Towns, sequence: list[Draw]) -> None:
    with towns():
        play(sequence)


@pytest.mark.long
@settings(max_examples=60, suppress_health_check=QUIET, phases=NO_SHRINKING)
@given(st.lists(draws, min_size=10, max_size=25))
def test_long_sequences_do_so_too(towns: Towns, sequence: list[Draw]) -> None:
    with towns():
        play(sequence)
