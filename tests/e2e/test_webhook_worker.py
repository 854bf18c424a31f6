"""`wangge work` is killed while it calls a program: nothing that was told is lost, and each keeps its id."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from uuid import UUID

import pytest
from sqlalchemy import text

from core.db.session import connect, disconnect, work
from core.notices.service import tell
from core.notices.views import About
from core.notices.webhooks import add_webhook, remove_webhook
from core.settings import CHECKOUT, get_settings
from core.text import Text
from tests.e2e.clients import TESTER
from tests.e2e.conftest import Live
from tests.integration.notices.hubs import Hub, hub_server

MATTER = About("matter", "019a0000-0000-7000-8000-000000000002")
SECONDS = 60
STATES = "select state, count(*) from core.notice_delivery group by state"
LEASES = "update core.notice_delivery set leased_until = now() where leased_until is not null"


@pytest.fixture
def here(live: Live) -> Iterator[None]:
    """This process at the server's database."""
    get_settings.cache_clear()
    connect(live.environment["WANGGE_DATABASE_URL"])
    yield
    disconnect()


def until(true: Callable[[], bool], said: str) -> None:
    deadline = time.monotonic() + SECONDS
    while not true():
        assert time.monotonic() < deadline, said
        time.sleep(0.1)


def states() -> dict[str, int]:
    with work(TESTER) as session:
        return {str(state): n for state, n in session.execute(text(STATES))}


def start(live: Live) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-m", "web.cli", "work"]
    environment = live.environment | {"WANGGE_WEBHOOK_ALLOW": "127.0.0.0/8"}
    return subprocess.Popen(command, env=environment, cwd=CHECKOUT, start_new_session=True)


def wait_for_leases() -> None:
    """What a killed worker had taken is free again in a few minutes; here at once."""
    with work(TESTER) as session:
        session.execute(text(LEASES))


@pytest.mark.parametrize("kills", [2, pytest.param(20, marks=pytest.mark.long)])
def test_a_killed_worker_loses_nothing_of_what_was_told(live: Live, here: None, kills: int) -> None:
    hub, told = Hub(), kills + 10
    with hub_server(hub):
        with work(TESTER) as session:
            session.execute(text("delete from core.notice_delivery"))
            who: UUID = session.execute(text("select id from core.user_account limit 1")).scalar_one()
            key, _secret = add_webhook(session, "hub", hub.url)
        for number in range(told):
            with work(TESTER) as session:
                tell(session, [who], Text(f"news {number}"), MATTER)
        for _kill in range(kills):
            hub.frees = 1
            hub.held.clear()
            hub.reached.clear()
            worker = start(live)
            try:
                until(hub.reached.is_set, "the worker did not call")
            finally:
                os.killpg(worker.pid, signal.SIGKILL)
                worker.wait()
            hub.held.set()
            wait_for_leases()
        worker = start(live)
        try:
            until(lambda: "waiting" not in states(), "the worker did not send the rest")
        finally:
            worker.send_signal(signal.SIGTERM)
            assert worker.wait(30) == 0
        with work(TESTER) as session:
            remove_webhook(session, key)
    assert states() == {"sent": told}
    assert len(set(hub.ids())) == told
    assert {call.said["data"]["text"] for call in hub.calls} == {f"news {number}" for number in range(told)}
    assert len(hub.calls) == told + kills, "only what was cut off comes twice"
