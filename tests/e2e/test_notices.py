"""The inbox at its doors: the bell of every page, the page behind it, and API v1."""

from __future__ import annotations

import re
from typing import Any
from uuid import UUID, uuid4

import pytest
from flask.testing import FlaskClient
from sqlalchemy import event

from core.access.commands import IssueToken
from core.access.sessions import issue_token
from core.db.session import engines, work
from core.notices.service import tell
from core.notices.views import About
from core.text import Text
from tests.e2e.clients import TESTER, found
from tests.integration.access.making import person
from tests.integration.grids.plans import run
from tests.integration.grids.planting import plant
from web.app import create_app

INBOX, READ = "/account/notices", "/account/notices/read"
API, API_READ = "/api/v1/me/notices", "/api/v1/me/notices/read"
STREET = "139901001"
PLAN = "019a0000-0000-7000-8000-000000000001"
RENAME = {"op": "rename", "grid": STREET, "name": "东大街街道"}


@pytest.fixture
def wang(database: str) -> UUID:
    plant()
    return person("wang", "worker", grid=STREET)


@pytest.fixture
def client(wang: UUID) -> FlaskClient:
    return signed(wang)


def signed(who: UUID) -> FlaskClient:
    with work(TESTER) as session:
        token = issue_token(session, IssueToken(who, "tests"))
    made = create_app().test_client()
    made.environ_base["HTTP_AUTHORIZATION"] = f"Bearer {token}"
    made.environ_base["HTTP_ACCEPT"] = "text/html"
    return made


def told(who: UUID, *messages: str) -> None:
    for message in messages:
        with work(TESTER) as session:
            tell(session, [who], Text(message), About("plan", PLAN))


def page(client: FlaskClient, address: str = INBOX) -> str:
    answer = client.get(address)
    assert answer.status_code == 200, answer.get_data(as_text=True)
    return answer.get_data(as_text=True)


def bell(client: FlaskClient, address: str = "/account") -> str:
    """What the bell says to a screen reader."""
    said = re.search(r'href="/account/notices" aria-label="([^"]+)"', page(client, address))
    assert said
    return said[1]


def test_an_empty_inbox_says_why(client: FlaskClient) -> None:
    shown = page(client)
    assert "还没有消息" in shown
    assert "全部标为已读" not in shown
    assert bell(client) == "我的消息：0 条未读"


def test_a_plan_that_was_applied_is_read_and_marked(client: FlaskClient) -> None:
    plan = run("139900", RENAME).plan
    assert bell(client, "/matters") == "我的消息：1 条未读"
    shown = page(client)
    assert "网格 东街街道 由方案《试验方案》调整；您现在负责 东大街街道" in shown
    assert f'href="/grids/plans/{plan.id}"' in shown
    up_to = re.search(r'name="up_to" value="([^"]+)"', shown)
    assert up_to
    told(client_user(client), "came since")
    assert client.post(READ, data={"up_to": up_to[1]}).status_code == 302
    assert bell(client) == "我的消息：1 条未读"
    one = re.search(r'name="id" value="([^"]+)"', page(client))
    assert one
    assert client.post(READ, data={"id": one[1]}).status_code == 302
    assert bell(client) == "我的消息：0 条未读"
    assert "全部标为已读" not in page(client)


def test_the_page_of_a_plan_marks_what_was_told_of_it_alone(client: FlaskClient, wang: UUID) -> None:
    plan = run("139900", RENAME).plan
    told(wang, "of another plan")
    other = person("other", "worker", grid=STREET)
    again = run("139900", {**RENAME, "name": "东街街道"}).plan
    assert bell(client) == "我的消息：3 条未读"
    assert found(client, f"/api/v1/plans/{plan.id}")
    assert bell(client) == "我的消息：3 条未读"
    assert bell(client, f"/grids/plans/{plan.id}") == "我的消息：2 条未读"
    assert bell(client, f"/grids/plans/{again.id}") == "我的消息：1 条未读"
    assert bell(signed(other)) == "我的消息：1 条未读"


def client_user(client: FlaskClient) -> UUID:
    return UUID(found(client, "/api/v1/me")["id"])


def test_pages_of_the_inbox_and_a_bell_that_stops_counting(client: FlaskClient, wang: UUID) -> None:
    with work(TESTER) as session:
        for number in range(120):
            tell(session, [wang], Text(f"news {number}."), About("plan", PLAN))
    assert bell(client) == "我的消息：99+ 条未读"
    shown = page(client)
    assert "news 119." in shown
    assert "news 94." not in shown
    further = re.search(r'href="(/account/notices\?before=[^"]+)"', shown)
    assert further
    assert "news 94." in page(client, further[1])


@pytest.mark.parametrize("address", [f"{INBOX}?before=x", f"{API}?cursor=x", f"{API}?limit=0"])
def test_a_strange_cursor_is_refused(client: FlaskClient, address: str) -> None:
    assert client.get(address).status_code == 422


def test_programs_read_and_mark(client: FlaskClient, wang: UUID) -> None:
    told(wang, "one", "two", "three")
    first = found(client, f"{API}?limit=2")
    assert [item["text"] for item in first["items"]] == ["three", "two"]
    assert {(item["link"], item["read_at"]) for item in first["items"]} == {(f"/grids/plans/{PLAN}", None)}
    assert first["unread"] == 3
    last = found(client, f"{API}?limit=2&cursor={first['next']}")
    assert ([item["text"] for item in last["items"]], last["next"]) == (["one"], None)
    assert posted(client, {"ids": [last["items"][0]["id"]]}) == {"marked": 1, "unread": 2}
    assert [item["text"] for item in found(client, f"{API}?unread=true")["items"]] == ["three", "two"]
    assert posted(client, {"up_to": first["items"][0]["id"]}) == {"marked": 2, "unread": 0}
    assert posted(client, {}) == {"marked": 0, "unread": 0}
    assert all(item["read_at"] for item in found(client, API)["items"])


def posted(client: FlaskClient, body: Any, status: int = 200) -> Any:
    answer = client.post(API_READ, json=body)
    assert answer.status_code == status, answer.get_data(as_text=True)
    return answer.get_json()


def test_what_others_were_told_is_neither_read_nor_marked(client: FlaskClient) -> None:
    other = person("other")
    told(other, "for somebody else")
    theirs = signed(other)
    key = found(theirs, API)["items"][0]["id"]
    assert found(client, API)["items"] == []
    assert posted(client, {"ids": [key, str(uuid4())], "up_to": key})["marked"] == 0
    assert found(theirs, API)["unread"] == 1
    posted(client, {"ids": ["x"]}, 422)


def test_a_page_asks_once_for_the_bell_and_a_part_of_a_page_never(client: FlaskClient) -> None:
    sent: list[str] = []

    def note(_connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        sent.append(statement)

    engine = engines().read
    event.listen(engine, "before_cursor_execute", note)
    try:
        page(client, "/account")
        whole = [statement for statement in sent if "core.notice" in statement]
        sent.clear()
        client.get("/search?q=dong", headers={"HX-Request": "true"})
        part = [statement for statement in sent if "core.notice" in statement]
        sent.clear()
        client.application.test_client().get("/login", headers={"Accept": "text/html"})
        anonymous = [statement for statement in sent if "core.notice" in statement]
    finally:
        event.remove(engine, "before_cursor_execute", note)
    assert (len(whole), part, anonymous) == (1, [], [])
