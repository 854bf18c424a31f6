"""Tasks of departments through the API, the page and the command line, on the real application."""

from __future__ import annotations

import json
import re
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from uuid import UUID

import pytest
from apiflask import APIFlask
from click.testing import CliRunner

from core.db.session import connect
from tests.integration.matters.doors import Person, body_of_report
from tests.integration.matters.people import SOUTH_STREET, TESTER, matter, read, step
from web.cli.main import main


@pytest.fixture
def officer(app: APIFlask, offices: dict[str, UUID]) -> Person:
    """Somebody of the department CG, with no right in the grid of the matters."""
    return Person(app, "officer", "officer", SOUTH_STREET, offices["CG"])


def accepted(head: Person) -> str:
    found = str(head.api("POST", "/matters", json=body_of_report()).json["id"])
    assert head.api("POST", f"/matters/{found}/steps/accept", json={"version": 1}).status_code == 200
    return found


def whistled() -> UUID:
    found = matter(TESTER)
    step(TESTER, found, "accept")
    step(TESTER, found, "whistle", lead="CG", assist=("SZ",))
    return found


def test_a_step_s_answer_carries_tasks_and_clocks_and_the_department_goes_on(head: Person, officer: Person) -> None:
    found = accepted(head)
    assert officer.api("GET", f"/matters/{found}").status_code == 404
    body = {"version": 2, "lead": "CG", "assist": ["SZ"], "limit": "4wh", "note": "路口塌陷"}
    called = head.api("POST", f"/matters/{found}/steps/whistle", json=body)
    assert called.status_code == 200, called.text
    assert [(task["department"], task["name"], task["role"], task["state"]) for task in called.json["tasks"]] == [
        ("CG", "城管局", "lead", "offered"), ("SZ", "市政所", "assist", "offered")
    ]  # fmt: skip
    assert set(called.json["tasks"][0]) == {
        *("id", "department", "name", "role", "state", "round", "version", "handler", "binding", "proposed"),
        *("offered_at", "claimed_at", "ended_at"),
    }
    assert [clock["name"] for clock in called.json["clocks"]] == ["handle", "claim", "claim"]
    assert {clock["task"] for clock in called.json["clocks"]} == {None, *(task["id"] for task in called.json["tasks"])}
    listed = officer.api("GET", "/matters?tab=mine").json["items"]
    assert [item["id"] for item in listed] == [found]
    taken = officer.api("POST", f"/matters/{found}/steps/claim", json={"version": 3})
    assert (taken.status_code, taken.json["state"], taken.json["handler"]) == (200, "handling", "officer")
    assert taken.json["tasks"][0]["state"] == "claimed"
    assert officer.api("GET", f"/matters/{found}").json["steps"] == ["assign", "waive", "note"]


@pytest.mark.parametrize(
    ("name", "body", "pointer"),
    [
        ("whistle", {}, "/lead"),
        ("whistle", {"lead": "CG", "assist": ["SZ", "XX"]}, "/assist/1"),
        ("whistle", {"lead": "CG", "task": "x"}, "/task"),
        ("whistle", {"lead": "CG", "limit": "tomorrow"}, "/limit"),
        ("settle", {"lead": "CG"}, "/lead"),
        ("relocate", {"place": {"lon": "east", "lat": 39}}, "/place/lon"),
    ],
)
def test_each_step_takes_what_is_its_own_and_says_what_is_wrong_with_it(
    head: Person, offices: dict[str, UUID], name: str, body: dict[str, Any], pointer: str
) -> None:
    found = accepted(head)
    answer = head.api("POST", f"/matters/{found}/steps/{name}", json=body | {"version": 2})
    assert (answer.status_code, answer.mimetype) == (422, "application/problem+json")
    assert [fault["pointer"] for fault in answer.json["errors"]] == [pointer]
    assert head.api("GET", f"/matters/{found}").json["version"] == 2


def test_a_step_that_there_is_not_is_not_found(head: Person) -> None:
    answer = head.api("POST", f"/matters/{accepted(head)}/steps/whisle", json={"version": 2})
    assert (answer.status_code, answer.mimetype) == (404, "application/problem+json")


def test_of_two_of_a_department_at_once_one_has_the_task_and_the_other_is_shown_the_state(
    app: APIFlask, offices: dict[str, UUID], officer: Person
) -> None:
    second = Person(app, "second", "officer", SOUTH_STREET, offices["CG"])
    found = whistled()

    def claim(who: Person) -> Any:
        headers = {"Authorization": f"Bearer {who.token}"}
        address = f"/api/v1/matters/{found}/steps/claim"
        return app.test_client().post(address, json={"version": 3}, headers=headers)

    with ThreadPoolExecutor(2) as pool:
        first, late = sorted(pool.map(claim, (officer, second)), key=lambda answer: answer.status_code)
    assert (first.status_code, late.status_code) == (200, 409)
    assert (late.json["theirs"]["state"], late.json["theirs"]["version"]) == ("handling", 4)
    assert late.json["mine"] == {"version": 3, "step": "claim"}
    assert late.json["base"]["state"] == "whistled"
    again = second.api("POST", f"/matters/{found}/steps/claim", json={"version": 4})
    assert (again.status_code, again.json["errors"][0]["code"]) == (409, "no-task")


def test_the_page_calls_departments_and_keeps_what_was_chosen_after_a_fault(
    head: Person, offices: dict[str, UUID]
) -> None:
    found = accepted(head)
    page = head.page(f"/matters/{found}").text
    dialog = page[page.index('<dialog id="step-whistle"') :]
    assert re.search(r'<select class="control" id="f-whistle-lead" name="lead" required', dialog)
    assert '<option value="CG">城管局 (CG)</option>' in dialog
    sent = {"version": "2", "lead": "CG", "assist": ["SZ", "CG"], "note": "三家到场"}
    refused = head.send(f"/matters/{found}/steps/whistle", **sent)
    assert refused.status_code == 422
    dialog = refused.text[refused.text.index('<dialog id="step-whistle"') :]
    assert re.search(r'id="f-whistle-assist-error">[^<]*该部门在本事项中已有任务', dialog)
    assert '<option value="CG" selected>' in dialog
    assert re.search(r'name="assist" value="SZ" checked', dialog)
    assert "三家到场</textarea>" in dialog
    assert head.send(f"/matters/{found}/steps/whistle", **(sent | {"assist": ["SZ"]})).status_code == 302
    page = head.page(f"/matters/{found}").text
    assert "已吹哨" in page
    assert "牵头部门：城管局" in page
    assert re.search(r"<td>市政所\s*</td>\s*<td[^>]*>协办", page)


def test_the_department_s_page_takes_up_and_reports_back_and_somebody_else_checks(
    head: Person, officer: Person
) -> None:
    found = whistled()
    assert str(found) in officer.page("/matters").text
    assert officer.send(f"/matters/{found}/steps/claim", version="3").status_code == 302
    early = officer.send(f"/matters/{found}/steps/feed_back", version="4", note="补好了")
    assert early.status_code == 409
    assert "还有协办部门没有反馈结果" in early.text
    assert "补好了" in early.text
    waived = officer.send(f"/matters/{found}/steps/waive", version="4", note="市政不需要")
    assert waived.status_code == 302, waived.text
    assert officer.send(f"/matters/{found}/steps/feed_back", version="5", note="").status_code == 422
    assert officer.send(f"/matters/{found}/steps/feed_back", version="5", note="补好了").status_code == 302
    assert "step-verify" not in officer.page(f"/matters/{found}").text
    missing = head.send(f"/matters/{found}/steps/verify", version="6", note="看过")
    assert missing.status_code == 422
    assert "f-verify-outcome-error" in missing.text
    assert head.send(f"/matters/{found}/steps/verify", version="6", outcome="solved").status_code == 302
    page = head.page(f"/matters/{found}").text
    assert "解决" in page
    rows = dict(re.findall(r"<td>(城管局|市政所)\s*</td>(.*?)</tr>", page, re.S))
    assert "按时完成" in rows["城管局"]
    assert "已免办" in rows["市政所"]
    assert "按时完成" not in rows["市政所"], "what was waived was not done in time"
    assert (read(TESTER, found).state, read(TESTER, found).outcome) == ("closed", "solved")
    paper = head.page(f"/matters/{found}/print").text
    assert re.search(r"<td>市政所\s*</td>\s*<td[^>]*>协办", paper)


def test_the_command_line_takes_what_a_step_takes(database: str, offices: dict[str, UUID]) -> None:
    found = matter(TESTER)
    step(TESTER, found, "accept")

    def run(*arguments: str) -> Any:
        done = CliRunner().invoke(main, ["matter", "step", str(found), *arguments])
        connect(database)
        return done

    wrong = run("whistle", "--given", '{"lead": "XX"}')
    assert (wrong.exit_code, "XX" in wrong.stderr) == (1, True)
    done = run("whistle", "--given", '{"lead": "CG", "assist": ["SZ"]}', "--note", "到场", "--json")
    assert done.exit_code == 0, (done.output, done.exception)
    assert [task["department"] for task in json.loads(done.stdout)["tasks"]] == ["CG", "SZ"]
    assert "lead" in run("claim", "--given", json.dumps({"task": json.loads(done.stdout)["tasks"][0]["id"]})).stdout
    assert read(TESTER, found).state == "handling"
