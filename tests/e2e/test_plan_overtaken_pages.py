"""A plan that the city has overtaken, as whoever decides sees it: given back with words, and shown without gaps."""

from __future__ import annotations

import re

import pytest
from flask.testing import FlaskClient

from core.grids.plans.views import PlanView
from tests.e2e.clients import admin_client
from tests.e2e.test_plan_life_pages import SPLIT, page, sent, signed
from tests.integration.access.making import actor, person
from tests.integration.grids.plans import approved, run, submitted
from tests.integration.grids.planting import plant

RENAME = {"op": "rename", "grid": "139901001", "name": "东大街街道"}
NAMED = {**SPLIT, "names": ["东县", "中县"]}
GIVE_BACK = re.compile(r'<a class="btn btn-primary"[^>]*data-dialog="return"|data-dialog="return"[^>]*btn-primary')


@pytest.fixture
def reviewer(database: str) -> FlaskClient:
    """Who may decide, and did not draw."""
    plant()
    admin_client(accept="text/html")
    return signed(person("reviewer", "gis_admin"))


def overtaken() -> PlanView:
    """A split of a county, which is split otherwise since, and another name for a street."""
    plan = submitted("139900", NAMED, RENAME, actor=actor(person("drawer", "gis_admin")))
    run("139900", {**SPLIT, "line": [[116.35, 38.95], [116.35, 39.45]], "names": ["东县", "新县"]})
    return plan


def test_giving_back_is_what_is_offered_first_with_words_prepared(reviewer: FlaskClient) -> None:
    plan = overtaken()
    shown = page(reviewer, f"/grids/plans/{plan.id}")
    assert f"/grids/plans/{plan.id}/approve" not in shown
    assert GIVE_BACK.search(shown)
    assert "只有编制人（drawer 同志）可以将方案更新到当前边界。请退回方案" in shown
    [prepared] = re.findall(r'<textarea[^>]*name="comment"[^>]*>([^<]*)</textarea>', shown)
    assert "以下网格已有变动：东县" in prepared
    returned = sent(reviewer, plan, "return", comment=prepared)
    assert prepared.strip() in returned


def test_an_approval_under_way_is_refused_with_what_the_person_can_do(reviewer: FlaskClient) -> None:
    plan = overtaken()
    shown = sent(reviewer, plan, "approve", when="now")
    assert "请退回方案，由编制人更新到当前边界" in shown
    assert "变动：139902；请将方案更新到当前边界" not in shown
    assert "待审批" in shown


def test_an_approved_plan_that_is_overtaken_is_not_put_in_force_but_given_back(reviewer: FlaskClient) -> None:
    plan = approved("139901", RENAME)
    assert f"/grids/plans/{plan.id}/apply" in page(reviewer, f"/grids/plans/{plan.id}")
    run("139901", {**RENAME, "name": "新东街街道"})
    shown = page(reviewer, f"/grids/plans/{plan.id}")
    assert f"/grids/plans/{plan.id}/apply" not in shown
    assert GIVE_BACK.search(shown)


def test_the_maps_say_which_steps_they_leave_out_and_why(reviewer: FlaskClient) -> None:
    plan = overtaken()
    for address in (f"/grids/plans/{plan.id}", f"/grids/plans/{plan.id}/print"):
        shown = page(reviewer, address)
        left_out = shown[shown.index("图中未显示以下步骤") : shown.index("<wg-compare-map")]
        assert re.search(r"第 1 步：将 东县 139902 拆分为 东县、中县<[^>]*>[^<]*139903 ", left_out)
        assert "第 2 步" not in left_out
    fits = submitted("139901", RENAME)
    assert "图中未显示" not in page(reviewer, f"/grids/plans/{fits.id}")


@pytest.mark.parametrize("sheet", ["", "/print"])
def test_there_are_no_maps_where_no_step_fits(reviewer: FlaskClient, sheet: str) -> None:
    plan = submitted("139900", NAMED)
    run("139900", {"op": "recode", "grid": "139902", "code": "139912"})
    shown = page(reviewer, f"/grids/plans/{plan.id}{sheet}")
    assert "第 1 步：" in shown
    assert "<wg-compare-map" not in shown
    assert "图中未显示" not in shown
    assert "所有步骤都已不适用于当前边界" in shown


def test_of_a_grid_that_ended_it_is_told_when_and_where_its_area_went(reviewer: FlaskClient) -> None:
    plan = submitted("139900", {**RENAME, "grid": "139901001001"})
    run("139901001", {"op": "merge", "grids": ["139901001002", "139901001001"]})
    shown = page(reviewer, f"/grids/plans/{plan.id}")
    row = shown[shown.index("已撤销<") : shown.index("?tab=history")]
    assert re.search(r'此后归入： <a href="/grids/139901001002">三里社区', row)
    assert re.search(r"20\d\d", row)


def test_on_paper_an_overtaken_plan_says_so_and_asks_for_no_signature(reviewer: FlaskClient) -> None:
    fits = submitted("139901", RENAME)
    assert "signatures" in page(reviewer, f"/grids/plans/{fits.id}/print")
    plan = overtaken()
    shown = page(reviewer, f"/grids/plans/{plan.id}/print")
    assert "方案目前无法执行" in shown
    assert "139902" in shown[shown.index("方案目前无法执行") : shown.index("<h2>")]
    assert "signatures" not in shown
