"""People, roles, departments and posts through API v1."""

from __future__ import annotations

import io
from typing import Any

import pytest
from flask.testing import FlaskClient

from tests.e2e.clients import admin_client, found
from tests.integration.access.making import sheet
from tests.integration.grids.planting import plant

BASE = "/api/v1"
NOBODY = "00000000-0000-7000-8000-000000000000"


@pytest.fixture
def client(database: str) -> FlaskClient:
    plant()
    return admin_client()


def sent(client: FlaskClient, path: str, body: Any = None, status: int = 200, method: str = "POST") -> Any:
    answer = client.open(f"{BASE}{path}", method=method, json=body)
    assert answer.status_code == status, answer.get_data(as_text=True)
    return answer.get_json() if answer.data else None


def handed_in(client: FlaskClient, path: str, data: bytes, status: int = 201) -> Any:
    form = {"file": (io.BytesIO(data), "list.xlsx")}
    answer = client.post(f"{BASE}{path}", data=form, content_type="multipart/form-data")
    assert answer.status_code == status, answer.get_data(as_text=True)
    return answer.get_json()


def walker(client: FlaskClient, login: str = "walker") -> str:
    return str(sent(client, "/users", {"login": login, "name": "于雪莲"}, 201)["id"])


def test_a_person_is_added_changed_granted_a_role_and_disabled(client: FlaskClient) -> None:
    sent(client, "/departments", {"code": "civil", "name": "民政局"})
    made = sent(client, "/users", {"login": "Walker", "name": "于雪莲", "department": "civil"}, 201)
    assert made["login"] == "walker"
    assert made["one_time_password"]
    here = f"/users/{made['id']}"
    changed = sent(client, here, {"name": "于雪梅", "phone": "13800005678"}, method="PUT")
    assert (changed["name"], changed["department"], changed["roles"]) == ("于雪梅", "", [])
    grant = sent(client, f"{here}/grants", {"role": "worker", "grid": "139901001001"}, 201)
    assert sent(client, f"{here}/grants", {"role": "worker", "grid": "139901001001"}, 201) == grant
    assert found(client, f"{BASE}/grants?user={made['id']}")["items"] == [grant]
    assert found(client, f"{BASE}{here}")["roles"] == ["worker"]
    sent(client, f"/grants/{grant['id']}/revoke", status=204)
    assert found(client, f"{BASE}/grants?role=worker")["items"] == []
    assert sent(client, f"{here}/disable")["disabled_at"]
    assert [one["login"] for one in found(client, f"{BASE}/users?state=disabled")["items"]] == ["walker"]
    assert sent(client, f"{here}/enable")["disabled_at"] is None
    assert sent(client, f"{here}/reset")["one_time_password"] != made["one_time_password"]


def test_people_come_by_pages_and_each_stands_on_one(client: FlaskClient) -> None:
    for number in range(5):
        walker(client, f"walker{number}")
    seen, cursor = [], ""
    while cursor is not None:
        page = found(client, f"{BASE}/users?q=walker&limit=2&cursor={cursor}")
        seen += [one["login"] for one in page["items"]]
        cursor = page["next"]
    assert seen == [f"walker{number}" for number in range(5)]


def test_roles_come_by_pages(client: FlaskClient) -> None:
    for number in range(3):
        here = walker(client, f"walker{number}")
        sent(client, f"/users/{here}/grants", {"role": "worker", "grid": "139901001001"}, 201)
    seen, after = [], 0
    while after is not None:
        page = found(client, f"{BASE}/grants?q=walker&limit=2&after={after}")
        seen += [one["login"] for one in page["items"]]
        after = page["next"]
    assert seen == [f"walker{number}" for number in range(3)]


def test_posts_are_made_filled_lent_vacated_and_closed(client: FlaskClient) -> None:
    walker(client)
    walker(client, "standin")
    post = sent(client, "/posts", {"kind": "worker", "grid": "139901001001", "login": "walker"}, 201)["id"]
    sent(client, f"/posts/{post}/deputy", {"login": "standin"}, 204)
    holders = [(one["grid"], one["holder"], one["deputy"]) for one in found(client, f"{BASE}/posts")["items"]]
    assert holders == [("139901001001", "于雪莲", False), ("139901001001", "于雪莲", True)]
    sent(client, f"/posts/{post}/vacate", status=204)
    assert [one["holder"] for one in found(client, f"{BASE}/posts")["items"]] == [""]
    sent(client, f"/posts/{post}/fill", {"login": "standin"}, 204)
    sent(client, f"/posts/{post}/close", status=204)
    assert found(client, f"{BASE}/posts")["items"] == []


def test_lists_come_in_whole_or_not_at_all(client: FlaskClient) -> None:
    heads = ("登录名", "姓名", "电话", "角色", "网格编码")
    lines = [(f"walker{n}", f"网格员{n}", "", "worker", "139901001001") for n in range(3)]
    made = handed_in(client, "/users/import", sheet(heads, lines))["items"]
    assert len({one["one_time_password"] for one in made}) == 3
    refusal = handed_in(client, "/users/import", sheet(heads, [("fresh", "新人", "", "worker", "999")]), 422)
    assert refusal["errors"][0]["pointer"].startswith("/2/")
    assert found(client, f"{BASE}/users?q=fresh")["items"] == []
    workers = [(f"walker{n}", "139901001001", "网格员", "", "") for n in range(3)]
    counts = handed_in(client, "/posts/import", sheet(("登录名", "网格编码", "岗位", "岗位名称", "代理人"), workers))
    assert counts == {"people": 3, "posts": 3, "deputies": 0, "unchanged": 0, "differences": []}


def test_a_list_sent_again_under_its_id_answers_what_was_lost(client: FlaskClient) -> None:
    heads, line = ("登录名", "姓名"), ("walker", "网格员")
    key = "0190a5e0-0000-7000-8000-00000000abcd"
    data = sheet(heads, [line])
    first, again = (handed_in(client, f"/users/import?id={key}", data) for _n in range(2))
    assert (again["added"], again["waiting"], again["id"]) == (1, 1, key)
    assert first["items"][0]["one_time_password"] != again["items"][0]["one_time_password"]
    slips = sent(client, f"/users/imports/{key}/slips", status=200)["items"]
    assert [one["login"] for one in slips] == ["walker"]
    assert found(client, f"{BASE}/users/imports/{key}")["added"] == 1
    other = handed_in(client, f"/users/import?id={key}", sheet(heads, [("other", "网格员")]), 422)
    assert other["type"] == "/problems/key-reused"


def test_who_stands_already_is_told_and_changed_only_when_that_is_asked(client: FlaskClient) -> None:
    heads = ("登录名", "姓名", "角色", "网格编码")
    handed_in(client, "/users/import", sheet(heads, [("walker", "网格员", "网格员", "全市")]))
    lines = [("WALKER", "网格员甲", "网格长", "全市"), ("fresh", "新人", "", "")]
    tried = handed_in(client, "/users/import?dry_run=true", sheet(heads, lines), 200)
    assert [(one["login"], one["fate"]) for one in tried["people"]] == [("walker", "left"), ("fresh", "new")]
    assert (tried["items"], found(client, f"{BASE}/users?q=fresh")["items"]) == ([], [])
    left = handed_in(client, "/users/import", sheet(heads, lines))
    assert (left["added"], left["differing"], [one["login"] for one in left["items"]]) == (1, 1, ["fresh"])
    assert [(one["column"], one["now"], one["taken"]) for one in left["differences"]] == [
        ("name", "网格员", False), ("role", "网格员", False),
    ]  # fmt: skip
    taken = handed_in(client, "/users/import?update=true", sheet(heads, lines))
    assert (taken["added"], taken["differing"], taken["unchanged"]) == (0, 1, 1)
    [walker] = found(client, f"{BASE}/users?q=walker")["items"]
    assert (walker["name"], walker["roles"]) == ("网格员甲", ["grid_head", "worker"])
    again = handed_in(client, "/users/import?update=true", sheet(heads, lines))
    assert (again["differing"], again["unchanged"]) == (0, 2)


@pytest.mark.parametrize(
    ("method", "path", "body", "status"),
    [
        ("POST", "/users", {"login": "x y", "name": "于"}, 422),
        ("POST", "/users", {"login": "fresh", "name": "于", "department": "no-such"}, 422),
        ("POST", "/users", {"login": "fresh", "name": "于\u0000"}, 422),
        ("POST", "/users", {"login": "fresh", "name": "于", "more": 1}, 422),
        ("PUT", f"/users/{NOBODY}", {"name": "于"}, 404),
        ("POST", f"/users/{NOBODY}/reset", None, 404),
        ("POST", f"/users/{NOBODY}/grants", {"role": "worker"}, 404),
        ("POST", f"/grants/{NOBODY}/revoke", None, 404),
        ("POST", "/departments", {"code": "a b", "name": "民政局"}, 422),
        ("POST", "/departments/no-such/close", None, 404),
        ("POST", "/posts", {"kind": "king"}, 422),
        ("POST", "/posts", {"kind": "worker", "grid": "999"}, 404),
        ("POST", f"/posts/{NOBODY}/fill", {"login": "nobody"}, 422),
    ],
)
def test_what_cannot_be_is_refused_and_nothing_is_kept(
    client: FlaskClient, method: str, path: str, body: Any, status: int
) -> None:
    before = [found(client, f"{BASE}/{rows}")["items"] for rows in ("users", "grants", "departments", "posts")]
    problem = sent(client, path, body, status, method)
    assert problem["detail"]
    after = [found(client, f"{BASE}/{rows}")["items"] for rows in ("users", "grants", "departments", "posts")]
    assert after == before
