"""Where webhooks may lead."""

from __future__ import annotations

import socket
from typing import Any

import pytest

from core.errors import Unusable
from core.notices.channels import Undelivered
from core.notices.targets import is_allowed, is_target, resolve
from core.settings import get_settings

ALLOWED = ["10.20.0.0/16", "hub.city.example", "fd00:1::/32"]


@pytest.mark.parametrize(
    ("address", "host", "may"),
    [
        ("93.184.216.34", "open.example", True),
        ("2606:2800:220:1:248:1893:25c8:1946", "open.example", True),
        ("10.20.3.4", "other.example", True),
        ("10.21.3.4", "other.example", False),
        ("10.21.3.4", "hub.city.example", True),
        ("192.168.1.1", "HUB.city.example", True),
        ("127.0.0.1", "hub.city.example", False),
        ("169.254.169.254", "hub.city.example", False),
        ("fe80::1%eth0", "hub.city.example", False),
        ("0.0.0.0", "hub.city.example", False),
        ("::", "hub.city.example", False),
        ("::1", "hub.city.example", False),
        ("224.0.0.1", "open.example", False),
        ("255.255.255.255", "open.example", False),
        ("100.64.0.1", "open.example", False),
        ("172.16.0.1", "open.example", False),
        ("fd00:1::5", "open.example", True),
        ("fd00:2::5", "open.example", False),
        ("fec0::1", "open.example", False),
        ("::ffff:127.0.0.1", "open.example", False),
        ("::ffff:10.20.0.9", "open.example", True),
        ("2002:7f00:1::1", "open.example", False),
        ("64:ff9b::7f00:1", "open.example", False),
        ("64:ff9b::5db8:d822", "open.example", True),
    ],
)
def test_the_open_net_is_allowed_and_inside_what_the_operator_named(address: str, host: str, may: bool) -> None:
    assert is_allowed(address, host, ALLOWED) is may


def test_this_machine_is_reached_where_it_is_named_as_a_network() -> None:
    assert is_allowed("127.0.0.1", "localhost", ["127.0.0.0/8"])
    assert not is_allowed("127.0.0.1", "localhost", ["localhost"])


@pytest.mark.parametrize("host", ["127.0.0.1", "127.1", "2130706433", "0x7f000001", "[::1]", "localhost", "0"])
def test_no_spelling_of_this_machine_gets_through(host: str) -> None:
    with pytest.raises(Undelivered, match=r"webhook_allow|no address"):
        resolve(f"http://{host}:8000/", ["localhost", "10.0.0.0/8"])


def test_a_name_of_which_one_address_is_not_allowed_is_not_called(monkeypatch: pytest.MonkeyPatch) -> None:
    found: list[Any] = [(0, 0, 0, "", (address, 443)) for address in ("93.184.216.34", "192.168.1.1")]
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_asked, **_how: found)
    with pytest.raises(Undelivered, match=r"192\.168\.1\.1"):
        resolve("https://open.example/", [])


@pytest.mark.parametrize(
    ("url", "good"),
    [
        ("https://hub.example/notices?a=1", True),
        ("http://hub:8080", True),
        ("https://[fd00:1::5]:8443/x", True),
        ("ftp://hub.example/", False),
        ("//hub.example/", False),
        ("https://", False),
        ("https://user:word@hub.example/", False),
        ("https://hub.example/#part", False),
        ("https://hub.example:0/", False),
        ("https://hub.example:99999/", False),
        ("https://hub.example/a b", False),
        ("https://hub.example/\r\nX: y", False),
        ("https://网格.example/", False),
        ("https://[hub/", False),
        ("https://hub.example/" + "x" * 500, False),
    ],
)
def test_what_is_an_address(url: str, good: bool) -> None:
    assert is_target(url) is good


def test_the_host_is_named_with_its_port_where_it_is_not_the_usual_one() -> None:
    asked = {"https://[fd00:1::5]:8443/": "[fd00:1::5]:8443", "https://10.20.0.1/": "10.20.0.1"}
    asked |= {"http://10.20.0.1:443/": "10.20.0.1:443", "http://10.20.0.1:80/": "10.20.0.1"}
    assert {url: resolve(url, ALLOWED).authority for url in asked} == asked


def test_what_is_allowed_is_set_as_a_list_with_commas(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WANGGE_WEBHOOK_ALLOW", "10.20.0.0/16, HUB.city.example ,::1")
    get_settings.cache_clear()
    assert get_settings().webhook_allow == ["10.20.0.0/16", "hub.city.example", "::1/128"]
    for wrong in ("10.20.3.4/16", "http://hub.example", "10.20.300.1", "hub:80", "*.example"):
        monkeypatch.setenv("WANGGE_WEBHOOK_ALLOW", wrong)
        get_settings.cache_clear()
        with pytest.raises(Unusable, match="webhook_allow"):
            get_settings()
    monkeypatch.undo()
    get_settings.cache_clear()
