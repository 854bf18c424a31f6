"""Figures of a past period by grid, in the boundaries of then beside those of now."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from typing import Any
from uuid import UUID

import numpy as np
import pytest
from sqlalchemy import text

from core import clock
from core.actor import Actor
from core.db.session import reading, work
from core.errors import Forbidden, Invalid
from core.grids.locating import locate_many
from core.grids.plans.views import AppliedPlan
from core.grids.queries import grids_by_ids
from core.matters import figures as figures_module
from core.matters.figure_views import Figures, FiguresFilter
from core.matters.figures import count_by_grid, export_figures
from core.matters.places import Place
from gis.lattice import quantise
from tests.integration.grids.plans import run
from tests.integration.matters.people import EAST_STREET, OUTSIDE, SOUTH_STREET, TESTER, matter, person, step

CITY, WEST_COUNTY, EAST_COUNTY = "139900", "139901", "139902"
SOUTHERN, SECOND, THIRD, NORTHERN = (f"{EAST_STREET}00{n}" for n in (1, 2, 3, 4))
AUGUST = FiguresFilter("2026-08-01", "2026-09-01")
SPLIT = {
    "op": "split", "grid": SOUTHERN, "line": [[116.05, 38.9], [116.05, 39.2]],
    "codes": [SOUTHERN, f"{EAST_STREET}005"], "names": ["和平社区", "和平东社区"],
}  # fmt: skip
MERGE = {"op": "merge", "grids": [SECOND, THIRD], "code": SECOND, "name": "三里社区"}
MOVE = {"op": "move", "grid": NORTHERN, "parent": SOUTH_STREET}


def at(month: int, day: int, hour: int = 4, minute: int = 0) -> dt.datetime:
    return dt.datetime(2026, month, day, hour, minute, tzinfo=dt.UTC)


def report(when: dt.datetime, *places: tuple[float, float] | None, actor: Actor = TESTER) -> list[UUID]:
    with clock.turned(lambda: when):
        return [matter(actor, Place(*place) if place else None) for place in places]


def change(when: dt.datetime, *operations: dict[str, Any]) -> AppliedPlan:
    with clock.turned(lambda: when):
        return run(CITY, *operations)


def count(wanted: FiguresFilter = AUGUST, *, actor: Actor = TESTER, **more: Any) -> Figures:
    with clock.turned(lambda: at(10, 20)), reading(actor) as session:
        return count_by_grid(session, replace(wanted, **more))


def shown(figures: Figures) -> dict[str, tuple[int | None, int | None]]:
    return {row.code: (row.count.then, row.count.now) for row in figures.rows}


def test_a_split_and_a_merger_are_counted_in_the_grids_of_both_times() -> None:
    report(at(8, 10), (116.02, 39.05), (116.07, 39.05), (116.08, 39.05), (116.05, 39.15), (116.05, 39.25))
    change(at(8, 20), SPLIT)
    report(at(8, 25), (116.08, 39.06))
    change(at(9, 5), MERGE)
    report(at(9, 10), (116.02, 39.05))
    figures = count(under=EAST_STREET)
    assert shown(figures) == {
        SOUTHERN: (3, 1),
        f"{EAST_STREET}005": (1, 3),
        SECOND: (1, 2),
        THIRD: (1, None),
        NORTHERN: (0, 0),
    }
    assert [row.count.difference for row in figures.rows] == [-2, 1, -1, 0, 2]
    assert {row.code for row in figures.rows if row.ended} == {THIRD}
    assert figures.inside == (6, 6)
    assert (figures.coarser, figures.elsewhere, figures.unlocated, figures.total) == ((0, 0), (0, 0), (0, 0), 6)
    assert [(told.within, told.change.at) for told in figures.changes] == [(True, at(8, 20)), (False, at(9, 5))]
    assert figures.changes[0].touched.code in {SOUTHERN, f"{EAST_STREET}005"}
    assert [(told.touched.grids, told.touched.parent) for told in figures.changes] == [(2, "东街街道")] * 2


def test_a_change_of_one_grid_alone_is_told_by_its_name() -> None:
    change(at(8, 20), {"op": "rename", "grid": SOUTH_STREET, "name": "南门街道"})
    assert [told.touched for told in count().changes] == [(SOUTH_STREET, "南门街道", 1, None)]


def test_a_grid_that_was_born_after_the_period_was_not_there_then() -> None:
    report(at(8, 10), (116.08, 39.05))
    change(at(9, 5), SPLIT)
    assert shown(count(under=EAST_STREET))[f"{EAST_STREET}005"] == (None, 1)
    assert shown(count(FiguresFilter("2026-09-01", "2026-10-01"), under=EAST_STREET))[f"{EAST_STREET}005"] == (0, 0)


def test_a_moved_community_counts_under_its_street_of_either_time() -> None:
    report(at(8, 10), (116.05, 39.35), (116.05, 39.35), (116.15, 39.35))
    change(at(9, 5), MOVE)
    assert shown(count(level="street", under=WEST_COUNTY)) == {EAST_STREET: (2, 0), SOUTH_STREET: (1, 3)}
    old, new = count(under=EAST_STREET), count(under=SOUTH_STREET)
    assert shown(old)[NORTHERN] == (2, None)
    assert (old.inside, old.elsewhere, old.total) == ((2, 0), (0, 2), 2)
    assert shown(new)[NORTHERN] == (None, 2)
    assert (new.inside, new.elsewhere, new.total) == ((1, 3), (2, 0), 3)


def test_what_had_no_grid_then_or_has_none_now_has_its_own_line() -> None:
    found, lost, _never = report(at(8, 10), None, (116.05, 39.15), (OUTSIDE.lon, OUTSIDE.lat))
    step(TESTER, found, "relocate", place=Place(116.05, 39.25))
    step(TESTER, lost, "relocate", place=OUTSIDE)
    city = count(level="county")
    assert shown(city) == {WEST_COUNTY: (1, 1), EAST_COUNTY: (0, 0)}
    assert (city.inside, city.unlocated, city.total) == ((1, 1), (2, 2), 3)
    street = count(under=EAST_STREET)
    assert shown(street) == {SOUTHERN: (0, 0), SECOND: (1, 0), THIRD: (0, 1), NORTHERN: (0, 0)}
    assert (street.inside, street.unlocated, street.total) == ((1, 1), (1, 1), 2)


def test_what_lies_in_a_grid_without_the_level_is_counted_beside_the_rows() -> None:
    report(at(8, 10), (116.05, 39.15), (116.3, 39.1))
    figures = count(level="street")
    assert shown(figures) == {EAST_STREET: (1, 1), SOUTH_STREET: (0, 0)}
    assert (figures.coarser, figures.inside, figures.total) == ((1, 1), (2, 2), 2)


def test_a_grid_that_ended_can_be_looked_into() -> None:
    report(at(8, 10), (116.05, 39.25), (116.05, 39.15))
    change(at(9, 5), MERGE)
    figures = count(under=THIRD)
    assert figures.top.ended == at(9, 5)
    assert shown(figures) == {THIRD: (1, None)}
    assert (figures.inside, figures.elsewhere, figures.total) == ((1, 0), (0, 1), 1)


def test_a_period_is_of_whole_days_of_the_instance() -> None:
    report(at(7, 31, 15, 59), (116.05, 39.15))
    report(at(7, 31, 16), (116.05, 39.15))
    report(at(8, 31, 15, 59), (116.05, 39.15))
    report(at(8, 31, 16), (116.05, 39.15))
    assert count().inside == (2, 2)
    with clock.turned(lambda: at(8, 31, 16)), reading(TESTER) as session:
        last_month = count_by_grid(session, FiguresFilter())
    assert (last_month.since, last_month.before) == (dt.date(2026, 8, 1), dt.date(2026, 9, 1))
    assert (last_month.level, last_month.top.code, last_month.inside) == ("county", CITY, (2, 2))
    assert count(FiguresFilter(before="2026-08-01")).since == dt.date(2026, 7, 1)
    assert count(FiguresFilter("2026-08-01")).before == dt.date(2026, 10, 21)


def test_a_report_that_met_a_change_on_its_way_is_counted_then_too() -> None:
    """Its moment lies before the change, its grid was born by it."""
    change(at(8, 20), SPLIT)
    report(at(8, 19, 23, 59), (116.08, 39.05))
    figures = count(under=EAST_STREET)
    assert shown(figures)[f"{EAST_STREET}005"] == (1, 1)
    assert figures.inside == (1, 1)


def test_who_may_not_see_a_matter_now_counts_it_on_neither_side() -> None:
    report(at(8, 10), (116.05, 39.35), (116.05, 39.15), (116.15, 39.05))
    mine = person("worker", EAST_STREET)
    report(at(8, 11), (116.05, 39.35), actor=mine)
    change(at(9, 5), MOVE)
    figures = count(actor=mine)
    assert (figures.top.code, figures.level, figures.partial) == (EAST_STREET, "community", True)
    assert shown(figures)[NORTHERN] == (1, None), "the one reported by that person"
    assert shown(figures)[SECOND] == (1, 1)
    assert (figures.inside, figures.elsewhere) == ((2, 1), (0, 1))
    assert not count().partial
    assert count(actor=person("desk", None)).inside == (4, 4)


@pytest.mark.parametrize(
    ("wanted", "pointer"),
    [
        ({"since": "2026-02-30"}, "/from"),
        ({"since": "0001-01-01"}, "/from"),
        ({"before": "9999-12-31"}, "/to"),
        ({"before": "soon"}, "/to"),
        ({"since": "2026-08-01", "before": "2026-08-01"}, "/to"),
        ({"under": "9"}, "/under"),
        ({"under": "1\0"}, "/under"),
        ({"level": "micro"}, "/level"),
        ({"level": "village"}, "/level"),
        ({"level": "county", "under": EAST_STREET}, "/level"),
    ],
)
def test_what_makes_no_sense_is_refused_at_its_place(wanted: dict[str, Any], pointer: str) -> None:
    with pytest.raises(Invalid) as caught:
        count(FiguresFilter(), **wanted)
    assert caught.value.objections[0].pointer == pointer


def test_more_grids_than_can_be_read_are_refused_rather_than_cut_off(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(figures_module, "MOST", 7)
    assert len(count(level="street").rows) == 2
    with pytest.raises(Invalid) as caught:
        count(level="community")
    assert caught.value.objections[0].pointer == "/level"


def test_an_export_asks_its_right_and_is_written_to_the_journal() -> None:
    report(at(8, 10), (116.05, 39.15))
    with pytest.raises(Forbidden), work(person("worker", EAST_STREET)) as session:
        export_figures(session, AUGUST)
    with work(person("grid_head", EAST_STREET)) as session:
        assert export_figures(session, AUGUST).inside == (1, 1)
    with reading(TESTER) as session:
        told = session.execute(text("select object_id, after from core.journal where action = 'matter.export'")).one()
    assert told.object_id == "figures"
    assert told.after["since"] == "2026-08-01"
    assert (told.after["under"], told.after["level"]) == (EAST_STREET, "community")


@pytest.fixture
def long_summer() -> list[tuple[dt.datetime, tuple[float, float]]]:
    """Two hundred matters all over the city between five changes of its boundaries; some lie outside."""
    dice = np.random.default_rng(8)
    changes: Sequence[tuple[dt.datetime, list[dict[str, Any]]]] = [
        (at(8, 5), [SPLIT]),
        (at(8, 12), [MERGE, {"op": "rename", "grid": SOUTH_STREET, "name": "南门街道"}]),
        (at(8, 19), [MOVE, {"op": "recode", "grid": SOUTHERN, "code": f"{EAST_STREET}009"}]),
        (at(8, 26), [{"op": "subdivide", "grid": EAST_COUNTY, "lines": [[[116.3, 38.9], [116.3, 39.5]]],
                      "level": "street", "codes": ["139902001", "139902002"]}]),
        (at(9, 8), [{"op": "merge", "grids": [f"{SOUTH_STREET}001", f"{SOUTH_STREET}002"],
                     "code": f"{SOUTH_STREET}008", "name": "南门社区"}]),
    ]  # fmt: skip
    told = []
    for when, operations in changes:
        moment = when - dt.timedelta(days=2)
        places = [(round(x, 7), round(y, 7)) for x, y in dice.uniform((115.98, 38.98), (116.42, 39.42), (40, 2))]
        report(moment, *places)
        told += [(moment, place) for place in places]
        change(when, *operations)
    return told


@pytest.mark.parametrize("level", ["county", "street", "community"])
def test_both_sides_are_what_locating_every_point_at_both_dates_gives(
    long_summer: list[tuple[dt.datetime, tuple[float, float]]], level: str
) -> None:
    reported = [(moment, place) for moment, place in long_summer if at(8, 1, 0) <= moment < at(9, 1, 0)]
    assert 100 < len(reported) < len(long_summer)
    moments = {moment for moment, _place in reported}
    then: Counter[int | None] = Counter()
    for moment in moments:
        then += ancestors([place for when, place in reported if when == moment], level, moment)
    now = ancestors([place for _moment, place in reported], level, None)
    figures = count(level=level)
    for side, oracle in ((0, then), (1, now)):
        rows = Counter({row.code: row.count[side] or 0 for row in figures.rows})
        with reading(TESTER) as session:
            called = session.execute(
                text("select distinct on (grid_id) grid_id, code from core.grid_state order by 1, lower(valid) desc")
            )
            codes = {row.grid_id: row.code for row in called}
        assert +rows == Counter({codes[grid_id]: n for grid_id, n in oracle.items() if grid_id and grid_id > 0})
        assert figures.unlocated[side] == oracle[None]
        assert figures.coarser[side] == oracle[0]
        assert (figures.inside[side] or 0) + (figures.unlocated[side] or 0) == figures.total == len(reported)
    assert figures.elsewhere == (0, 0)


def ancestors(places: list[tuple[float, float]], level: str, as_of: dt.datetime | None) -> Counter[int | None]:
    """Points by the id of the grid of a level that holds them; 0 where it has none there, ``None`` outside."""
    found: Counter[int | None] = Counter()
    with reading(TESTER) as session:
        owners = locate_many(session, quantise(np.array(places)), as_of).tolist()
        leaves = grids_by_ids(session, {owner for owner in owners if owner >= 0}, as_of)
        steps = {int(each) for leaf in leaves.values() for each in leaf.path.split(".")}
        levels = {grid_id: grid.level for grid_id, grid in grids_by_ids(session, steps, as_of).items()}
    for owner in owners:
        path = [int(each) for each in leaves[owner].path.split(".")] if owner >= 0 else []
        found[next((each for each in path if levels[each] == level), 0) if path else None] += 1
    return found
