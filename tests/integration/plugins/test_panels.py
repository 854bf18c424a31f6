"""The figures on the plugins' panels, from matters that went through the service, reckoned by hand."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from wangge.testing import place

from core import clock
from core.actor import Actor
from core.db.session import reading
from core.grids.queries import grid_by_code
from core.grids.views import GridView
from core.plugin.loading import forget_values, load
from core.plugin.wheel import inspect_plugin
from core.settings import CHECKOUT, get_settings
from tests.integration.grids.planting import plant
from tests.integration.matters.people import (
    EAST_STREET,
    IN_EAST,
    IN_EAST_CODE,
    IN_SOUTH,
    SOUTH_STREET,
    TESTER,
    matter,
    person,
    photo,
    step,
)
from web.app import create_app
from web.hooks import SPECS, GridPanel, PanelBody
from web.slots import panels_for

MONDAY = dt.datetime(2026, 11, 2, 1, tzinfo=dt.UTC)
LATER = dt.datetime(2026, 11, 20, 1, tzinfo=dt.UTC)
NAMES = ("emergency", "party", "security", "civil")


@pytest.fixture
def switch_on(database: str, operator: Actor, built: Callable[[Path], Path]) -> Iterator[Callable[[str], GridPanel]]:
    """Gives the one panel of a plugin on a planted city."""
    plant()

    def on(name: str) -> GridPanel:
        place(inspect_plugin(built(CHECKOUT / "plugins" / name)), operator)
        ((_owner, panel),) = load(get_settings(), SPECS, operator).values("register_panels")
        assert isinstance(panel, GridPanel)
        return panel

    yield on
    for name in NAMES:
        forget_values(name)


def grid(code: str) -> GridView:
    with reading(TESTER) as session:
        found = grid_by_code(session, code)
    assert found is not None
    return found


def body(panel: GridPanel, code: str, actor: Actor = TESTER) -> PanelBody:
    here = grid(code)
    with clock.turned(lambda: LATER), reading(actor) as session:
        return dict(panel.render(session, [here]))[here.id]


def figures(found: PanelBody) -> dict[str, Any]:
    return {str(figure.title): figure.value for figure in found.figures}


def rows(found: PanelBody) -> dict[str, list[Any]]:
    return {str(row[0]): [cell.value for cell in row[1:]] for row in found.rows}


def test_hazards_are_counted_by_level_and_the_overdue_ones(switch_on: Callable[[str], GridPanel]) -> None:
    panel = switch_on("emergency")
    with clock.turned(lambda: MONDAY):
        for form in ({"level": "major"}, {}, {"deadline": "2026-12-31"}):
            matter(TESTER, IN_EAST, kind="emergency.hazard", form=form)
        withdrawn = matter(TESTER, IN_EAST, kind="emergency.hazard", form={"level": "larger"})
        step(TESTER, withdrawn, "reject", note="none")
        matter(TESTER, IN_SOUTH, kind="emergency.hazard", form={"level": "larger"})
    expected = {IN_EAST_CODE: [1, 0, 2], EAST_STREET: [1, 0, 2], SOUTH_STREET: [0, 1, 0], "139900": [1, 1, 2]}
    assert {code: [bar.value for bar in body(panel, code).bars] for code in expected} == expected
    late = {code: figures(body(panel, code))["Hazards overdue"] for code in expected}
    assert late == {IN_EAST_CODE: 2, EAST_STREET: 2, SOUTH_STREET: 1, "139900": 3}


def test_a_promise_is_overdue_when_its_day_has_passed(switch_on: Callable[[str], GridPanel]) -> None:
    panel = switch_on("party")
    promised = {"household": "2-501", "promise": "mend the lamp"}
    with clock.turned(lambda: MONDAY):
        for form in (
            {**promised, "promise_due": "2026-11-19"},
            {**promised, "promise_due": "2026-11-20"},
            promised,
            {"household": "2-502"},
        ):
            matter(TESTER, IN_EAST, kind="party.visit", form=form)
        matter(TESTER, IN_SOUTH, kind="party.visit", form={**promised, "promise_due": "2026-11-10"})
        kept = matter(TESTER, IN_EAST, kind="party.visit", form={**promised, "promise_due": "2026-11-10"})
        for name in ("accept", "settle", "close"):
            step(TESTER, kept, name)
    with clock.turned(lambda: dt.datetime(2026, 9, 30, tzinfo=dt.UTC)):
        matter(TESTER, IN_EAST, kind="party.station_request", form={})
    here = body(panel, EAST_STREET)
    assert figures(here) == {"Open promises": 3, "Promises overdue": 1}
    assert rows(here) == {"Household visit of a member": [5, 4], "Request at a red station": [0, 0]}
    assert figures(body(panel, "139900")) == {"Open promises": 4, "Promises overdue": 2}


def test_a_dispute_is_settled_when_another_closed_it(switch_on: Callable[[str], GridPanel]) -> None:
    panel = switch_on("security")
    form = {"dispute_type": "neighbours"}
    with clock.turned(lambda: MONDAY):
        matter(TESTER, IN_EAST, kind="security.dispute", form=form)
        matter(TESTER, IN_EAST, kind="security.dispute", form={"dispute_type": "land", "risk": "high"})
        settled = matter(TESTER, IN_EAST, kind="security.dispute", form=form)
        step(TESTER, settled, "accept")
        step(person("grid_head", EAST_STREET), settled, "settle")
        step(TESTER, settled, "close")
        rejected = matter(TESTER, IN_EAST, kind="security.dispute", form=form)
        step(TESTER, rejected, "reject", note="none")
        matter(TESTER, IN_SOUTH, kind="security.dispute", form=form)
        for finished in (False, True):
            hazard = matter(TESTER, IN_EAST, kind="security.hazard_safety", form={"findings": ["gas"]})
            for name in ("accept", "settle", "close") if finished else ():
                step(TESTER, hazard, name, files=() if name == "accept" else (photo(TESTER),))
    here = body(panel, EAST_STREET)
    assert rows(here) == {"Neighbours": [1, 1], "Land taking": [1, 0]}
    assert figures(here) == {"Open disputes of high risk": 1, "Open safety hazards": 1}


def test_a_visit_is_late_when_the_next_one_was_not_made(switch_on: Callable[[str], GridPanel]) -> None:
    panel = switch_on("civil")
    with clock.turned(lambda: MONDAY):
        for day in ("2026-11-19", "2026-11-20", "2026-11-27", "2026-11-28"):
            matter(TESTER, IN_EAST, kind="civil.elder_visit", form={"dwelling": "6-3-102", "next_date": day})
        matter(TESTER, IN_EAST, kind="civil.elder_visit", form={"dwelling": "6-3-103"})
        matter(TESTER, IN_SOUTH, kind="civil.elder_visit", form={"dwelling": "1-1", "next_date": "2026-11-10"})
        made = matter(TESTER, IN_EAST, kind="civil.elder_visit", form={"dwelling": "2-1", "next_date": "2026-11-10"})
        for name in ("accept", "settle", "close"):
            step(TESTER, made, name)
        clue = {"household": "2-501", "event": "illness", "hardship": "medical", "urgent": True}
        matter(TESTER, IN_EAST, kind="civil.aid_clue", form=clue)
    here = body(panel, EAST_STREET)
    assert figures(here) == {"Visits due within a week": 2, "Visits late": 2, "Urgent clues": 1}
    assert rows(here) == {"Medical cost": [1]}


def test_a_panel_counts_what_one_may_see_and_hides_from_others(switch_on: Callable[[str], GridPanel]) -> None:
    panel = switch_on("emergency")
    with clock.turned(lambda: MONDAY):
        for spot in (IN_EAST, IN_SOUTH, IN_SOUTH):
            matter(TESTER, spot, kind="emergency.hazard", form={"level": "major"})
    southern = person("worker", SOUTH_STREET)
    assert [bar.value for bar in body(panel, "139900", southern).bars] == [2, 0, 0]
    forget_values("emergency")
    with create_app().test_request_context("/"):
        shown = {
            code: [view.plugin for view in panels_for([grid(code)], southern)] for code in (SOUTH_STREET, EAST_STREET)
        }
    assert shown == {SOUTH_STREET: ["emergency"], EAST_STREET: []}
