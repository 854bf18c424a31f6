"""What is told reaches programs: signed, at least once, with one id, and nowhere that the operator does not allow."""

from __future__ import annotations

import base64
import datetime as dt
import hashlib
import hmac
import re
import shutil
import socket
import subprocess
import time
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from core import clock
from core.db.session import reading, work
from core.errors import Forbidden, Invalid, NotFound, Refused
from core.notices import hook
from core.notices.deliveries import count_by_state, deliveries, retry_delivery
from core.notices.hook import secret_of
from core.notices.postman import deliver
from core.notices.queries import notices_of
from core.notices.service import mark_read, tell, unask
from core.notices.trial import try_webhook
from core.notices.views import About, DeliveryView
from core.notices.webhooks import (
    OVERLAP,
    add_webhook,
    pause_webhook,
    remove_webhook,
    renew_secret,
    webhook,
    webhooks,
)
from core.settings import CHECKOUT, get_settings
from core.text import Text
from tests.integration.access.making import TESTER, actor, person, rows
from tests.integration.notices.hubs import Call, Hub, calling, hub_server
from tests.integration.notices.servers import Mailbox
from tests.integration.notices.test_outbox import later, reached, states, told

MATTER = About("matter", "019a0000-0000-7000-8000-000000000002")
HOUR = dt.timedelta(hours=1)


def added(hub: Hub, *topics: str, name: str = "hub") -> tuple[UUID, str]:
    with work(TESTER) as session:
        return add_webhook(session, name, hub.url, topics)


def listed() -> list[DeliveryView]:
    with reading(TESTER) as session:
        return deliveries(session)


def fault() -> str:
    return str(listed()[0].fault)


def signed_by(call: Call) -> list[str]:
    """The signatures of a call."""
    return call.headers["webhook-signature"].split()


def sign(secret: str, call: Call) -> str:
    """The signature that a receiver computes."""
    body = f"{call.id}.{call.headers['webhook-timestamp']}.".encode() + call.body
    key = base64.b64decode(secret.removeprefix("whsec_"))
    return "v1," + base64.b64encode(hmac.new(key, body, hashlib.sha256).digest()).decode()


def test_a_program_is_called_once_for_each_who_is_told(hub: Hub) -> None:
    _key, secret = added(hub)
    who = person("wang")
    told(who, "井盖缺失")
    assert deliver() == 1
    assert deliver() == 0
    (call,) = hub.calls
    assert call.path == "/notices?from=wangge"
    assert (call.headers["host"], call.headers["content-type"]) == (f"127.0.0.1:{hub.port}", "application/json")
    assert call.id == str(listed()[0].id)
    assert abs(int(call.headers["webhook-timestamp"]) - time.time()) < 60
    assert signed_by(call) == [sign(secret, call)]
    assert (call.said["type"], dt.datetime.fromisoformat(call.said["timestamp"]).tzinfo) == (
        "notice.matter_asked", dt.UTC,
    )  # fmt: skip
    assert call.said["data"] == {
        "subject": "matter", "id": MATTER.id, "person": str(who), "text": "井盖缺失",
        "link": f"https://city.example/matters/{MATTER.id}",
    }  # fmt: skip
    assert states() == {"sent": 1}
    assert (listed()[0].to, listed()[0].channel) == ("hub", "webhook")


def test_what_is_rolled_back_calls_nobody(hub: Hub) -> None:
    added(hub)
    who = person("wang")
    with pytest.raises(ZeroDivisionError), work(TESTER) as session:
        tell(session, [who], Text("news"), MATTER)
        raise ZeroDivisionError
    assert deliver() == 0
    assert rows("select * from core.notice_delivery") == []


def test_an_answer_of_500_is_tried_again_with_the_same_id(hub: Hub) -> None:
    _key, secret = added(hub)
    hub.answers = [500, 503]
    told(person("wang"))
    deliver()
    assert fault() == "It answered 500"
    assert later(dt.timedelta(seconds=30)) == 0, "the back-off holds"
    later(HOUR)
    later(2 * HOUR)
    assert len(hub.calls) == 3
    assert set(hub.ids()) == {str(listed()[0].id)}
    assert len({call.headers["webhook-timestamp"] for call in hub.calls}) == 3
    assert [signed_by(call) == [sign(secret, call)] for call in hub.calls] == [True] * 3
    assert states() == {"sent": 1}


def test_an_address_that_is_gone_is_given_up_at_once_until_somebody_tries_it_again(hub: Hub) -> None:
    added(hub)
    hub.answers = [410]
    told(person("wang"))
    deliver()
    (dead,) = listed()
    assert (dead.state, dead.attempts) == ("dead", 1)
    with work(TESTER) as session:
        retry_delivery(session, dead.id)
    deliver()
    assert hub.ids() == [str(dead.id)] * 2
    assert states() == {"sent": 1}


def test_a_redirect_is_not_followed(hub: Hub) -> None:
    added(hub)
    elsewhere = Hub()
    with hub_server(elsewhere):
        hub.answers, hub.location = [302, 307], elsewhere.url
        told(person("wang"))
        deliver()
        later(HOUR)
    assert elsewhere.calls == []
    assert fault() == "It answered 307"


@pytest.mark.parametrize("drips", [False, True])
def test_a_program_that_hangs_is_let_go_and_holds_nobody_else_up(
    hub: Hub, box: Mailbox, drips: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(hook, "STEP_SECONDS", 0.5)
    monkeypatch.setattr(hook, "WHOLE_SECONDS", 1.5)
    hung = Hub()
    with hub_server(hung), calling():
        added(hung, name="hangs")
        added(hub)
        if drips:
            hung.drips = True
        else:
            hung.held.clear()
        told(person("wang"))
        told(person("li"))
        started = time.monotonic()
        deliver()
        assert time.monotonic() - started < 10
        hung.held.set()
    assert len(hub.calls) == 2
    assert len(hung.calls) == 1, "the second waits until the lane has its next turn"
    (late,) = [each for each in listed() if each.fault]
    assert ("did not answer within" if drips else "timed out") in str(late.fault)
    assert states() == {"sent": 2, "waiting": 2}


def test_a_program_that_does_not_run_is_tried_again(hub: Hub) -> None:
    away = Hub()
    with hub_server(away):
        added(away)
    told(person("wang"))
    deliver()
    assert "does not answer" in fault()
    with hub_server(away):
        later(HOUR)
    assert states() == {"sent": 1}


def test_what_lies_inside_is_called_only_where_the_operator_says_so(hub: Hub) -> None:
    added(hub)
    told(person("wang"))
    with calling("10.0.0.0/8"):
        deliver()
    assert hub.calls == []
    assert "127.0.0.1" in fault()
    assert "webhook_allow" in fault()
    later(HOUR)
    assert hub.ids() == [str(listed()[0].id)]


def test_the_address_that_was_looked_at_is_the_one_that_is_called(hub: Hub, monkeypatch: pytest.MonkeyPatch) -> None:
    known, asked = socket.getaddrinfo, []

    def turncoat(host: str, *rest: Any, **how: Any) -> Any:
        """A name server that names an allowed address once, and then another."""
        if host != "hub.city.example":
            return known(host, *rest, **how)
        asked.append(host)
        return known("127.0.0.1" if len(asked) == 1 else "127.0.0.2", *rest, **how)

    monkeypatch.setattr(socket, "getaddrinfo", turncoat)
    with work(TESTER) as session:
        add_webhook(session, "hub", f"http://hub.city.example:{hub.port}/")
    told(person("wang"))
    deliver()
    assert len(asked) == 1
    assert [call.headers["host"] for call in hub.calls] == [f"hub.city.example:{hub.port}"]


def test_a_renewed_secret_signs_at_once_and_the_old_one_beside_it_for_a_day(hub: Hub) -> None:
    key, old = added(hub)
    with work(TESTER) as session:
        new = renew_secret(session, key)
    assert old != new
    who = person("wang")
    told(who)
    deliver()
    assert signed_by(hub.calls[0]) == [sign(new, hub.calls[0]), sign(old, hub.calls[0])]
    moment = clock.now() + OVERLAP
    with clock.turned(lambda: moment):
        told(who)
        deliver()
    assert signed_by(hub.calls[1]) == [sign(new, hub.calls[1])]


def test_each_webhook_has_a_secret_of_its_own_and_none_is_kept(hub: Hub) -> None:
    secrets = [added(hub)[1], added(hub)[1]]
    with work(TESTER) as session:
        secrets.append(renew_secret(session, webhooks(session)[0].id))
    assert len(set(secrets)) == 3
    assert all(secret.startswith("whsec_") and len(base64.b64decode(secret[6:])) == 32 for secret in secrets)
    kept = str(rows("select * from core.webhook")) + str(rows("select before, after from core.journal"))
    assert [secret for secret in secrets if secret[6:] in kept] == []


def test_a_paused_one_holds_what_waits_and_hears_nothing_new(hub: Hub) -> None:
    key, _secret = added(hub)
    who = person("wang")
    told(who, "before")
    with work(TESTER) as session:
        pause_webhook(session, key, paused=True)
    told(who, "meanwhile")
    assert deliver() == 0
    with pytest.raises(Refused), work(TESTER) as session:
        try_webhook(session, key, who)
    with work(TESTER) as session:
        pause_webhook(session, key, paused=False)
    told(who, "after")
    deliver()
    assert [call.said["data"]["text"] for call in hub.calls] == ["before", "after"]


def test_a_removed_one_is_not_called_and_stays_named_in_what_was_sent(hub: Hub) -> None:
    key, _secret = added(hub)
    who = person("wang")
    told(who)
    deliver()
    told(who)
    with work(TESTER) as session:
        pause_webhook(session, key, paused=True)
        remove_webhook(session, key)
    told(who)
    assert deliver() == 0
    assert states() == {"sent": 1, "dropped": 1}
    assert {each.to for each in listed()} == {"hub"}
    with reading(TESTER) as session:
        assert webhooks(session) == []
        with pytest.raises(NotFound):
            webhook(session, key)
    with pytest.raises(NotFound), work(TESTER) as session:
        renew_secret(session, key)


def test_it_hears_of_what_it_chose(hub: Hub) -> None:
    added(hub, "matter_told", "plan_asked")
    who = person("wang")
    told(who, "asked")
    with work(TESTER) as session:
        tell(session, [who], Text("told"), MATTER)
        tell(session, [who], Text("plan"), About("plan", MATTER.id), asks=True)
    deliver()
    assert sorted(call.said["type"] for call in hub.calls) == ["notice.matter_told", "notice.plan_asked"]


def test_what_was_taken_back_is_not_sent_and_what_was_read_is(hub: Hub) -> None:
    added(hub)
    who = person("wang")
    told(who, "news of it")
    with work(actor(who)) as session:
        mark_read(session, [notices_of(session)[0].id])
    with work(TESTER) as session:
        other = About("matter", "019a0000-0000-7000-8000-000000000003")
        tell(session, [who], Text("taken back"), other, asks=True)
        unask(session, other)
    deliver()
    assert [call.said["data"]["text"] for call in hub.calls] == ["news of it"]
    assert states() == {"sent": 1, "dropped": 1}


def test_people_and_programs_are_told_beside_each_other(hub: Hub, box: Mailbox) -> None:
    with calling():
        added(hub)
        added(hub, name="second")
        told(reached("wang"))
        assert deliver() == 3
    assert (len(hub.calls), len(box.letters)) == (2, 1)
    assert {each.to for each in listed()} == {"hub", "second", "wang"}


def test_figures_of_each_are_shown(hub: Hub) -> None:
    key, _secret = added(hub)
    who = person("wang")
    hub.answers = [204, 410, 500]
    for _each in range(3):
        told(who)
    deliver()
    with reading(TESTER) as session:
        shown = webhook(session, key)
        assert count_by_state(session) == {"sent": 1, "dead": 1, "waiting": 1}
    assert (shown.waiting, shown.dead) == (1, 1)
    assert shown.sent_at is not None


@pytest.mark.parametrize(
    ("name", "url", "topics", "pointers"),
    [
        ("", "https://hub.example/", (), ["/name"]),
        ("a\nb", "https://hub.example/", (), ["/name"]),
        ("x" * 81, "https://hub.example/", (), ["/name"]),
        ("hub", "hub.example", (), ["/url"]),
        ("hub", "https://user:word@hub.example/", (), ["/url"]),
        (" ", "file:///etc/passwd", ("weather",), ["/name", "/url", "/topics"]),
    ],
)
def test_what_is_wrong_is_named(
    database: str, name: str, url: str, topics: tuple[str, ...], pointers: list[str]
) -> None:
    with pytest.raises(Invalid) as caught, work(TESTER) as session:
        add_webhook(session, name, url, topics)
    assert [objection.pointer for objection in caught.value.objections] == pointers


def test_only_whoever_runs_the_channels_has_programs_called(hub: Hub) -> None:
    key, _secret = added(hub)
    stranger = actor(person("wang"))
    for act in (
        lambda session: add_webhook(session, "mine", "https://hub.example/"),
        lambda session: renew_secret(session, key),
        lambda session: pause_webhook(session, key, paused=True),
        lambda session: remove_webhook(session, key),
        lambda session: try_webhook(session, key, stranger.user_id),
        webhooks,
    ):
        with pytest.raises(Forbidden), work(stranger) as session:
            act(session)


@pytest.fixture
def certificate(tmp_path: Path) -> Path:
    """A certificate of 127.0.0.1 that nobody vouches for, with its key."""
    if not shutil.which("openssl"):
        pytest.skip("no openssl to make a certificate with")
    file = tmp_path / "hub.pem"
    asked = "req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=127.0.0.1 -addext subjectAltName=IP:127.0.0.1"
    command = ["openssl", *asked.split(), "-keyout", str(file), "-out", str(tmp_path / "hub.crt")]
    subprocess.run(command, check=True, capture_output=True)
    file.write_text(file.read_text() + (tmp_path / "hub.crt").read_text())
    return file


def test_by_tls_only_who_proves_to_be_the_host_is_told(
    hub: Hub, certificate: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept = Hub()
    with hub_server(kept, str(certificate)):
        with work(TESTER) as session:
            add_webhook(session, "kept", kept.url.replace("http:", "https:"))
        told(person("wang"))
        deliver()
        assert kept.calls == []
        assert "CERTIFICATE_VERIFY_FAILED" in fault()
        monkeypatch.setenv("SSL_CERT_FILE", str(certificate.with_name("hub.crt")))
        later(HOUR)
        assert kept.ids() == [str(listed()[0].id)]
        monkeypatch.setattr(hook, "WHOLE_SECONDS", 1.0)
        kept.drips = True
        told(person("li"))
        later(2 * HOUR)
    assert "did not answer within" in fault()


def test_the_example_for_receivers_takes_what_is_genuine_and_nothing_else(hub: Hub) -> None:
    (example,) = re.findall(r"```python\n(.*?)```", (CHECKOUT / "docs" / "channels.md").read_text(), re.DOTALL)
    names: dict[str, Any] = {}
    exec(example, names)
    is_genuine = names["is_genuine"]
    key, old = added(hub)
    with work(TESTER) as session:
        new = renew_secret(session, key)
    told(person("wang"), "井盖缺失")
    deliver()
    (call,) = hub.calls
    assert is_genuine(old, call.headers, call.body)
    assert is_genuine(new, call.headers, call.body)
    assert not is_genuine(new, call.headers, call.body + b" ")
    assert not is_genuine(new, call.headers | {"webhook-id": "other"}, call.body)
    assert not is_genuine(secret_of(get_settings(), key, 3), call.headers, call.body)
    stale = str(int(call.headers["webhook-timestamp"]) - 301)
    assert not is_genuine(new, call.headers | {"webhook-timestamp": stale}, call.body)
