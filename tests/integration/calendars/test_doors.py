"""Calendars and clocks through the API and the pages."""

from __future__ import annotations

import io
import json
from collections.abc import Iterator
from typing import Any

import pytest
from apiflask import APIFlask
from click.testing import CliRunner

from core.db.session import connect
from core.matters.kinds import MatterKind, Stage, register_kind, unregister
from tests.beginning import begins_with
from tests.integration.grids.planting import planted
from tests.integration.matters.doors import Person, body_of_report
from tests.unit.calendars.paper import NOTICE
from web.cli.main import main

BUILD = MatterKind(
    "test.build", "Build", limit="20wd", auto_close=True, stages=(Stage("stop", "Stop the work", "4wh"),)
)


template = begins_with(planted)
pytestmark = pytest.mark.usefixtures("database")


@pytest.fixture
def admin(app: APIFlask) -> Person:
    return Person(app, "keeper", "system_admin", None)


@pytest.fixture
def building() -> Iterator[None]:
    register_kind(BUILD, "test")
    yield
    unregister("test")


def due(person: Person, start: str, limit: str) -> dict[str, Any]:
    answer = person.api("GET", "/calendars/due", query_string={"start": start, "limit": limit})
    assert answer.status_code == 200
    found: dict[str, Any] = answer.get_json()
    return found


def test_a_year_is_imported_shown_and_edited_by_the_api(admin: Person, head: Person) -> None:
    start = "2027-01-29T16:00:00+08:00"
    assert due(head, start, "1wd") == {"due": "2027-02-01T08:00:00Z", "provisional": True}
    sent = {"file": (io.BytesIO(NOTICE.encode()), "notice.txt")}
    assert head.api("POST", "/calendars/import", data={"file": (io.BytesIO(b"x"), "a")}).status_code == 403
    assert admin.api("POST", "/calendars/import", data=sent).get_json() == {"days": 33, "moved": 0}
    assert due(head, start, "1wd") == {"due": "2027-01-31T08:00:00Z", "provisional": False}
    year = head.api("GET", "/calendars/2027").get_json()
    assert (year["known"], year["week"], len(year["days"])) == (True, [0, 1, 2, 3, 4], 33)
    assert year["shifts"] == [["08:30", "12:00"], ["13:30", "17:30"]]
    put = admin.api("PUT", "/calendars/days/2027-01-31", json={"works": None})
    assert put.get_json() == {"days": 1, "moved": 0}
    assert due(head, start, "1wd")["due"] == "2027-02-01T08:00:00Z"
    hours = {"shifts": [["09:00", "17:00"]], "week": [0, 1, 2, 3, 4, 5]}
    assert admin.api("PUT", "/calendars/hours", json=hours).status_code == 200
    assert due(head, start, "2wh")["due"] == "2027-01-30T02:00:00Z"
    assert admin.api("POST", "/calendars/2028/confirm", json={"title": "by hand"}).status_code == 200
    assert head.api("GET", "/calendars").get_json()["years"][-2:] == [2027, 2028]


@pytest.mark.parametrize(
    ("method", "path", "body", "pointer"),
    [
        ("GET", "/calendars/due?start=2027-01-01T00:00:00Z&limit=soon", None, "/limit"),
        ("PUT", "/calendars/days/2027-02-30", {"works": True}, "/day"),
        ("PUT", "/calendars/days/1800-01-01", {"works": True}, "/day"),
        ("PUT", "/calendars/hours", {"shifts": [["9", "noon"]], "week": [0]}, "/shifts"),
        ("PUT", "/calendars/hours", {"shifts": [["09:00", "08:00"]], "week": [0]}, "/shifts"),
        ("PUT", "/calendars/hours", {"shifts": [["09:00", "12:00"]], "week": []}, "/week"),
    ],
)
def test_what_is_wrong_is_said_at_its_place(admin: Person, method: str, path: str, body: Any, pointer: str) -> None:
    answer = admin.api(method, path, json=body) if body else admin.api(method, path)
    assert answer.status_code == 422
    assert [fault["pointer"] for fault in answer.get_json()["errors"]] == [pointer]


def test_a_matter_tells_its_clocks_and_a_part_is_ticked_off_by_the_api(head: Person, building: None) -> None:
    made = head.api("POST", "/matters", json=body_of_report(kind="test.build")).get_json()
    path = f"/matters/{made['id']}"
    clocks = head.api("GET", path).get_json()["clocks"]
    assert [(clock["name"], clock["state"], set(clock)) for clock in clocks] == [
        (name, "running", {"name", "due", "left", "state", "provisional", "task"}) for name in ("handle", "stop")
    ]
    assert clocks[1]["due"] == made["due"]
    assert clocks[1]["left"] == pytest.approx(4 * 3600, abs=60)
    [kind] = [each for each in head.api("GET", "/matter-kinds").get_json()["items"] if each["name"] == "test.build"]
    assert kind["stages"] == [
        {"name": "stop", "title": "Stop the work", "limit": "4wh", "starts": "report", "ends": ""}
    ]
    taken = head.api("POST", f"{path}/steps/note", json={"version": 1, "stages": ["stop"]}).get_json()
    assert [clock["state"] for clock in taken["clocks"]] == ["running", "ended"]
    assert taken["due"] == clocks[0]["due"]
    again = head.api("POST", f"{path}/steps/note", json={"version": 2, "stages": ["stop"]})
    assert (again.status_code, again.get_json()["errors"][0]["pointer"]) == (422, "/stages/0")


def test_the_page_of_a_matter_shows_each_limit_and_takes_the_tick(head: Person, building: None) -> None:
    made = head.api("POST", "/matters", json=body_of_report(kind="test.build")).get_json()
    page = head.page(f"/matters/{made['id']}").get_data(as_text=True)
    assert "办理时限" in page
    assert "20 个工作日" in page
    assert 'name="stage" value="stop"' in page
    sent = head.send(f"/matters/{made['id']}/steps/note", version="1", stage="stop", note="")
    assert sent.status_code == 302
    page = head.page(f"/matters/{made['id']}").get_data(as_text=True)
    assert "按时完成" in page
    assert "已完成：Stop the work" in page


def test_the_page_of_a_year_is_read_by_all_and_changed_by_few(admin: Person, head: Person) -> None:
    shown = head.page("/calendars/2026").get_data(as_text=True)
    assert "国庆节" in shown
    assert "csrf_token" not in shown.partition("<main")[2]
    assert "暂定" in head.page("/calendars/2027").get_data(as_text=True)
    assert head.page("/calendars/1900").status_code == 404
    assert admin.send("/calendars/2027/import", text=NOTICE).status_code == 302
    shown = admin.page("/calendars/2027").get_data(as_text=True)
    assert "2027-01-31 日 上班 春节" in shown
    assert admin.send("/calendars/2027/days", day="2027-01-31", works="off", name="停电").status_code == 302
    assert "2027-01-31 日 休息 停电" in admin.page("/calendars/2027").get_data(as_text=True)
    wrong = admin.send("/calendars/2027/import", text=NOTICE.replace("1月1日（周五）", "1月1日（周四）"))
    assert wrong.status_code == 422
    assert "与通知所写的星期不符" in wrong.get_data(as_text=True)
    for form in ({"day": "soon", "works": "off"}, {"day": "2027-01-31", "works": ""}):
        assert admin.send("/calendars/2027/days", **form).status_code == 422
    hours = {"opens-0": "09:00", "closes-0": "12:00", "week": "5"}
    assert admin.send("/calendars/2027/hours", **hours).status_code == 302
    assert 'value="09:00"' in admin.page("/calendars/2027").get_data(as_text=True)
    assert admin.send("/calendars/2027/hours", **(hours | {"closes-0": "08:00"})).status_code == 422
    assert admin.send("/calendars/2028/confirm", title="通知").status_code == 302
    assert "人工确认 · 通知" in admin.page("/calendars/2028").get_data(as_text=True)


def test_the_command_line_tells_the_clocks_and_ticks_off_a_part(head: Person, building: None, database: str) -> None:
    made = head.api("POST", "/matters", json=body_of_report(kind="test.build")).get_json()
    done = CliRunner().invoke(main, ["matter", "step", made["id"], "note", "--done", "stop", "--json"])
    connect(database)
    assert done.exit_code == 0, done.output
    assert {clock["name"]: clock["state"] for clock in json.loads(done.stdout)["clocks"]} == {
        "handle": "running", "stop": "ended"
    }  # fmt: skip
    shown = CliRunner().invoke(main, ["matter", "show", made["id"]])
    connect(database)
    assert "due: stop, ended" in shown.stdout
