"""The life of a plan on its pages: given up, taken back, approved in a dialog, listed, and what others read of it."""

from __future__ import annotations

import re
from typing import Any
from uuid import UUID

import pytest
from flask.testing import FlaskClient
from sqlalchemy import text

from core.access.commands import IssueToken
from core.access.sessions import issue_token
from core.db.session import work
from core.grids.plans import service
from core.grids.plans.views import PlanView
from tests.e2e.clients import TESTER, admin_client
from tests.integration.access.making import actor, person
from tests.integration.grids.plans import applied, approved, draft, report, run, submitted
from tests.integration.grids.planting import plant
from web.app import create_app

STREET = "139901001"
RENAME = {"op": "rename", "grid": STREET, "name": "东大街街道"}
SPLIT = {"op": "split", "grid": "139902", "line": [[116.3, 38.95], [116.3, 39.45]], "codes": ["139902", "139903"]}


@pytest.fixture
def client(database: str) -> FlaskClient:
    plant()
    return admin_client(accept="text/html")


def signed(user_id: UUID) -> FlaskClient:
    """Somebody's browser."""
    with work(TESTER) as session:
        token = issue_token(session, IssueToken(user_id, "tests"))
    found = create_app().test_client()
    found.environ_base["HTTP_AUTHORIZATION"] = f"Bearer {token}"
    found.environ_base["HTTP_ACCEPT"] = "text/html"
    return found


def page(client: FlaskClient, address: str, status: int = 200) -> str:
    answer = client.get(address)
    assert answer.status_code == status, answer.get_data(as_text=True)
    return answer.get_data(as_text=True)


def sent(client: FlaskClient, plan: PlanView, act: str, status: int = 303, **values: Any) -> str:
    """What the page says after a step."""
    answer = client.post(f"/grids/plans/{plan.id}/{act}", data={"version": plan.version, **values})
    assert answer.status_code == status, answer.get_data(as_text=True)
    return page(client, answer.headers["Location"]) if status == 303 else answer.get_data(as_text=True)


def test_a_plan_in_a_grid_that_ended_can_be_given_up_and_nothing_else(client: FlaskClient) -> None:
    who = actor(person("drawer", "gis_admin"))
    plan = draft("139902", {"op": "rename", "grid": "139902", "name": "大东县"}, actor=who)
    run("139900", {"op": "retire", "grid": "139902", "into": "139901002001"})
    shown = page(client, f"/grids/plans/{plan.id}")
    assert "请作废此方案" in shown
    assert f"/grids/plans/{plan.id}/withdraw" in shown
    assert f"/grids/plans/{plan.id}/edit" not in shown
    with work(who) as session:
        given_up = service.withdraw(session, plan.id, plan.version)
    assert given_up.state == "withdrawn"
    shown = page(client, f"/grids/plans/{plan.id}")
    assert re.search(rf"{who.name} 已于 [^<]*\d\d:\d\d 作废此方案", shown)


def test_who_drew_takes_a_plan_back_before_it_is_decided_on(client: FlaskClient) -> None:
    drawer_id, other_id = person("drawer", "gis_admin"), person("other", "gis_admin")
    plan = submitted("139901", RENAME, actor=actor(drawer_id))
    other, drawer = signed(other_id), signed(drawer_id)
    assert "/recall" not in page(other, f"/grids/plans/{plan.id}")
    assert "只有编制人可以收回" in sent(other, plan, "recall")
    assert "待审批" in page(other, f"/grids/plans/{plan.id}")
    assert "/recall" in page(drawer, f"/grids/plans/{plan.id}")
    shown = sent(drawer, plan, "recall")
    assert "方案已收回" in shown
    assert f'href="/grids/plans/{plan.id}/edit"' in shown
    assert "已退回" not in shown
    assert "收回修改" in page(drawer, "/grids/plans")


def test_a_draft_without_a_step_boasts_of_nothing(client: FlaskClient) -> None:
    empty, drawn = draft("139901"), draft("139901", RENAME)
    for words in ("无缝隙", "涉及的网格"):
        assert words not in page(client, f"/grids/plans/{empty.id}")
        assert words in page(client, f"/grids/plans/{drawn.id}")


def test_nobody_has_decided_on_a_plan_that_is_handed_in_again(client: FlaskClient) -> None:
    drawer_id = person("drawer", "gis_admin")
    plan = submitted("139901", RENAME, actor=actor(drawer_id))
    drawer, own, print_out = signed(drawer_id), f"/grids/plans/{plan.id}", f"/grids/plans/{plan.id}/print"
    sent(drawer, plan, "recall")
    for address in (own, print_out):
        facts = told(page(drawer, address))
        assert facts["收回人"] == "drawer 同志"
        assert "收回时间" in facts
        assert not {"审批人", "审批时间"} & facts.keys()
    assert columns(page(drawer, "/grids/plans"), "审批人") == ["—"]
    with work(actor(drawer_id)) as session:
        plan = service.submit(session, plan.id, plan.version + 1)
    assert not {"审批人", "审批时间", "收回人"} & told(page(drawer, own)).keys()
    assert told(page(drawer, print_out))["审批人"] == "—"
    assert columns(page(drawer, "/grids/plans"), "审批人") == ["—"]
    answer = drawer.get(f"/api/v1/plans/{plan.id}").get_json()
    assert (answer["decided_by"], answer["decided_at"]) == (None, None)
    sent(client, plan, "return", comment="边界不对")
    assert {"退回人", "退回时间"} <= told(page(drawer, own)).keys()
    with work(actor(drawer_id)) as session:
        service.withdraw(session, plan.id, plan.version + 1)
    facts = told(page(drawer, own))
    assert facts["作废人"] == "drawer 同志"
    assert "作废时间" in facts
    assert "审批时间" not in facts
    assert columns(page(drawer, "/grids/plans"), "审批人") == ["—"]


def test_a_plan_that_nobody_can_decide_on_says_so_and_what_to_do(client: FlaskClient) -> None:
    with work(TESTER) as session:
        admin = session.execute(text("select id from core.user_account")).scalar_one()
    plan = submitted("139901", RENAME, actor=actor(admin))
    shown = page(client, f"/grids/plans/{plan.id}")
    notice = shown.split("没有人可以审批此方案")[1].split("</div>")[0]
    assert "地图管理员、领导" in notice
    assert "安全管理员" in notice
    assert 'href="/users"' in notice
    drawer = person("drawer", "gis_admin")
    assert "没有人可以审批此方案" not in page(client, f"/grids/plans/{plan.id}")
    own = submitted("139902", {"op": "rename", "grid": "139902", "name": "大东县"}, actor=actor(drawer))
    assert "没有人可以审批此方案" not in page(signed(drawer), f"/grids/plans/{own.id}")


def told(shown: str) -> dict[str, str]:
    """The facts of a page by their labels."""
    pairs = re.findall(r"<dt[^>]*>(.*?)</dt>\s*<dd[^>]*>(.*?)</dd>", shown, re.S)
    return {label.strip(): re.sub(r"<[^>]+>", "", value).strip() for label, value in pairs}


def columns(shown: str, title: str) -> list[str]:
    """What stands in one column of the page's only table."""
    titles = [re.sub(r"<[^>]+>", "", cell).strip() for cell in re.findall(r"<th[^>]*>(.*?)</th>", shown, re.S)]
    rows = re.findall(r"<tr[^>]*>(.*?)</tr>", shown[shown.index("<tbody") :], re.S)
    cells = [re.findall(r"<td[^>]*>(.*?)</td>", row, re.S) for row in rows]
    return [re.sub(r"<[^>]+>", "", row[titles.index(title)]).strip() for row in cells]


def test_a_moment_that_is_missing_or_past_is_told_and_what_was_typed_stays(client: FlaskClient) -> None:
    plan = submitted("139901", RENAME, actor=actor(person("drawer", "gis_admin")))
    typed = {"when": "later", "effective_on": "2026-12-01"}
    shown = sent(client, plan, "approve", 422, apply_at="", **typed)
    assert "请填写" in shown
    assert re.search(r'value="later"[^>]*checked', shown)
    assert 'value="2026-12-01"' in shown
    shown = sent(client, plan, "approve", 422, apply_at="2020-01-02T03:04", **typed)
    assert "时间 2020-01-02 03:04 已过：请填写更晚的时间" in shown
    assert "不填则立即生效" not in shown
    assert 'value="2020-01-02T03:04"' in shown
    assert "生效方式" in shown
    assert "待审批" in page(client, f"/grids/plans/{plan.id}")


def test_the_list_carries_numbers_of_steps_and_of_plans_by_state(client: FlaskClient) -> None:
    draft("139901", RENAME, {"op": "rename", "grid": "139901", "name": "大西县"})
    draft("139901", RENAME)
    submitted("139901", RENAME)
    answer = client.get("/api/v1/plans?state=draft&limit=1").get_json()
    [one] = answer["items"]
    assert (one["steps"], "operations" in one, answer["next"]) == (1, False, 1)
    [two] = client.get("/api/v1/plans?state=draft&limit=1&after=1").get_json()["items"]
    assert two["steps"] == 2
    shown = page(client, "/grids/plans")
    tabs = dict(re.findall(r'href="/grids/plans(?:\?state=)?(\w*)"[^>]*>\s*[^<]+<span class="count">(\d+)<', shown))
    assert (tabs[""], tabs["draft"], tabs["submitted"], tabs["applied"]) == ("3", "2", "1", "0")


def test_steps_of_an_applied_plan_tell_the_names_from_before_it(client: FlaskClient) -> None:
    plan = approved("139901", RENAME)
    applied(plan.id, plan.version)
    for address in (f"/grids/plans/{plan.id}", f"/grids/plans/{plan.id}/print"):
        shown = page(client, address)
        assert "将 东街街道 139901001 更名为 东大街街道" in shown
        assert "东街街道 →" in shown


def test_steps_name_the_grids_that_earlier_ones_bore_as_they_were_called_then(client: FlaskClient) -> None:
    plan = approved(
        "139900",
        {**SPLIT, "names": ["东县", "中县"]},
        {"op": "rename", "grid": "139903", "name": "柳荫县"},
        {"op": "recode", "grid": "139903", "code": "139904"},
        {"op": "rename", "grid": "139904", "name": "槐荫县"},
    )
    foretold = page(client, f"/grids/plans/{plan.id}")
    applied(plan.id, plan.version)
    for shown in (foretold, *(page(client, f"/grids/plans/{plan.id}{part}") for part in ("", "/print"))):
        for step in (
            "将 中县 139903 更名为 柳荫县",
            "将 柳荫县 139903 的编码改为 139904",
            "将 柳荫县 139904 更名为 槐荫县",
        ):
            assert step in shown, step


def test_a_step_that_falls_out_is_told_by_the_name_of_the_grid_that_an_earlier_one_bore(client: FlaskClient) -> None:
    drawer_id = person("drawer", "gis_admin")
    steps = {**SPLIT, "names": ["东县", "中县"]}, {"op": "rename", "grid": "139903", "name": "柳荫县"}
    plan = submitted("139900", *steps, actor=actor(drawer_id))
    run("139900", {**SPLIT, "codes": ["139902", "139913"]})
    shown = sent(signed(drawer_id), plan, "rebase")
    assert "将 中县 139903 更名为 柳荫县" in shown
    again = page(client, f"/grids/plans/{plan.id}")
    notice = again.partition("未能保留")[2].partition("</ul>")[0]
    assert "将 中县 139903 更名为 柳荫县" in notice, "whoever comes back reads it still"
    assert ":" not in re.sub(r"<[^>]*>", "", notice), "no half-width colon in Chinese"


def test_the_print_of_an_applied_plan_tells_what_moved_and_when_it_was_decided(client: FlaskClient) -> None:
    report(116.35, 39.1)
    plan = approved("139900", SPLIT)
    applied(plan.id, plan.version)
    shown = page(client, f"/grids/plans/{plan.id}/print")
    for words in ("事项", "1 条改换了网格", "提交", "审批时间", "生效时间"):
        assert words in shown, words


def test_what_followed_its_grid_to_another_parent_stays_told_once_the_plan_is_applied(client: FlaskClient) -> None:
    report(116.05, 39.05)
    plan = approved("139900", {"op": "move", "grid": f"{STREET}001", "parent": "139901002"})
    foretold = page(client, f"/grids/plans/{plan.id}")
    applied(plan.id, plan.version)
    reader = signed(person("reader", "worker", grid="139902"))
    for shown in (foretold, *(page(client, f"/grids/plans/{plan.id}{part}") for part in ("", "/print"))):
        assert "事项 1 条所在网格不变，但随之改换上级" in shown
        assert "没有任何内容改换网格" not in shown
    assert "随之改换上级" not in page(reader, f"/grids/plans/{plan.id}")


def test_what_would_move_is_told_with_the_names_of_both_grids(client: FlaskClient) -> None:
    report(116.35, 39.1)
    plan = submitted("139900", {**SPLIT, "names": ["西半县", "东半县"]})
    for part in ("", "/print"):
        told = page(client, f"/grids/plans/{plan.id}{part}").partition("改换网格的内容")[2].partition("</table>")[0]
        names = re.findall(r"<td[^>]*>([^<]*县)<", told)
        assert names == ["东县", "东半县"]


def test_what_moved_is_told_to_those_alone_who_may_draw_or_decide_there(client: FlaskClient) -> None:
    report(116.35, 39.1)
    plan = approved("139900", SPLIT)
    applied(plan.id, plan.version)
    assert "条改换了网格" in page(client, f"/grids/plans/{plan.id}")
    worker = signed(person("worker", "worker", grid="139901001001"))
    for address in (f"/grids/plans/{plan.id}", f"/grids/plans/{plan.id}/print"):
        shown = page(worker, address)
        assert "139903" in shown.replace(" ", "")
        assert "条改换了网格" not in shown


def test_grids_that_changed_since_are_told_as_they_were_drawn_on_and_as_they_stand(client: FlaskClient) -> None:
    plan = draft("139901", RENAME)
    assert f"/grids/plans/{plan.id}/submit" in page(client, f"/grids/plans/{plan.id}")
    run("139901", {"op": "rename", "grid": STREET, "name": "新东街街道"})
    shown = page(client, f"/grids/plans/{plan.id}")
    assert f"/grids/plans/{plan.id}/submit" not in shown
    assert f"/grids/plans/{plan.id}/rebase" in shown
    assert "编制方案之后已有变动" in shown
    assert re.search(r"东街街道 · [\d.]+ km²", shown)
    assert re.search(r"新东街街道 · [\d.]+ km²", shown)
    assert f'href="/grids/{STREET}?tab=history"' in shown


def test_what_was_decided_by_commands_is_told_to_be(client: FlaskClient) -> None:
    plan = submitted("139901", RENAME, actor=actor(person("drawer", "gis_admin")))
    with work(TESTER) as session:
        service.approve(session, plan.id, plan.version)
    for part in ("", "/print"):
        shown = page(client, f"/grids/plans/{plan.id}{part}")
        assert "命令行（tester）" in shown
        assert "命令行（drawer）" not in shown
    assert "命令行（tester）" in page(client, "/grids/plans")
    assert client.get(f"/api/v1/plans/{plan.id}").json["decided_by"] == "命令行（tester）"
    assert "命令行（tester）" in page(signed(person("auditor", "audit_admin")), "/journal")


def test_a_plan_that_is_drawn_anew_is_a_draft_again(client: FlaskClient) -> None:
    drawer_id = person("drawer", "gis_admin")
    plan = submitted("139901", RENAME, actor=actor(drawer_id))
    run("139901", {"op": "rename", "grid": STREET, "name": "新东街街道"})
    shown = sent(signed(drawer_id), plan, "rebase")
    assert "草稿" in shown
    assert "已退回" not in shown


def test_a_name_with_a_per_cent_sign_does_no_harm(client: FlaskClient) -> None:
    run("139901", {"op": "rename", "grid": STREET, "name": "50%街道 %s %(x)s"})
    plan = draft(STREET, {"op": "rename", "grid": STREET, "name": "100%街道"})
    addresses = (
        f"/grids/plans/{plan.id}", f"/grids/plans/{plan.id}/print", f"/grids/plans/{plan.id}/edit", "/grids/plans",
        f"/grids/{STREET}", f"/grids/{STREET}/print", f"/grids/{STREET}/card",
    )  # fmt: skip
    for address in addresses:
        assert "50%街道" in page(client, address), address


def test_a_step_that_takes_a_change_back_says_so(client: FlaskClient) -> None:
    plan = approved("139900", SPLIT)
    applied(plan.id, plan.version)
    answer = client.post(f"/grids/plans/{plan.id}/revert", data={})
    shown = page(client, answer.headers["Location"])
    assert "撤回一次变更" in shown
    assert "用文件中的网格替换" not in shown


def test_one_grid_is_told_in_the_singular(client: FlaskClient) -> None:
    plan = submitted("139901", RENAME, actor=actor(person("drawer", "gis_admin")))
    assert "1 grid begins, ends or changes." in page(client, f"/grids/plans/{plan.id}?lang=en")
    assert "共 1 个网格新设、撤销或变动。" in page(client, f"/grids/plans/{plan.id}?lang=zh")
