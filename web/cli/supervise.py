"""`wangge up`: the cluster, the web server and the job worker as children that never outlive us."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from types import FrameType

from core.children import BOUND
from core.db.cluster import Cluster
from core.errors import Unusable
from core.settings import Settings
from web.cli.output import say

READY_SECONDS = 90
STOP_SECONDS = 35
RESTART_PAUSE_SECONDS = 1.0


@dataclass
class Child:
    """A supervised process and how to start it again."""

    name: str
    command: Sequence[str]
    environment: Mapping[str, str]
    process: subprocess.Popen[bytes] | None = field(default=None, repr=False)

    def start(self) -> None:
        """Start it; the kernel ends it with this process, whatever this process dies of."""
        self.process = subprocess.Popen(
            [*BOUND, *self.command],
            env=dict(self.environment),
            start_new_session=True,
        )

    def dead(self) -> bool:
        """Whether it ended by itself."""
        return self.process is not None and self.process.poll() is not None

    def stop(self) -> None:
        """End it gently, then surely."""
        if self.process is None or self.process.poll() is not None:
            return
        self.process.terminate()
        try:
            self.process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()


def children(settings: Settings, urls: Mapping[str, str], port: int) -> list[Child]:
    """The web server and the job worker.

    :param urls: settings such as ``WANGGE_DATABASE_URL`` that name the database for the children.
    """
    environment = {**os.environ, **urls, "WANGGE_HOME": str(settings.home)}
    python = sys.executable
    return [
        Child("web", web_command(settings, port), environment),
        Child("jobs", [python, "-m", "web.cli", "work"], environment),
    ]


def web_command(settings: Settings, port: int) -> list[str]:
    """Gunicorn on this address."""
    bind = f"{settings.host}:{port}"
    return [sys.executable, "-m", "gunicorn", "-c", "python:web.server", "-b", bind, "web.wsgi:app"]


@contextmanager
def stop_signals() -> Iterator[list[int]]:
    """Signals received inside the block that ask us to end."""
    received: list[int] = []

    def note(number: int, _frame: FrameType | None) -> None:
        received.append(number)

    before = {number: signal.signal(number, note) for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)}
    try:
        yield received
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def wait_ready(address: str, web: Child, stop: Sequence[int]) -> None:
    """Until ``/readyz`` answers 200."""
    deadline = time.monotonic() + READY_SECONDS
    while time.monotonic() < deadline and not stop:
        if web.dead():
            raise Unusable("The web server ended at once; its messages stand above")
        try:
            with urllib.request.urlopen(f"{address}/readyz", timeout=5) as answer:
                if answer.status == 200:
                    return
        except (urllib.error.URLError, OSError):
            pass
        time.sleep(0.1)
    if not stop:
        raise Unusable("The web server did not become ready in %(seconds)s seconds", seconds=READY_SECONDS)


def watch(parts: Sequence[Child], cluster: Cluster | None, stop: Sequence[int]) -> None:
    """Until a stop signal: whatever dies is started again, as often as it takes."""
    told = ""
    while not stop:
        try:
            if cluster is not None and cluster.restart_if_dead():
                told = ""
        except Unusable as error:  # a full disk, say; the web server tells people meanwhile
            if str(error) != told:
                told = str(error)
                say(told)
            time.sleep(RESTART_PAUSE_SECONDS)
        for child in parts:
            if child.dead():
                time.sleep(RESTART_PAUSE_SECONDS)
                child.start()
        time.sleep(0.2)
