"""Plugins have a say when the grids change: they object by name, carry what is theirs, and fall without harm."""

from __future__ import annotations

import sys
from collections.abc import Callable
from inspect import isfunction
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from sqlalchemy import text
from wangge.testing import place

from core.actor import Actor
from core.db.session import reading, work
from core.errors import Refused
from core.grids.plans import service
from core.grids.plans.exporting import export_plan
from core.grids.plans.previewing import preview_plan
from core.plugin import hooks
from core.plugin.loading import load
from core.plugin.service import disable_plugin
from core.plugin.site import Site
from core.plugin.wheel import inspect_plugin
from core.settings import get_settings
from tests.beginning import begins_with
from tests.integration.grids.bringing import proven, written
from tests.integration.grids.plans import SPLIT, codes, draft, run, submitted, two_counties
from tests.integration.plugins.conftest import CLUMSY, EVERYTHING
from web import hooks as page_hooks
from web.hooks import SPECS

HALVES: Any = {**SPLIT, "codes": ["139911", "139912"]}
"""Retires the western county."""


template = begins_with(two_counties)
pytestmark = pytest.mark.usefixtures("database")


@pytest.fixture
def running(
    site: Site, operator: Actor, built: Callable[[Path], Path], monkeypatch: pytest.MonkeyPatch
) -> Callable[..., None]:
    """Switches a plugin on in this process; the clumsy one stumbles where told."""

    def switch_on(project: Path, where: str = "nowhere") -> None:
        monkeypatch.setenv("WANGGE_CLUMSY", where)
        place(inspect_plugin(built(project)), operator)
        sys.modules.pop("wangge_clumsy", None)
        assert load(site.settings, SPECS, operator).failures == {}

    return switch_on


def plant(name: str, lon: float) -> None:
    """A tree on 39.1° N."""
    from wangge.grids import locate
    from wangge_everything.models import Tree

    with work(Actor("system", "tests", "Tests", all_rights=True)) as session:
        ((spot, grid_id),) = locate(session, [(lon, 39.1)])
        session.add(Tree(name=name, place=spot, grid_id=grid_id))


def gardeners(operator: Actor) -> list[tuple[str, str]]:
    sql = (
        "select s.code, g.name from plugin_everything.gardener g"
        " join core.grid_state s on s.grid_id = g.grid_id and upper_inf(s.valid) order by 1, 2"
    )
    with reading(operator) as session:
        return [(row[0], row[1]) for row in session.execute(text(sql))]


def appoint(operator: Actor, *pairs: tuple[str, str]) -> None:
    from wangge.grids import grid_by_code
    from wangge_everything.models import Gardener

    with work(operator) as session:
        for code, name in pairs:
            grid = grid_by_code(session, code)
            assert grid is not None
            session.add(Gardener(grid_id=grid.id, name=name))


def marked(module: ModuleType, mark: str) -> set[str]:
    return {name for name, value in vars(module).items() if isfunction(value) and hasattr(value, mark)}


def test_every_hook_is_used_by_the_living_example(running: Callable[..., None]) -> None:
    running(EVERYTHING)
    specified = marked(hooks, "wangge_spec") | marked(page_hooks, "wangge_spec")
    assert marked(sys.modules["wangge_everything"], "wangge_impl") == specified


def test_what_hangs_on_a_grid_is_carried_and_a_preview_keeps_nothing(
    running: Callable[..., None], operator: Actor
) -> None:
    running(EVERYTHING)
    appoint(operator, ("139901", "老李"), ("139902", "老王"))
    plan = draft("139900", HALVES)
    with work(operator) as session:
        assert preview_plan(session, plan.id).objections == ()
    assert gardeners(operator) == [("139901", "老李"), ("139902", "老王")]
    run("139900", HALVES)
    assert gardeners(operator) == [("139902", "老王"), ("139911", "老李"), ("139912", "老李")]
    run("139900", {"op": "merge", "grids": ["139911", "139912"], "code": "139920"})
    assert gardeners(operator) == [("139902", "老王"), ("139920", "老李")]


def test_an_objection_names_the_plugin_and_stops_submitting_and_applying(
    running: Callable[..., None], operator: Actor, site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    running(EVERYTHING)
    for number, lon in enumerate((116.05, 116.15, 116.25)):
        plant(f"树{number}", lon)
    merge = {"op": "merge", "grids": ["139901", "139902"]}
    plan = submitted("139900", merge)
    with work(operator) as session:
        plan = service.approve(session, plan.id, plan.version)
    monkeypatch.setitem(get_settings().plugins, "everything", {"most_in_a_grid": 2})
    with work(operator) as session:
        (objection,) = preview_plan(session, plan.id).objections
    assert objection.plugin == "everything"
    assert str(objection.text) == "Every hook: Grid 139901 would have 3 trees, more than 2"
    before = written()
    with pytest.raises(Refused) as refused, work(operator) as session:
        service.apply_plan(session, plan.id, plan.version)
    assert refused.value.objections == (objection,)
    assert written() == before
    with pytest.raises(Refused, match="objections"):
        submitted("139900", merge)
    disable_plugin(operator, site, "everything")
    with work(operator) as session:
        assert service.apply_plan(session, plan.id, plan.version).exact


def test_a_plan_that_meets_an_objection_is_still_handed_out_as_a_file(
    running: Callable[..., None], operator: Actor, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    running(EVERYTHING)
    for number, lon in enumerate((116.05, 116.25)):
        plant(f"树{number}", lon)
    monkeypatch.setitem(get_settings().plugins, "everything", {"most_in_a_grid": 1})
    plan = draft("139900", {"op": "merge", "grids": ["139901", "139902"]})
    with work(operator) as session:
        assert len(preview_plan(session, plan.id).objections) == 1
        assert export_plan(session, plan.id, tmp_path / "plan.gpkg") == (2, 1)
    assert codes() == ["139900", "139901", "139902"]


@pytest.mark.parametrize(
    ("where", "why"),
    [("check_grid_change", "stumbled at"), ("statement", "division by zero"), ("strange", "it gave str")],
)
def test_a_check_that_falls_is_an_objection(
    where: str, why: str, running: Callable[..., None], operator: Actor
) -> None:
    running(CLUMSY, where)
    plan = draft("139900", SPLIT)
    with work(operator) as session:
        (objection,) = preview_plan(session, plan.id).objections
    assert (objection.plugin, objection.code) == ("clumsy", "plugin-failed")
    assert why in str(objection.text)


def test_who_cannot_carry_a_change_undoes_the_whole(running: Callable[..., None], operator: Actor) -> None:
    running(CLUMSY, "carry_grid_change")
    before = written(), codes()
    with pytest.raises(Refused, match=r"Clumsy cannot follow the change.*stumbled at carry_grid_change"):
        run("139900", SPLIT)
    assert (written(), codes()) == before
    assert proven().exact
