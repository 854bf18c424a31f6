"""A plugin comes into a running server and leaves it, by the command line."""

from __future__ import annotations

import json
import re
import urllib.error
import urllib.parse
import urllib.request
from http.cookiejar import CookieJar
from pathlib import Path

from core.settings import CHECKOUT
from tests.e2e.conftest import Live

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
    assert {line["name"]: line["state"] for line in lines} == {"clumsy": "failed", "emergency": "enabled"}
    assert browser.get("/p/emergency/")[0] == 200
