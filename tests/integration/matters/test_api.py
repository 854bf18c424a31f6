"""Matters through the API: its contract, on the real application."""

from __future__ import annotations

import io
import re
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from uuid import UUID

import pytest
from apiflask import APIFlask

from core.db.base import new_id
from core.db.session import reading
from core.matters import life
from core.matters.queries import events_of
from tests.integration.matters.doors import PLACE, Person, body_of_report
from tests.integration.matters.people import (
    IN_EAST_CODE,
    IN_SOUTH,
    IN_SOUTH_CODE,
    TESTER,
    jpeg,
    matter,
)


def test_report_answers_201_then_200_with_the_same_body(worker: Person) -> None:
    body = body_of_report()
    first, second = worker.api("POST", "/matters", json=body), worker.api("POST", "/matters", json=body)
    assert (first.status_code, second.status_code) == (201, 200)
    assert first.json == second.json
    assert set(first.json) == {"id", "number", "grid", "path", "state", "version", "due"}
    assert first.json["grid"] == IN_EAST_CODE
    other = worker.api("POST", "/matters", json=body | {"title": "else"})
    assert other.status_code == 422
    assert other.mimetype == "application/problem+json"
    assert other.json["type"] == "/problems/key-reused"
    assert first.json["number"] not in other.text


def test_a_matter_goes_through_its_life(worker: Person, head: Person) -> None:
    found = worker.api("POST", "/matters", json=body_of_report()).json["id"]
    assert worker.api("GET", f"/matters/{found}").json["steps"] == ["withdraw", "relocate", "note"]
    detail = head.api("GET", f"/matters/{found}").json
    assert detail["steps"] == ["accept", "reject", "withdraw", "relocate", "note"]
    for name, who in (("accept", head), ("settle", worker), ("close", worker)):
        version = who.api("GET", f"/matters/{found}").json["version"]
        answer = who.api("POST", f"/matters/{found}/steps/{name}", json={"version": version, "note": "好"})
        assert answer.status_code == 200, answer.text
    last = head.api("GET", f"/matters/{found}").json
    assert (last["state"], last["version"], last["steps"]) == ("closed", 4, ["note"])
    assert [event["step"] for event in last["events"]] == ["report", "accept", "settle", "close"]


def test_stale_version_and_forbidden_step_are_409_and_say_why(head: Person) -> None:
    found = head.api("POST", "/matters", json=body_of_report()).json["id"]
    head.api("POST", f"/matters/{found}/steps/accept", json={"version": 1})
    stale = head.api("POST", f"/matters/{found}/steps/settle", json={"version": 1})
    assert stale.status_code == 409
    assert stale.json["theirs"]["state"] == "accepted"
    assert stale.json["theirs"]["version"] == 2
    forbidden = head.api("POST", f"/matters/{found}/steps/close", json={}, headers={"If-Match": '"2"'})
    assert forbidden.status_code == 409
    assert forbidden.json["errors"][0]["mend"] == "现在可以：网格自办、吹哨、撤回、移动位置、添加备注"
    assert "theirs" not in forbidden.json


def test_a_moment_is_the_same_instant_whatever_its_offset(head: Person) -> None:
    body = body_of_report() | {"happened_at": "2026-11-20T10:00:00+23:59"}
    found = head.api("POST", "/matters", json=body)
    assert found.status_code == 201, found.text
    sent = {"note": "好", "device_at": "2026-11-20T10:00:00-23:59"}
    assert head.api("POST", f"/matters/{found.json['id']}/steps/note", json=sent).status_code == 200
    assert head.api("GET", f"/matters/{found.json['id']}").json["happened_at"].startswith("2026-11-19T10:01:00")


def test_a_step_sent_twice_with_one_id_counts_once(head: Person) -> None:
    found = head.api("POST", "/matters", json=body_of_report()).json["id"]
    key = str(new_id())
    for _ in range(2):
        answer = head.api("POST", f"/matters/{found}/steps/accept", json={"version": 1, "id": key})
        assert (answer.status_code, answer.json["version"]) == (200, 2)


def test_foreign_matters_are_404_and_absent_from_lists(worker: Person) -> None:
    foreign = matter(TESTER, IN_SOUTH)
    mine = worker.api("POST", "/matters", json=body_of_report()).json["id"]
    assert worker.api("GET", f"/matters/{foreign}").status_code == 404
    assert worker.api("POST", f"/matters/{foreign}/steps/note", json={"note": "x"}).status_code == 404
    assert [item["id"] for item in worker.api("GET", "/matters").json["items"]] == [mine]
    assert worker.api("POST", "/matters", json=body_of_report(place={"lon": 116.15, "lat": 39.05})).status_code == 403


def test_schema_faults_have_json_pointers(worker: Person) -> None:
    answer = worker.api("POST", "/matters", json=body_of_report(place={"lon": "east", "lat": 39}))
    assert answer.status_code == 422
    assert [fault["pointer"] for fault in answer.json["errors"]] == ["/place/lon"]
    for radius in (1e308, True, "5", -1):
        answer = worker.api("POST", "/matters", json=body_of_report(place=PLACE | {"accuracy_m": radius}))
        assert [fault["pointer"] for fault in answer.json["errors"]] == ["/place/accuracy_m"]
    for radius, written in ((float("inf"), "Infinity"), (float("nan"), "NaN")):
        answer = worker.api("POST", "/matters", json=body_of_report(place=PLACE | {"accuracy_m": radius}))
        assert (answer.status_code, written in answer.json["detail"]) == (422, True)
    assert worker.api("POST", "/matters", json=body_of_report(happened_at="2026-11-24T08:00:00")).status_code == 422
    assert worker.api("GET", "/matters?state=lost").json["errors"][0]["pointer"] == "/state"
    assert worker.api("DELETE", f"/matters/{new_id()}").status_code == 405


def test_pages_of_the_list_are_followed_by_the_cursor(worker: Person) -> None:
    ids = [worker.api("POST", "/matters", json=body_of_report(title=f"m{n}")).json["id"] for n in range(5)]
    seen, cursor = [], ""
    while cursor is not None:
        page = worker.api("GET", f"/matters?limit=2&cursor={cursor}").json
        seen += [item["id"] for item in page["items"]]
        cursor = page["next"]
    assert seen == ids[::-1]


def test_photos_are_served_to_those_who_see_the_matter(worker: Person, head: Person, app: APIFlask) -> None:
    sent = {"file": (io.BytesIO(jpeg((60, 40))), "a.jpg")}
    stored = worker.api("POST", "/files", data=sent, content_type="multipart/form-data")
    assert stored.status_code == 201
    photo = stored.json["id"]
    assert head.api("GET", f"/files/{photo}").status_code == 404
    worker.api("POST", "/matters", json=body_of_report(files=[photo]))
    answer = head.api("GET", f"/files/{photo}")
    assert answer.status_code == 200
    assert len(answer.data) == stored.json["bytes"]
    assert answer.mimetype == "image/jpeg"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    stranger = Person(app, "stranger", "worker", "139901002")
    assert stranger.api("GET", f"/files/{photo}").status_code == 404
    broken = worker.api("POST", "/files", data={"file": (io.BytesIO(b"<svg/>"), "a.jpg")})
    assert broken.status_code == 422
    assert broken.json["errors"][0]["code"] == "no-photo"


def test_the_openapi_document_describes_the_contract(app: APIFlask) -> None:
    paths = app.test_client().get("/api/v1/openapi.json").json["paths"]
    assert set(paths["/api/v1/matters"]) == {"get", "post"}
    assert set(paths["/api/v1/matters"]["post"]["responses"]) >= {"200", "201", "403", "422"}
    for step in life.STEPS.keys() - {"report"}:
        door = paths[f"/api/v1/matters/{{matter_id}}/steps/{step}"]["post"]
        assert set(door["responses"]) >= {"200", "403", "404", "409", "422"}
    assert "multipart/form-data" in paths["/api/v1/files"]["post"]["requestBody"]["content"]


def test_ids_of_photos_are_uuids(worker: Person) -> None:
    sent = {"file": (io.BytesIO(jpeg()), "../../etc/passwd")}
    stored = worker.api("POST", "/files", data=sent, content_type="multipart/form-data").json
    assert UUID(stored["id"]).version == 7


def test_the_api_narrows_lists_by_deadline_day_and_the_kinds_own_fields(worker: Person, check_kind: None) -> None:
    low = worker.api("POST", "/matters", json=body_of_report(kind="test.check", form={"people": 2, "level": "low"}))
    high = worker.api("POST", "/matters", json=body_of_report(kind="test.check", form={"people": 2, "level": "high"}))
    assert (low.status_code, high.status_code) == (201, 201)

    def listed(query: str) -> set[str]:
        return {item["id"] for item in worker.api("GET", f"/matters?{query}").json["items"]}

    assert listed("kind=test.check&form.level=low") == {low.json["id"]}
    assert listed("kind=test.check&form.level=*&form.people=2") == {low.json["id"], high.json["id"]}
    assert listed("due=late") == set()
    assert listed("due=3660") == listed("since=2020-01-01") == {low.json["id"], high.json["id"]}
    assert listed("since=2999-01-01") == set()
    for query, pointer in (("due=soon", "/due"), ("since=today", "/since"), ("form.level=low", "/form/level")):
        refused = worker.api("GET", f"/matters?{query}")
        assert (refused.status_code, refused.json["errors"][0]["pointer"]) == (422, pointer)
    assert worker.api("GET", "/matters?assignee=me").status_code == 422


def test_who_moves_a_matter_out_of_their_grids_is_told_and_loses_it(worker: Person) -> None:
    there = {"lon": IN_SOUTH.lon, "lat": IN_SOUTH.lat}
    by_api, by_page = matter(TESTER), matter(TESTER)
    moved = worker.api("POST", f"/matters/{by_api}/steps/relocate", json={"version": 1, "place": there})
    assert (moved.status_code, moved.data) == (204, b"")
    sent = worker.send(f"/matters/{by_page}/steps/relocate", version="1", id=str(new_id()), **there)
    assert (sent.status_code, sent.headers["Location"]) == (302, "/matters")
    assert "已移出您的网格" in worker.page("/matters").text
    for found in (by_api, by_page):
        assert worker.api("GET", f"/matters/{found}").status_code == 404
        with reading(TESTER) as session:
            last = events_of(session, found)[-1]
        assert (last.step, last.actor_name) == ("relocate", worker.login)
        assert (last.data["from_grid"], last.data["to_grid"]) == (IN_EAST_CODE, IN_SOUTH_CODE)


def test_who_reported_a_matter_keeps_it_wherever_they_move_it(worker: Person) -> None:
    mine = worker.api("POST", "/matters", json=body_of_report()).json["id"]
    there = {"lon": IN_SOUTH.lon, "lat": IN_SOUTH.lat}
    moved = worker.api("POST", f"/matters/{mine}/steps/relocate", json={"version": 1, "place": there})
    assert (moved.status_code, moved.json["grid"]) == (200, IN_SOUTH_CODE)
    assert re.search(rf"从 \S+ \({IN_EAST_CODE}\) 到 \S+ \({IN_SOUTH_CODE}\)", worker.page(f"/matters/{mine}").text)


def test_twenty_reports_with_one_id_at_once_are_one_matter(app: APIFlask, worker: Person) -> None:
    body = body_of_report()

    def send(_n: int) -> tuple[int, str]:
        headers = {"Authorization": f"Bearer {worker.token}"}
        answer = app.test_client().post("/api/v1/matters", json=body, headers=headers)
        return answer.status_code, answer.text

    with ThreadPoolExecutor(20) as pool:
        answers = list(pool.map(send, range(20)))
    assert sorted(status for status, _text in answers) == [200] * 19 + [201]
    assert len({text for _status, text in answers}) == 1


def test_of_two_steps_at_once_one_is_told_of_the_other(app: APIFlask, worker: Person, head: Person) -> None:
    found = worker.api("POST", "/matters", json=body_of_report()).json["id"]

    def send(step: str) -> Any:
        headers = {"Authorization": f"Bearer {head.token}"}
        address = f"/api/v1/matters/{found}/steps/{step}"
        return app.test_client().post(address, json={"version": 1, "note": "x"}, headers=headers)

    with ThreadPoolExecutor(2) as pool:
        first, second = sorted(pool.map(send, ["accept", "reject"]), key=lambda answer: answer.status_code)
    assert (first.status_code, second.status_code) == (200, 409)
    assert second.json["theirs"]["version"] == 2


@pytest.mark.parametrize("version", ["²", "9" * 5000, "-1", "one"])
def test_a_version_that_is_none_is_a_fault_of_the_step(worker: Person, version: str) -> None:
    found = worker.api("POST", "/matters", json=body_of_report()).json["id"]
    place = {"lon": "116.05", "lat": "39.15"}
    sent = worker.send(f"/matters/{found}/steps/relocate", version=version, id=str(new_id()), **place)
    assert sent.status_code == 422
    asked = {"json": {"place": PLACE}, "headers": {"If-Match": version.encode().decode("latin-1")}}
    answer = worker.api("POST", f"/matters/{found}/steps/relocate", **asked)
    assert (answer.status_code, answer.json["errors"][0]["pointer"]) == (422, "/version")
