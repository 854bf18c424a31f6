"""Webhooks as https://www.standardwebhooks.com describes them: a signed POST with a stable id."""

from __future__ import annotations

import base64
import hashlib
import hmac
import http.client
import json
import socket
import ssl
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from typing import Final
from uuid import UUID

from core import clock
from core.notices.channels import Message, Undelivered
from core.notices.mail import one_line
from core.notices.targets import Target, resolve
from core.secrets import signing_key
from core.settings import Settings
from core.text import Text
from core.text import noop as _

STEP_SECONDS: Final = 5.0
"""How long a connection, or one answer of the other side, may take."""
WHOLE_SECONDS: Final = 10.0
"""How long one call may take in all: what hangs is let go."""
ADDRESSES_MOST: Final = 3
PREFIX: Final = "whsec_"
GONE: Final = 410
SAID_MOST: Final = 200


def secret_of(settings: Settings, webhook_id: UUID, version: int) -> str:
    """The secret of a webhook, made of the instance's own key: it stands in no table and in no backup of them."""
    words = f"webhook:{webhook_id}:{version}".encode()
    made = hmac.new(signing_key(settings).encode(), words, hashlib.sha256).digest()
    return PREFIX + base64.b64encode(made).decode()


def signature(secret: str, key: str, timestamp: int, body: bytes) -> str:
    """The signature of a body, ``v1,`` and base64 of HMAC-SHA256 over ``id.timestamp.body``.

    :param key: the id of the message, the same at each try.
    :param timestamp: of this try, in seconds since 1970.
    """
    signed = f"{key}.{timestamp}.".encode() + body
    made = hmac.new(base64.b64decode(secret.removeprefix(PREFIX)), signed, hashlib.sha256).digest()
    return f"v1,{base64.b64encode(made).decode()}"


class Caller:
    """One webhook at work; each message is a connection of its own, which follows no redirect."""

    def __init__(self, url: str, secrets: Sequence[str], allowed: Sequence[str]) -> None:
        self._url, self._secrets, self._allowed = url, secrets, allowed

    def send(self, message: Message) -> None:
        """Call it.

        :raises Undelivered: unless it answers with 2xx in time; for good where it says that it is gone.
        """
        target = resolve(self._url, self._allowed)
        line = message.lines[0]
        facts = dict(message.facts)
        values = {
            "type": facts.pop("type"),
            "timestamp": line.at.isoformat(),
            "data": {**facts, "text": line.text, "link": line.link},
        }
        body = json.dumps(values, ensure_ascii=False).encode()
        now = int(clock.now().timestamp())
        signed = " ".join(signature(secret, str(message.id), now, body) for secret in self._secrets)
        status = _post(target, body, {
            "Content-Type": "application/json",
            "User-Agent": "wangge",
            "webhook-id": str(message.id),
            "webhook-timestamp": str(now),
            "webhook-signature": signed,
        })  # fmt: skip
        if not 200 <= status < 300:
            raise Undelivered(Text(_("It answered %(status)s"), {"status": status}), final=status == GONE)

    def close(self) -> None:
        """Nothing is held."""


def _post(target: Target, body: bytes, headers: dict[str, str]) -> int:
    """Send a body; gives the status of the answer, of which nothing else is read."""
    line = _line(target)
    connection = http.client.HTTPConnection(target.host, target.port)
    connection.auto_open = False  # by itself it would look the name up again
    connection.sock = line
    with _watched(target, line):
        if isinstance(line, ssl.SSLSocket):
            line.do_handshake()
        connection.request("POST", target.path, body, {"Host": target.authority, **headers})
        return connection.getresponse().status


def _line(target: Target) -> socket.socket:
    """A connection to the first address that answers, of those that were looked at; TLS has not begun on it."""
    fault: OSError | None = None
    for address in target.addresses[:ADDRESSES_MOST]:
        try:
            line = socket.create_connection((address, target.port), STEP_SECONDS)
        except OSError as error:
            fault = error
            continue
        if not target.tls:
            return line
        context = ssl.create_default_context()
        return context.wrap_socket(line, server_hostname=target.host, do_handshake_on_connect=False)
    raise _silent(target, fault or OSError("no address"))


@contextmanager
def _watched(target: Target, line: socket.socket) -> Iterator[None]:
    """Cut the line off from beside where what is done on it takes too long, and close it in the end."""
    late = threading.Event()

    def cut() -> None:
        late.set()
        with suppress(OSError):
            socket.socket.shutdown(line, socket.SHUT_RDWR)  # TLS's own would wait for the thread that reads

    watch = threading.Timer(WHOLE_SECONDS, cut)
    watch.start()
    fault: Exception | None = None
    try:
        yield
    except (OSError, http.client.HTTPException) as error:
        fault = error
    finally:
        watch.cancel()
        line.close()
    if late.is_set():  # also where what came until then looks like an answer
        raise Undelivered(Text(_("It did not answer within %(n)s seconds"), {"n": int(WHOLE_SECONDS)})) from fault
    if fault:
        raise _silent(target, fault) from fault


def _silent(target: Target, error: Exception) -> Undelivered:
    why = one_line(str(error) or type(error).__name__, SAID_MOST)
    return Undelivered(Text(_("%(host)s does not answer: %(why)s"), {"host": target.host, "why": why}))
