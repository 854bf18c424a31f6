"""A mail server of the tests, that keeps what it took and misbehaves as told."""

from __future__ import annotations

import socketserver
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.message import EmailMessage

import pytest

from core.notices import wording
from core.settings import get_settings
from web.notice_wording import Worded


@dataclass
class Mailbox:
    """What a server took, and how it answers.

    :param refused: address → the answer it gets instead of 250.
    :param silent: set, the server takes a message and drops the line instead of saying so.
    :param held: cleared, the server waits with its answer to a message until it is set.
    """

    port: int = 0
    letters: list[tuple[str, EmailMessage]] = field(default_factory=list)
    refused: dict[str, str] = field(default_factory=dict)
    silent: threading.Event = field(default_factory=threading.Event)
    held: threading.Event = field(default_factory=threading.Event)
    reached: threading.Event = field(default_factory=threading.Event)

    def ids(self) -> list[str]:
        return [str(letter["Message-ID"]) for _to, letter in self.letters]

    def texts(self) -> list[str]:
        return [letter.get_content() for _to, letter in self.letters]


class _Talk(socketserver.StreamRequestHandler):
    """RFC 5321 as far as a client needs it here."""

    box: Mailbox

    def say(self, words: str) -> None:
        self.wfile.write(f"{words}\r\n".encode())

    def handle(self) -> None:
        self.say("220 test")
        to = ""
        while line := self.rfile.readline():
            verb, _space, rest = line.decode().strip().partition(" ")
            match verb.upper():
                case "RCPT":
                    to = rest.partition("<")[2].partition(">")[0]
                    self.say(self.box.refused.get(to, "250 ok"))
                case "DATA":
                    self.say("354 go on")
                    if not self.take(to):
                        return
                case "QUIT":
                    self.say("221 bye")
                    return
                case _:
                    self.say("250 ok")

    def take(self, to: str) -> bool:
        lines = []
        while (line := self.rfile.readline()) not in {b".\r\n", b""}:
            lines.append(line.removeprefix(b".") if line.startswith(b"..") else line)
        if not line:
            return False  # cut off in the middle: nothing was taken
        self.box.reached.set()
        self.box.held.wait()
        self.box.letters.append((to, message_from_bytes(b"".join(lines), policy=policy.default)))
        if self.box.silent.is_set():
            return False
        self.say("250 taken")
        return True


class _Server(socketserver.ThreadingTCPServer):
    allow_reuse_address = True
    daemon_threads = True
    block_on_close = False


@contextmanager
def mail_server(box: Mailbox) -> Iterator[None]:
    """The server at the box's port, one that is free at first."""
    talk = type("Talk", (_Talk,), {"box": box})
    box.held.set()
    with _Server(("127.0.0.1", box.port), talk) as server:
        box.port = server.server_address[1]
        thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
        thread.start()
        try:
            yield
        finally:
            server.shutdown()
            thread.join()


@contextmanager
def mailing(box: Mailbox) -> Iterator[None]:
    """Settings that name the server of a box."""
    values = {
        "SMTP_HOST": "127.0.0.1",
        "SMTP_PORT": str(box.port),
        "SMTP_SECURITY": "none",
        "SMTP_FROM": "网格 <wangge@city.example>",
        "SITE_URL": "https://city.example/",
    }
    with pytest.MonkeyPatch.context() as patch:
        for name, value in values.items():
            patch.setenv(f"WANGGE_{name}", value)
        get_settings.cache_clear()
        wording.use(Worded())
        yield
    wording.use(wording.Plain())
    get_settings.cache_clear()
