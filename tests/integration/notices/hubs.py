"""A program of the tests that is called by webhooks, keeps what it took and misbehaves as told."""

from __future__ import annotations

import json
import ssl
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from core.notices import wording
from core.settings import get_settings
from web.notice_wording import Worded


@dataclass(frozen=True)
class Call:
    """One call: path with query, headers by small names, body."""

    path: str
    headers: dict[str, str]
    body: bytes

    @property
    def id(self) -> str:
        return self.headers["webhook-id"]

    @property
    def said(self) -> Any:
        return json.loads(self.body)


@dataclass
class Hub:
    """What a program took, and how it answers.

    :param answers: states of the answers in turn; after them 204.
    :param location: where an answer says that it has moved to.
    :param held: cleared, it waits with its answers until it is set.
    :param frees: how many calls it answers all the same.
    :param reached: set once a call came that it may have to hold.
    :param drips: whether its answer comes a byte at a time and never ends.
    """

    port: int = 0
    calls: list[Call] = field(default_factory=list)
    answers: list[int] = field(default_factory=list)
    location: str = ""
    held: threading.Event = field(default_factory=threading.Event)
    reached: threading.Event = field(default_factory=threading.Event)
    frees: int = 0
    drips: bool = False

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/notices?from=wangge"

    def ids(self) -> list[str]:
        return [call.id for call in self.calls]


class _Talk(BaseHTTPRequestHandler):
    """Takes a POST; whatever else is asked for is no part of a webhook."""

    hub: Hub

    def do_POST(self) -> None:
        hub = self.hub
        headers = {name.lower(): value for name, value in self.headers.items()}
        hub.calls.append(Call(self.path, headers, self.rfile.read(int(headers["content-length"]))))
        if hub.frees:
            hub.frees -= 1
        else:
            hub.reached.set()
            hub.held.wait()
        if hub.drips:
            self._drip()
            return
        self.send_response(hub.answers.pop(0) if hub.answers else 204)
        if hub.location:
            self.send_header("Location", hub.location)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def _drip(self) -> None:
        for sign in "HTTP/1.0 200 OK\r\nX-Long: " + "x" * 10_000:
            try:
                self.wfile.write(sign.encode())
            except OSError:
                return
            time.sleep(0.05)

    def log_message(self, *_arguments: Any) -> None:
        """Nothing is written."""


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False
    request_queue_size = 64

    def handle_error(self, *_arguments: Any) -> None:
        """A line that was cut off is what some tests are about."""


@contextmanager
def hub_server(hub: Hub, certificate: str = "") -> Iterator[None]:
    """The program at the hub's port, one that is free at first; by TLS with a certificate and its key in one file."""
    talk = type("Talk", (_Talk,), {"hub": hub})
    hub.held.set()
    with _Server(("127.0.0.1", hub.port), talk) as server:
        if certificate:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(certificate)
            server.socket = context.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
        hub.port = server.server_address[1]
        thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
        thread.start()
        try:
            yield
        finally:
            server.shutdown()
            thread.join()


@contextmanager
def calling(allowed: str = "127.0.0.0/8") -> Iterator[None]:
    """Settings that let webhooks lead to some places inside."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("WANGGE_WEBHOOK_ALLOW", allowed)
        patch.setenv("WANGGE_SITE_URL", "https://city.example/")
        get_settings.cache_clear()
        wording.use(Worded())
        yield
    wording.use(wording.Plain())
    get_settings.cache_clear()
