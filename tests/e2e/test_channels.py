"""How people choose to be told, and what an administrator sees of it: pages, API v1 and the command line."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
from click.testing import CliRunner, Result
from flask.testing import FlaskClient
from sqlalchemy import text

from core.access.commands import UpdateUser
from core.access.service import update_user
from core.db.session import connect, reading, work
from core.notices.postman import deliver
from core.notices.service import tell
from core.notices.views import About
from core.text import Text
from tests.e2e.clients import TESTER, admin_client, found
from tests.integration.notices.servers import Mailbox, mail_server, mailing
from web.cli.main import main

CHOICES, API = "/account/notices/choices", "/api/v1/me/notice-choices"
DELIVERIES = "/api/v1/notice-deliveries"
MATTER = About("matter", "019a0000-0000-7000-8000-000000000002")
FORM = {"digest_at": "09:15", "quiet_from": "22:00", "quiet_to": "06:30", "email.matter_asked": "digest"}


@pytest.fixture
def box(database: str) -> Iterator[Mailbox]:
    made = Mailbox()
    with mail_server(made), mailing(made):
        yield made


@pytest.fixture
def client(box: Mailbox) -> FlaskClient:
    made = admin_client(accept="text/html")
    with work(TESTER) as session:
        person = session.execute(text("select id, login, name from core.user_account")).one()
        update_user(session, UpdateUser(person.id, person.name, email="admin@city.example"))
    return made


def page(client: FlaskClient, address: str) -> str:
    answer = client.get(address)
    assert answer.status_code == 200, answer.get_data(as_text=True)
    return answer.get_data(as_text=True)


def sent(client: FlaskClient, method: str, address: str, body: Any = None, status: int = 200) -> Any:
    answer = client.open(address, method=method, json=body or {})
    assert answer.status_code == status, answer.get_data(as_text=True)
    return answer.get_json()


def told(client: FlaskClient) -> None:
    with work(TESTER) as session:
        who = session.execute(text("select id from core.user_account")).scalar_one()
        tell(session, [who], Text("井盖缺失 is due"), MATTER, asks=True)


def run(database: str, *arguments: str, status: int = 0) -> Result:
    done = CliRunner().invoke(main, ["notice", *arguments])
    connect(database)
    assert done.exit_code == status, (done.output, done.exception)
    return done


def test_choices_are_made_on_the_page_and_hold_in_the_api(client: FlaskClient) -> None:
    shown = page(client, CHOICES)
    assert "需要办理的事项" in shown
    assert client.post(CHOICES, data=FORM).status_code == 302
    values = found(client, API)
    assert values["modes"]["email"]["matter_asked"] == "digest"
    assert values["modes"]["email"]["matter_told"] == "off", "what the form leaves empty is switched off"
    assert {name: values[name] for name in ("quiet_from", "quiet_to", "digest_at", "channels")} == {
        "quiet_from": "22:00", "quiet_to": "06:30", "digest_at": "09:15", "channels": ["email"],
    }  # fmt: skip
    assert 'value="22:00"' in page(client, CHOICES)


@pytest.mark.parametrize(
    ("change", "pointer"),
    [
        ({"quiet_to": ""}, "/quiet_to"),
        ({"quiet_to": "22:00"}, "/quiet_to"),
        ({"digest_at": ""}, "/digest_at"),
        ({"digest_at": "25:00"}, "/digest_at"),
        ({"modes": {"pigeon": {"matter_asked": "off"}}}, "/modes/pigeon"),
        ({"modes": {"email": {"weather": "off"}}}, "/modes/email/weather"),
        ({"modes": {"email": {"matter_asked": "hourly"}}}, "/modes/email/matter_asked"),
    ],
)
def test_a_wrong_choice_is_named_and_changes_nothing(client: FlaskClient, change: dict[str, Any], pointer: str) -> None:
    before = found(client, API)
    body = {"modes": {}, "quiet_from": "22:00", "quiet_to": "06:00", "digest_at": "08:30"} | change
    problem = sent(client, "PUT", API, body, 422)
    assert [fault["pointer"] for fault in problem["errors"]] == [pointer]
    assert found(client, API) == before


def test_a_fault_of_the_form_stands_at_its_field(client: FlaskClient) -> None:
    answer = client.post(CHOICES, data=FORM | {"quiet_to": ""})
    assert answer.status_code == 422
    assert "f-quiet_to-error" in answer.get_data(as_text=True)


def test_a_channel_that_does_not_reach_the_person_says_so(client: FlaskClient) -> None:
    assert "发送至 admin@city.example" in page(client, CHOICES)
    with work(TESTER) as session:
        person = session.execute(text("select id, name from core.user_account")).one()
        update_user(session, UpdateUser(person.id, person.name))
    assert "没有登记此渠道的联系方式" in page(client, CHOICES)


def test_a_test_message_goes_the_way_of_all_and_is_listed(client: FlaskClient, box: Mailbox) -> None:
    assert "127.0.0.1" in page(client, "/settings/channels")
    assert client.post("/settings/channels/test", data={"channel": "email"}).status_code == 302
    deliver()
    assert "这是一条测试消息" in box.texts()[0]
    shown = page(client, "/settings/deliveries")
    assert "已发送" in shown
    assert all(words in shown for words in ("全部状态", "全部渠道"))
    assert "最新的在前" not in shown
    assert "测试消息</" not in shown, "what it says is not shown"
    sent(client, "POST", "/api/v1/channels/pigeon/test", status=409)


def test_what_was_given_up_says_why_and_is_tried_again(client: FlaskClient, box: Mailbox, database: str) -> None:
    box.refused = {"admin@city.example": "550 no such user"}
    told(client)
    deliver()
    (item,) = found(client, f"{DELIVERIES}?state=dead")["items"]
    assert "550 no such user" in item["fault"]
    assert "550 no such user" in page(client, "/settings/deliveries?state=dead")
    line = json.loads(run(database, "deliveries", "--state", "dead", "--json").stdout)
    assert (line["id"], line["state"], line["attempts"]) == (item["id"], "dead", 1)
    assert sent(client, "POST", f"{DELIVERIES}/{item['id']}/retry")["state"] == "waiting"
    sent(client, "POST", f"{DELIVERIES}/{item['id']}/retry", status=409)
    deliver()
    assert client.post("/settings/deliveries/retry", data={"id": item["id"]}).status_code == 302
    deliver()
    assert sent(client, "POST", f"{DELIVERIES}/retry") == {"deliveries": 1}
    deliver()
    box.refused = {}
    assert json.loads(run(database, "retry", "--all", "--json").stdout) == {"deliveries": 1}
    deliver()
    assert box.ids() == [f"<{item['id']}@city.example>"]
    assert found(client, DELIVERIES)["counts"] == {"sent": 1}
    run(database, "retry", status=2)


def test_the_command_line_sends_a_test_message(client: FlaskClient, box: Mailbox, database: str) -> None:
    with reading(TESTER) as session:
        login = session.execute(text("select login from core.user_account")).scalar_one()
    key = json.loads(run(database, "test", "email", login, "--json").stdout)["id"]
    deliver()
    assert box.ids() == [f"<{key}@city.example>"]
    run(database, "test", "email", "nobody", status=1)
