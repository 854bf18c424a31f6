"""A plugin comes into a running server and leaves it, by the command line."""

from __future__ import annotations

import json
import re
import signal
import time
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Callable
from http.cookiejar import CookieJar
from pathlib import Path

import pytest

from core.settings import CHECKOUT
from tests.e2e.conftest import Live
from tests.integration.plugins.wheels import MANIFEST, make_wheel

PASSWORD = "correct-Horse-9-battery"


class Browser:
    """Someone signed in."""

    def __init__(self, live: Live) -> None:
        self.url = live.url
        self.opener = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(CookieJar()))
        self.post("/login", login=live.login, password=live.password)
        self.post("/account/password", old=live.password, new=PASSWORD, again=PASSWORD)

    def get(self, path: str) -> tuple[int, str]:
        request = urllib.request.Request(self.url + path, headers={"Accept": "text/html"})
        try:
            with self.opener.open(request, timeout=30) as answer:
                return answer.status, answer.read().decode()
        except urllib.error.HTTPError as error:
            return error.code, error.read().decode()

    def post(self, path: str, **values: str) -> None:
        _status, page = self.get(path)
        token = re.search(r'name="csrf_token" value="([^"]+)"', page)
        assert token, page
        body = urllib.parse.urlencode({"csrf_token": token[1], **values}).encode()
        self.opener.open(urllib.request.Request(self.url + path, body), timeout=30).close()


def test_a_plugin_comes_and_goes_while_the_server_runs(live: Live, tmp_path: Path) -> None:
    browser = Browser(live)
    assert browser.get("/p/emergency/")[0] == 404
    built = json.loads(live.cli("plugin", "build", "plugins/emergency", "--out", str(tmp_path), "--json").stdout)
    live.cli("plugin", "install", built["file"])
    assert browser.get("/p/emergency/")[0] == 404
    line = json.loads(live.cli("plugin", "enable", "emergency", "--json").stdout)
    assert line == {
        "name": "emergency",
        "distribution": "wangge-emergency",
        "version": built["version"],
        "state": "enabled",
        "reason": "",
        "kinds": ["emergency.hazard", "emergency.flash"],
        "layers": ["emergency.shelters"],
        "panels": ["emergency.hazards"],
    }
    status, page = browser.get("/p/emergency/")
    assert status == 200
    assert "应急管理" in page
    live.cli("plugin", "disable", "emergency")
    assert browser.get("/p/emergency/")[0] == 404
    assert "/p/emergency/" not in browser.get("/grids")[1]
    live.cli("plugin", "enable", "emergency")
    assert browser.get("/p/emergency/")[0] == 200

    broken = live.cli("plugin", "build", str(CHECKOUT / "tests/plugins/clumsy"), "--out", str(tmp_path), "--json")
    refused = live.cli("plugin", "install", json.loads(broken.stdout)["file"], check=False)
    assert refused.returncode == 1
    assert "stumbled at import" in refused.stderr
    lines = [json.loads(line) for line in live.cli("plugin", "list", "--json").stdout.splitlines()]
    assert {line["name"]: line["state"] for line in lines} == {"emergency": "enabled"}
    assert browser.get("/p/emergency/")[0] == 200


HELD = """import pathlib, time
pathlib.Path({began!r}).touch()
while pathlib.Path({hold!r}).exists(): time.sleep(0.05)
"""


def worker(live: Live) -> str:
    """Process id of the one worker that announced itself last."""
    announced = (live.home / "run" / "workers").glob("[0-9]*")
    return max(announced, key=lambda path: path.stat().st_mtime_ns).name


def wait_until(holds: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 60
    while not holds():
        assert time.monotonic() < deadline
        time.sleep(0.1)


@pytest.mark.long
def test_while_new_workers_start_the_old_ones_answer(live: Live, tmp_path: Path) -> None:
    hold, began = tmp_path / "hold", tmp_path / "began"
    held = HELD.format(hold=str(hold), began=str(began))
    files = {"wangge_tiny/__init__.py": MANIFEST.format(name="tiny") + held}
    live.cli("plugin", "install", str(make_wheel(tmp_path, files=files)))
    live.cli("plugin", "enable", "tiny")
    before = worker(live)
    hold.touch()
    began.unlink()
    live.process.send_signal(signal.SIGHUP)
    wait_until(began.exists)
    with urllib.request.urlopen(f"{live.url}/healthz", timeout=20) as answer:
        assert answer.status == 200
    assert worker(live) == before
    hold.unlink()
    wait_until(lambda: worker(live) != before)
    with urllib.request.urlopen(f"{live.url}/healthz", timeout=20) as answer:
        assert answer.status == 200
