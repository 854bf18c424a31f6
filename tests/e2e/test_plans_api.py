"""Plans through API v1: two persons, versions, problems that say where."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import geopandas
import pytest
from flask.testing import FlaskClient

from core.access.commands import IssueToken
from core.access.sessions import issue_token
from core.db.base import new_id
from core.db.session import work
from tests.e2e.clients import TESTER, found
from tests.integration.access.making import person
from tests.integration.grids.bringing import bring
from tests.integration.grids.drawing import COUNTIES, NODED_CITY, draw
from web.app import create_app

SPLIT = {"op": "split", "grid": "139901", "line": [[116.1, 38.95], [116.1, 39.25]], "codes": ["139901", "139911"]}
BASE = "/api/v1/plans"


@pytest.fixture
def clients(database: str, tmp_path: Path) -> tuple[FlaskClient, FlaskClient]:
    """Two GIS administrators."""
    bring(draw(tmp_path / "city.geojson", NODED_CITY), "city")
    bring(draw(tmp_path / "counties.geojson", *COUNTIES), "county")
    return client_of("drawer", "gis_admin"), client_of("decider", "gis_admin")


def client_of(login: str, role: str, grid: str | None = None) -> FlaskClient:
    """Somebody with one role, by a bearer token."""
    user_id = person(login, role, grid=grid)
    with work(TESTER) as session:
        token = issue_token(session, IssueToken(user_id, "tests"))
    client = create_app().test_client()
    client.environ_base["HTTP_AUTHORIZATION"] = f"Bearer {token}"
    return client


def sent(client: FlaskClient, path: str, body: Any, status: int = 200) -> Any:
    answer = client.post(f"{BASE}{path}", json=body)
    assert answer.status_code == status, answer.get_data(as_text=True)
    return answer.get_json()


def drawn(client: FlaskClient, *operations: Any) -> Any:
    plan = sent(client, "", {"parent": "139900", "title": "西县拆分"}, 201)
    return sent(client, f"/{plan['id']}/operations", {"version": plan["version"], "operations": operations})


def test_one_draws_and_another_decides(clients: tuple[FlaskClient, FlaskClient]) -> None:
    drawer, decider = clients
    plan = drawn(drawer, {**SPLIT, "names": ["西县", "139911"]})
    here = f"/{plan['id']}"
    checked = found(drawer, f"{BASE}{here}/check")
    assert checked["born"] == ["139911"]
    assert [(one["kind"], one["grid"], one["blocking"]) for one in checked["findings"]] == [
        ("unnamed", "139911", False)
    ]
    assert "还没有名称" in checked["findings"][0]["text"]
    previewed = found(drawer, f"{BASE}{here}/preview")["findings"]
    assert [{**finding, "mend": None} for finding in previewed] == checked["findings"]
    plan = sent(drawer, f"{here}/submit", {"version": plan["version"]})
    refused = sent(drawer, f"{here}/approve", {"version": plan["version"]}, 403)
    assert refused["type"].endswith("/problems/forbidden")
    plan = sent(decider, f"{here}/return", {"version": plan["version"], "comment": "线画偏了"})
    assert (plan["state"], plan["comment"]) == ("returned", "线画偏了")
    plan = sent(drawer, f"{here}/submit", {"version": plan["version"]})
    plan = sent(decider, f"{here}/approve", {"version": plan["version"], "effective_on": "2026-12-01"})
    done = sent(decider, f"{here}/apply", {"version": plan["version"]})
    assert (done["born"], done["touched"], done["exact"]) == (["139911"], ["139901"], True)
    assert found(drawer, "/api/v1/grids/139911")["level"] == "county"
    assert [one["state"] for one in found(drawer, BASE)["items"]] == ["applied"]
    assert found(drawer, f"{BASE}?state=draft")["items"] == []


def test_a_plan_sent_twice_is_one_plan(clients: tuple[FlaskClient, FlaskClient]) -> None:
    drawer, _decider = clients
    body = {"id": "019a0000-0000-7000-8000-000000000001", "parent": "139900", "title": "一"}
    assert sent(drawer, "", body, 201) == sent(drawer, "", body, 201)
    sent(drawer, "", {**body, "title": "二"}, 409)


def test_a_problem_says_which_operation_fails_and_where_on_the_map(clients: tuple[FlaskClient, FlaskClient]) -> None:
    drawer, _decider = clients
    plan = drawn(drawer, {"op": "rename", "grid": "139902", "name": "大县"})
    short = {**SPLIT, "line": [[116.01, 39.01], [116.02, 39.02]]}
    body = {"version": plan["version"], "operations": [short]}
    problem = sent(drawer, f"/{plan['id']}/operations", body, 409)
    assert "方案第 2 步" in problem["detail"]
    assert "没有把网格切成两部分" in problem["detail"]
    assert (problem["lon"], problem["lat"]) == (pytest.approx(116.015, abs=0.01), pytest.approx(39.015, abs=0.01))
    assert [error["pointer"] for error in problem["errors"]] == ["/operations/0"], "in what was sent"
    assert found(drawer, f"{BASE}/{plan['id']}") == plan, "the draft stays"


def test_a_plan_drawn_anew_tells_what_it_left_out_until_it_is_submitted(
    clients: tuple[FlaskClient, FlaskClient],
) -> None:
    drawer, decider = clients
    rename, split = {"op": "rename", "grid": "139902", "name": "新东县"}, {**SPLIT, "codes": ["139901", "139922"]}
    plan, first = drawn(drawer, rename, split), drawn(drawer, SPLIT)
    for client, act in ((drawer, "submit"), (decider, "approve"), (decider, "apply")):
        first = {**first, **found(decider, f"{BASE}/{first['id']}")}
        sent(client, f"/{first['id']}/{act}", {"version": first["version"]})
    told = sent(drawer, f"/{plan['id']}/rebase", {"version": plan["version"]})
    read = found(decider, f"{BASE}/{plan['id']}")
    assert [left["operation"]["op"] for left in read["left_out"]] == ["split"]
    assert "没有把网格切成两部分" in read["left_out"][0]["reason"]
    assert read["left_out"] == told["unfit"] == told["left_out"]
    after = sent(drawer, f"/{plan['id']}/submit", {"version": read["version"]})
    assert after["left_out"] == []


def test_two_tabs_of_a_draft(clients: tuple[FlaskClient, FlaskClient]) -> None:
    drawer, _decider = clients
    plan = drawn(drawer, SPLIT)
    sent(drawer, f"/{plan['id']}/undo", {"version": plan["version"]})
    problem = sent(drawer, f"/{plan['id']}/redo", {"version": plan["version"]}, 409)
    assert (problem["theirs"]["version"], problem["mine"]["version"]) == (plan["version"] + 1, plan["version"])


def test_the_version_and_the_id_may_come_as_headers(clients: tuple[FlaskClient, FlaskClient]) -> None:
    drawer, _decider = clients
    plan = drawn(drawer, SPLIT)
    here = f"{BASE}/{plan['id']}"
    etag = drawer.get(here).headers["ETag"]
    assert etag == f'"{plan["version"]}"'
    back = {"json": {}, "headers": {"If-Match": etag, "Idempotency-Key": str(new_id())}}
    for _time in range(2):
        taken = drawer.post(f"{here}/undo", **back)
        assert (taken.status_code, taken.get_json()["version"]) == (200, plan["version"] + 1)
    refused = [
        drawer.post(f"{here}/redo", json=body, headers=headers)
        for body, headers in (
            ({}, {"If-Match": etag}),
            ({"version": plan["version"] + 1}, {"If-Match": etag}),
            ({}, {"If-Match": "abc"}),
            ({"id": str(new_id())}, {"If-Match": etag, "Idempotency-Key": str(new_id())}),
            ({}, {}),
        )
    ]
    assert [answer.status_code for answer in refused] == [409, 422, 422, 422, 422]
    assert refused[0].get_json()["theirs"]["version"] == plan["version"] + 1


@pytest.mark.parametrize("wrong", [{"effective_on": 0}, {"apply_at": 253402300799}, {"effective_on": "1700000000"}])
def test_a_day_is_no_number(clients: tuple[FlaskClient, FlaskClient], wrong: dict[str, Any]) -> None:
    drawer, decider = clients
    plan = drawn(drawer, SPLIT)
    plan = sent(drawer, f"/{plan['id']}/submit", {"version": plan["version"]})
    problem = sent(decider, f"/{plan['id']}/approve", {"version": plan["version"], **wrong}, 422)
    assert "2026-11-24" in problem["errors"][0]["detail"]
    assert found(drawer, f"{BASE}/{plan['id']}")["state"] == "submitted"


def test_a_step_sent_twice_is_one_step(clients: tuple[FlaskClient, FlaskClient]) -> None:
    drawer, decider = clients
    plan = drawn(drawer, SPLIT)
    here, first, rename = f"/{plan['id']}", plan["version"], {"op": "rename", "grid": "139902", "name": "东县"}
    step = {"version": first, "operations": [rename], "id": str(new_id())}
    assert sent(drawer, f"{here}/operations", step)["version"] == first + 1
    again = sent(drawer, f"{here}/operations", step)
    assert (len(again["operations"]), again["version"]) == (2, first + 1)
    back = {"version": first + 1, "id": str(new_id())}
    assert [len(sent(drawer, f"{here}/undo", back)["operations"]) for _time in range(2)] == [1, 1]
    redo = {"version": first + 2, "id": str(new_id())}
    assert [len(sent(drawer, f"{here}/redo", redo)["operations"]) for _time in range(2)] == [2, 2]
    late = sent(drawer, f"{here}/undo", {**back, "version": first + 3})
    assert (len(late["operations"]), late["version"]) == (2, first + 3)
    for path, body in (("operations", {**step, "operations": [SPLIT]}), ("redo", back)):
        assert sent(drawer, f"{here}/{path}", body, 422)["type"].endswith("/problems/key-reused")
    assert sent(decider, f"{here}/operations", step, 422)["type"].endswith("/problems/key-reused")


def test_a_step_that_was_refused_may_be_sent_again_under_its_id(clients: tuple[FlaskClient, FlaskClient]) -> None:
    drawer, _decider = clients
    plan = drawn(drawer, SPLIT)
    step = {"version": 1, "operations": [{"op": "rename", "grid": "139902", "name": "东县"}], "id": str(new_id())}
    sent(drawer, f"/{plan['id']}/operations", step, 409)
    assert len(sent(drawer, f"/{plan['id']}/operations", {**step, "version": plan["version"]})["operations"]) == 2


def test_who_has_a_grid_draws_there_alone(clients: tuple[FlaskClient, FlaskClient]) -> None:
    head = client_of("head", "grid_head", "139901")
    sent(head, "", {"parent": "139900", "title": "越权"}, 403)
    plan = sent(head, "", {"parent": "139901", "title": "本县"}, 201)
    body = {"version": plan["version"], "operations": [{"op": "subdivide", "grid": "139901", "net_m": 9000}]}
    plan = sent(head, f"/{plan['id']}/operations", body)
    other = {"version": plan["version"], "operations": [{"op": "rename", "grid": "139902", "name": "x"}]}
    sent(head, f"/{plan['id']}/operations", other, 409)
    sent(client_of("walker", "worker"), "", {"parent": "139901", "title": "无权"}, 403)


def test_a_layer_is_sent_and_takes_the_place_of_the_leaves(
    clients: tuple[FlaskClient, FlaskClient], tmp_path: Path
) -> None:
    drawer, _decider = clients
    plan = sent(drawer, "", {"parent": "139900", "title": "重画"}, 201)
    here = f"{BASE}/{plan['id']}/layer?version={plan['version']}"
    broken = draw(tmp_path / "broken.geojson", COUNTIES[0])
    answer = drawer.post(here, data={"file": (broken.open("rb"), "broken.geojson")})
    problem = answer.get_json()
    assert answer.status_code == 409, problem
    assert "缺" in problem["detail"]
    assert problem["lon"] > 116.2
    assert [(fault["code"], fault["lon"]) for fault in problem["errors"]] == [("missing", problem["lon"])]
    assert "139900 试验市" in problem["detail"]
    whole = draw(tmp_path / "whole.geojson", COUNTIES[0], {**COUNTIES[1], "properties": {"code": None}})
    answer = drawer.post(here, data={"file": (whole.open("rb"), "whole.geojson")})
    loaded = answer.get_json()
    assert answer.status_code == 200, loaded
    assert [operation["op"] for operation in loaded["operations"]] == ["load"]
    assert (loaded["rows_left_out"], loaded["mended"], loaded["warnings"]) == ([], [], [])
    assert found(drawer, f"{BASE}/{plan['id']}/check")["retired"] == ["139902"]


def test_before_and_after_go_out_as_a_geopackage(clients: tuple[FlaskClient, FlaskClient], tmp_path: Path) -> None:
    drawer, _decider = clients
    plan = drawn(drawer, SPLIT)
    answer = drawer.get(f"{BASE}/{plan['id']}/export.gpkg")
    assert answer.status_code == 200
    assert answer.content_type == "application/geopackage+sqlite3"
    (tmp_path / "plan.gpkg").write_bytes(answer.data)
    assert sorted(geopandas.read_file(tmp_path / "plan.gpkg", layer="after").code) == ["139900", "139901", "139911"]


def test_a_plan_is_known_to_those_concerned_until_it_is_applied(clients: tuple[FlaskClient, FlaskClient]) -> None:
    drawer, decider = clients
    worker, neighbour = client_of("walker", "worker"), client_of("neighbour", "grid_head", "139902")
    over, leader = client_of("over", "grid_head", "139901"), client_of("leader", "leader", "139901")
    plan = sent(drawer, "", {"parent": "139901", "title": "本县"}, 201)
    here = f"{BASE}/{plan['id']}"
    for client, status in ((drawer, 200), (decider, 200), (over, 200), (leader, 200), (worker, 404), (neighbour, 404)):
        assert client.get(here).status_code == status
        assert len(found(client, BASE)["items"]) == (status == 200)
    assert worker.get(f"{here}/check").status_code == 404
    body = {"version": plan["version"], "operations": [{"op": "rename", "grid": "139901", "name": "老西县"}]}
    sent(neighbour, f"/{plan['id']}/operations", body, 404)
    plan = sent(drawer, f"/{plan['id']}/operations", body)
    plan = sent(drawer, f"/{plan['id']}/submit", {"version": plan["version"]})
    plan = sent(decider, f"/{plan['id']}/approve", {"version": plan["version"]})
    assert worker.get(here).status_code == 404
    sent(decider, f"/{plan['id']}/apply", {"version": plan["version"]})
    assert worker.get(here).status_code == neighbour.get(here).status_code == 200


def test_a_refusal_says_the_state_in_the_readers_language(clients: tuple[FlaskClient, FlaskClient]) -> None:
    drawer, _decider = clients
    plan = drawn(drawer, SPLIT)
    sent(drawer, f"/{plan['id']}/submit", {"version": plan["version"]})
    problem = sent(drawer, f"/{plan['id']}/undo", {"version": plan["version"] + 1}, 409)
    assert "已提交" in problem["detail"]


def test_a_change_is_taken_back_by_a_draft_that_says_what_no_longer_fits(
    clients: tuple[FlaskClient, FlaskClient],
) -> None:
    drawer, decider = clients
    plan = drawn(drawer, SPLIT, {"op": "rename", "grid": "139902", "name": "大县"})
    plan = sent(drawer, f"/{plan['id']}/submit", {"version": plan["version"]})
    plan = sent(decider, f"/{plan['id']}/approve", {"version": plan["version"]})
    change = sent(decider, f"/{plan['id']}/apply", {"version": plan["version"]})["change"]
    draft = sent(drawer, "/revert", {"change": change, "title": "撤回拆分"}, 201)
    assert ([one["op"] for one in draft["operations"]], draft["unfit"]) == (["load", "rename"], [])
    assert found(drawer, f"{BASE}/{draft['id']}/check")["retired"] == ["139911"]
    sent(client_of("walker", "worker"), "/revert", {"change": change, "title": "越权"}, 403)
    sent(drawer, "/revert", {"change": plan["id"], "title": "没有"}, 404)


def test_words_and_steps_beyond_what_a_plan_holds_are_refused_at_their_field(
    clients: tuple[FlaskClient, FlaskClient],
) -> None:
    drawer, _decider = clients
    for title in ("西县\n拆分", "西" * 201, " "):
        refused = sent(drawer, "", {"parent": "139900", "title": title}, 422)
        assert [fault["pointer"] for fault in refused["errors"]] == ["/title"]
    plan = drawn(drawer, SPLIT)
    rename = {"op": "rename", "grid": "139902", "name": "东县"}
    body = {"version": plan["version"], "operations": [rename] * 501}
    refused = sent(drawer, f"/{plan['id']}/operations", body, 422)
    assert [fault["pointer"] for fault in refused["errors"]] == ["/operations"]
