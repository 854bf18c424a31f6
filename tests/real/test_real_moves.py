"""Chicago's police: a sector goes to the neighbouring district, and comes back."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import shapely

from core import clock
from core.db.session import reading
from core.grids.proof import check_coverage
from core.grids.queries import grid_by_code, history, known_grid, tree
from core.grids.reading import load_shapes
from tests.integration.grids.bringing import TESTER, bring, proven
from tests.integration.grids.plans import run

pytestmark = pytest.mark.real

BEATS = "coverage/chicago_police_beats.gpkg.zip"
SECTOR, OLD, NEW = "17-1", "17", "20"


@pytest.fixture
def chicago(database: str, real_data: Callable[[str], Path]) -> None:
    """Districts, sectors, beats."""
    nest = (("district", "county"), ("sector", "street"))
    prepared = bring(real_data(BEATS), "community", nest=nest, root="CHI:Chicago", duplicate_codes="merge")
    assert not prepared.refused


def outlines(level: str = "") -> dict[str, Any]:
    """Of each grid of a level, or of all, the outline: equal ones are equal bytes."""
    with reading(TESTER) as session:
        shapes = load_shapes(session, "(g.level = :level or :level = '')", {"level": level})
    return {code: shapely.to_wkb(shapely.normalize(p)) for code, p in zip(shapes.codes, shapes.polygons, strict=True)}


def below(code: str) -> list[str]:
    with reading(TESTER) as session:
        return [row.code for row in tree(session, code)][1:]


def states(code: str) -> int:
    with reading(TESTER) as session:
        return len(history(session, known_grid(session, code).id))


def test_a_sector_goes_to_another_district_and_both_outlines_follow(chicago: None) -> None:
    before, moment = outlines(), clock.now()
    district = {code: below(code) for code in (OLD, NEW)}
    moving = [SECTOR, *below(SECTOR)]
    assert len(moving) > 1
    done = run("CHI", {"op": "move", "grid": SECTOR, "parent": NEW})
    assert (done.exact, done.born, done.retired) == (True, (), ())
    assert sorted(done.touched) == sorted([SECTOR, OLD, NEW])

    check = proven()
    assert (check.exact, check.unmatched) == (True, 0)
    after = outlines()
    assert {code for code in before if before[code] != after[code]} == {OLD, NEW}, "not the root's, nor a beat's"
    assert set(below(NEW)) == {*district[NEW], *moving}
    assert set(below(OLD)) == {*district[OLD]} - {*moving}
    sectors = outlines("street")
    for code in (OLD, NEW):
        parts = [shapely.from_wkb(sectors[part]) for part in below(code) if part in sectors]
        assert shapely.equals(shapely.union_all(parts), shapely.from_wkb(after[code]))
    look_back_at_the_move(moment, moving)

    run("CHI", {"op": "move", "grid": SECTOR, "parent": OLD})
    assert proven().exact
    assert outlines() == before
    assert {code: set(below(code)) for code in (OLD, NEW)} == {code: set(codes) for code, codes in district.items()}


def look_back_at_the_move(moment: Any, moving: list[str]) -> None:
    """Then the sector and its beats lay under the old district; each has one state more now, others have none."""
    with reading(TESTER) as session:
        for code in moving:
            then, now = grid_by_code(session, code, moment), known_grid(session, code)
            assert then is not None
            assert (then.id, then.path_codes[1], now.path_codes[1]) == (now.id, OLD, NEW)
        assert check_coverage(session, as_of=moment).exact
    assert {states(code) for code in moving} == {2}
    assert {states(code) for code in (*below(OLD), "CHI")} == {1}
