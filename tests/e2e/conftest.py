"""A real server on a free port, and Debian's Chromium that must stay silent: no error, no request elsewhere."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import ConsoleMessage, Page, Request
from wangge.testing import copy_database

from core.access.service import ensure_first_admin
from core.actor import command_line
from core.db.cluster import Cluster
from core.db.session import connect, disconnect, work
from core.settings import CHECKOUT, get_settings
from tests.conftest import TEMPLATE

CHROMIUM = Path("/usr/bin/chromium")
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
READY_SECONDS = 60


@dataclass
class Live:
    """A running server and what is needed to speak with it."""

    url: str
    home: Path
    environment: dict[str, str]
    login: str
    password: str
    process: subprocess.Popen[bytes]

    def cli(self, *arguments: str, check: bool = True) -> subprocess.CompletedProcess[str]:
        """Run the `wangge` command on the same instance."""
        command = [sys.executable, "-m", "web.cli", *arguments]
        done = subprocess.run(command, env=self.environment, cwd=CHECKOUT, capture_output=True, text=True, check=False)
        if check and done.returncode:
            raise AssertionError(f"{arguments}: {done.stdout}\n{done.stderr}")
        return done


def free_port() -> int:
    """A port that nobody uses now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
        assert isinstance(port, int)
        return port


@pytest.fixture(scope="module")
def live(cluster: Cluster, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Live]:
    """A server of this module's own: fresh database, fresh data folder, first administrator made."""
    port, home = free_port(), tmp_path_factory.mktemp("home")
    name = f"live_{os.getpid()}_{port}"
    copy_database(cluster, TEMPLATE, name)
    environment = {
        **os.environ,
        "WANGGE_HOME": str(home),
        "WANGGE_DATABASE_URL": cluster.url("wangge_app", name),
        "WANGGE_OWNER_URL": cluster.url("wangge_owner", name),
        "WANGGE_WORKERS": "1",
    }
    login, password = _first_admin(environment)
    process = subprocess.Popen(
        [sys.executable, "-m", "gunicorn", "-c", "python:web.server", "-b", f"127.0.0.1:{port}", "web.wsgi:app"],
        env=environment,
        cwd=CHECKOUT,
    )
    url = f"http://127.0.0.1:{port}"
    try:
        _wait_ready(url, process)
        yield Live(url, home, environment, login, password, process)
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(30)
        with cluster.superuser() as cursor:
            cursor.execute(f"drop database {name} with (force)")


def _first_admin(environment: dict[str, str]) -> tuple[str, str]:
    get_settings.cache_clear()
    connect(environment["WANGGE_DATABASE_URL"])
    try:
        with work(command_line("test")) as session:
            first = ensure_first_admin(session)
    finally:
        disconnect()
    assert first is not None
    return first


def _wait_ready(url: str, process: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + READY_SECONDS
    while time.monotonic() < deadline:
        assert process.poll() is None, "the server ended at once"
        try:
            with urllib.request.urlopen(f"{url}/readyz", timeout=5):
                return
        except (urllib.error.URLError, OSError):
            time.sleep(0.1)
    raise AssertionError("the server did not become ready")


@pytest.fixture(scope="session")
def browser_type_launch_args() -> dict[str, Any]:
    """Debian's Chromium; the test is skipped, with the reason, where it is absent."""
    if not CHROMIUM.exists():
        pytest.skip(f"no browser at {CHROMIUM}")
    return {"executable_path": str(CHROMIUM), "args": FLAGS}


@pytest.fixture(scope="session")
def browser_context_args() -> dict[str, Any]:
    """A clerk's screen."""
    return {
        "locale": "zh-CN",
        "timezone_id": "Asia/Shanghai",
        "viewport": {"width": 1366, "height": 768},
        "reduced_motion": "reduce",
    }


@pytest.fixture
def quiet_page(page: Page, live: Live) -> Iterator[Page]:
    """A page on the live server that must log no error and ask no other host."""
    faults: list[str] = []

    def on_console(message: ConsoleMessage) -> None:
        if message.type == "error":
            faults.append(f"console: {message.text}")

    def on_request(request: Request) -> None:
        if not request.url.startswith((live.url, "data:", "blob:")):
            faults.append(f"request elsewhere: {request.url}")

    page.on("console", on_console)
    page.on("request", on_request)
    page.on("pageerror", lambda error: faults.append(f"script: {error}"))
    yield page
    assert faults == []


@pytest.fixture
def sign_in(quiet_page: Page, live: Live) -> Callable[..., Page]:
    """Log in by the form; by default as the first administrator, who then chooses a password once."""
    chosen = "Correct-Horse-7"

    def enter(login: str = "", password: str = "") -> Page:
        quiet_page.goto(f"{live.url}/login")
        quiet_page.get_by_label("登录名").fill(login or live.login)
        quiet_page.get_by_label("密码", exact=True).fill(password or live.password)
        quiet_page.get_by_role("button", name="登录").click()
        quiet_page.wait_for_url(lambda url: "/login" not in url)
        if "/account/password" in quiet_page.url:
            quiet_page.get_by_label("当前密码").fill(password or live.password)
            quiet_page.get_by_label("新密码", exact=True).fill(chosen)
            quiet_page.get_by_label("再次输入新密码").fill(chosen)
            quiet_page.get_by_role("button", name="保存").click()
            quiet_page.wait_for_url(lambda url: "/account/password" not in url)
            live.password = chosen
        return quiet_page

    return enter
