"""Programs that are called, as an administrator runs them: page, API v1 and the command line."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator

import pytest
from flask.testing import FlaskClient

from core.notices.postman import deliver
from tests.e2e.clients import admin_client, found
from tests.e2e.test_channels import page, run, sent, told
from tests.integration.notices.hubs import Hub, calling, hub_server
from tests.integration.notices.test_webhooks import sign, signed_by

PAGE, API = "/settings/webhooks", "/api/v1/webhooks"
SECRET = re.compile(r"whsec_[A-Za-z0-9+/=]+")


@pytest.fixture
def client(hub: Hub) -> FlaskClient:
    return admin_client(accept="text/html")


@pytest.fixture
def hub(database: str) -> Iterator[Hub]:
    made = Hub()
    with hub_server(made), calling():
        yield made


def form(hub: Hub, **others: object) -> dict[str, object]:
    return {"name": "政务微信网关", "url": hub.url} | others


def test_the_page_adds_one_and_shows_its_secret_once(client: FlaskClient, hub: Hub) -> None:
    assert "127.0.0.0/8" in page(client, PAGE)
    answer = client.post(PAGE, data=form(hub, topics=["matter_asked"]))
    shown = answer.get_data(as_text=True)
    assert (answer.status_code, "政务微信网关" in shown, "需要办理的事项" in shown) == (200, True, True)
    (secret,) = set(SECRET.findall(shown))
    assert not SECRET.search(page(client, PAGE))
    told(client)
    deliver()
    assert signed_by(hub.calls[0]) == [sign(secret, hub.calls[0])]
    assert "政务微信网关" in page(client, "/settings/deliveries?channel=webhook")
    assert "正在向 1 个程序推送" in page(client, "/settings/channels")


def test_a_fault_of_the_form_stands_at_its_field_and_keeps_what_was_entered(client: FlaskClient, hub: Hub) -> None:
    answer = client.post(PAGE, data=form(hub, url="https://user:word@hub.example/", topics=["plan_told"]))
    shown = answer.get_data(as_text=True)
    assert answer.status_code == 422
    assert "f-url-error" in shown
    assert 'value="政务微信网关"' in shown
    assert re.search(r'value="plan_told"\s+checked', shown)


def test_the_page_tries_pauses_renews_and_removes(client: FlaskClient, hub: Hub) -> None:
    client.post(PAGE, data=form(hub))
    (hook,) = found(client, API)["items"]
    at = f"{PAGE}/{hook['id']}"
    assert client.post(f"{at}/test").status_code == 302
    deliver()
    assert hub.calls[0].said["data"]["text"] == "这是一条测试消息"
    assert client.post(f"{at}/pause", data={"paused": "true"}).status_code == 302
    assert "暂停" in page(client, PAGE)
    assert client.post(f"{at}/test").status_code == 409
    client.post(f"{at}/pause", data={"paused": "false"})
    renewed = client.post(f"{at}/renew").get_data(as_text=True)
    assert SECRET.search(renewed)
    assert client.post(f"{at}/remove").status_code == 302
    assert "政务微信网关" not in page(client, PAGE)
    assert client.post(f"{at}/renew").status_code == 404


def test_one_that_does_not_take_its_calls_says_why(client: FlaskClient, hub: Hub, database: str) -> None:
    hub.answers = [500]
    client.post(PAGE, data=form(hub))
    told(client)
    deliver()
    shown = page(client, PAGE)
    assert "推送失败" in shown
    assert "对方应答 500" in shown
    (item,) = found(client, API)["items"]
    assert (item["waiting"], item["sent_at"], "500" in item["fault"]) == (1, None, True)
    assert "500" in run(database, "webhook", "list").stdout


def test_the_api_does_the_same(client: FlaskClient, hub: Hub) -> None:
    made = sent(client, "POST", API, form(hub, topics=["matter_told", "matter_asked"]), 201)
    assert made["topics"] == ["matter_asked", "matter_told"]
    at = f"{API}/{made['id']}"
    tried = sent(client, "POST", f"{at}/test")
    assert (tried["channel"], tried["to"], tried["state"]) == ("webhook", "政务微信网关", "waiting")
    deliver()
    assert hub.ids() == [tried["id"]]
    assert signed_by(hub.calls[0]) == [sign(made["secret"], hub.calls[0])]
    assert sent(client, "POST", f"{at}/pause")["paused_at"]
    sent(client, "POST", f"{at}/test", status=409)
    assert sent(client, "POST", f"{at}/resume")["paused_at"] is None
    assert sent(client, "POST", f"{at}/renew")["secret"] != made["secret"]
    (item,) = found(client, API)["items"]
    assert "secret" not in item
    assert item["sent_at"]
    sent(client, "POST", f"{at}/remove")
    assert found(client, API)["items"] == []
    sent(client, "POST", f"{at}/remove", status=404)


@pytest.mark.parametrize(
    ("change", "pointer"),
    [
        ({"name": " "}, "/name"),
        ({"url": "hub"}, "/url"),
        ({"topics": ["weather"]}, "/topics"),
        ({"colour": "red"}, "/colour"),
        ({"url": 5}, "/url"),
    ],
)
def test_a_wrong_one_is_named_and_not_added(
    client: FlaskClient, hub: Hub, change: dict[str, object], pointer: str
) -> None:
    problem = sent(client, "POST", API, form(hub) | change, 422)
    assert [fault["pointer"] for fault in problem["errors"]] == [pointer]
    assert found(client, API)["items"] == []


def test_the_command_line_does_the_same(client: FlaskClient, hub: Hub, database: str) -> None:
    made = json.loads(run(database, "webhook", "add", "hub", hub.url, "--topic", "plan_told", "--json").stdout)
    key = made["id"]
    line = json.loads(run(database, "webhook", "list", "--json").stdout)
    assert (line["id"], line["topics"], "secret" in line) == (key, ["plan_told"], False)
    login = found(client, "/api/v1/users")["items"][0]["login"]
    delivery = json.loads(run(database, "webhook", "test", key, login, "--json").stdout)["id"]
    deliver()
    assert hub.ids() == [delivery]
    assert json.loads(run(database, "webhook", "pause", key, "--json").stdout) == {"id": key, "paused": True}
    run(database, "webhook", "test", key, login, status=1)
    assert json.loads(run(database, "webhook", "resume", key, "--json").stdout) == {"id": key, "paused": False}
    assert json.loads(run(database, "webhook", "renew", key, "--json").stdout)["secret"] != made["secret"]
    run(database, "webhook", "remove", key)
    assert run(database, "webhook", "list", "--json").stdout == ""
    run(database, "webhook", "add", "hub", "nowhere", status=1)
