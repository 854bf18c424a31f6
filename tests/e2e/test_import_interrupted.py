"""A process that dies in the middle of an import: nothing is half-written, and the import comes to an end."""

from __future__ import annotations

import io
import json
import os
import signal
import subprocess
import sys
import threading
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psycopg2
import pytest
from werkzeug.datastructures import FileStorage
from werkzeug.test import encode_multipart

from core.settings import CHECKOUT
from tests.e2e.conftest import Live
from tests.integration.grids.drawing import NODED_CITY, collection

PATIENCE_S = 120
WAITING = """select count(*) from pg_locks l join pg_stat_activity a using (pid)
where not l.granted and a.datname = current_database()"""


class Door:
    """The API of the live instance, with the administrator's token."""

    def __init__(self, live: Live) -> None:
        self.url = f"{live.url}/api/v1/imports"
        self.token = live.cli("user", "token", live.login).stdout.strip()

    def ask(self, path: str, body: bytes | None = None, kind: str = "application/json") -> Any:
        headers = {"Authorization": f"Bearer {self.token}", "Content-Type": kind}
        wanted = urllib.request.Request(f"{self.url}{path}", data=body, headers=headers)
        with urllib.request.urlopen(wanted, timeout=PATIENCE_S) as answer:
            return json.load(answer)

    def send(self, content: str) -> Any:
        file = FileStorage(io.BytesIO(content.encode()), "city.geojson")
        boundary, body = encode_multipart({"file": file})
        return self.ask("", body, f"multipart/form-data; boundary={boundary}")


class Database:
    """Questions to the live instance's database."""

    def __init__(self, url: str) -> None:
        self.connection = psycopg2.connect(url)
        self.connection.autocommit = True

    def one(self, sql: str, *values: Any) -> Any:
        with self.connection.cursor() as cursor:
            cursor.execute(sql, values)
            row = cursor.fetchone()
        return row[0] if row else None

    def do(self, sql: str, *values: Any) -> None:
        with self.connection.cursor() as cursor:
            cursor.execute(sql, values)

    def written(self) -> tuple[int, int, int]:
        """Rows of grids and changes, and the version."""
        return (
            self.one("select count(*) from core.grid"),
            self.one("select count(*) from core.grid_change"),
            self.one("select version from core.coverage"),
        )


def until(holds: Callable[[], bool]) -> None:
    deadline = time.monotonic() + PATIENCE_S
    while not holds():
        assert time.monotonic() < deadline, "it did not come to this"
        time.sleep(0.1)


@pytest.fixture
def database_of(live: Live) -> Iterator[Database]:
    found = Database(live.environment["WANGGE_OWNER_URL"])
    yield found
    found.connection.close()


@contextmanager
def worker(live: Live) -> Iterator[subprocess.Popen[bytes]]:
    """`wangge work` on the live instance."""
    process = subprocess.Popen([sys.executable, "-m", "web.cli", "work"], env=live.environment, cwd=CHECKOUT)
    try:
        yield process
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(60)


def children_of(pid: int) -> list[int]:
    return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


def test_an_import_whose_server_was_killed_is_finished_by_the_job(live: Live, database_of: Database) -> None:
    door = Door(live)
    key = door.send(collection(NODED_CITY))["id"]
    assert door.ask(f"/{key}")["state"] == "ready"
    holder = psycopg2.connect(live.environment["WANGGE_OWNER_URL"])
    with holder.cursor() as cursor:
        cursor.execute("select version from core.coverage for update")

    def approve() -> None:
        with pytest.raises(OSError):  # noqa: PT011 the connection breaks in one of several ways
            door.ask(f"/{key}/approve", b"")

    asking = threading.Thread(target=approve)
    asking.start()
    until(lambda: database_of.one(WAITING) > 0)
    for pid in (live.process.pid, *children_of(live.process.pid)):
        os.kill(pid, signal.SIGKILL)
    asking.join(PATIENCE_S)
    holder.rollback()
    holder.close()
    until(lambda: database_of.one(WAITING) == 0)
    state = "select state from core.grid_import where id = %s"
    assert (database_of.one(state, key), database_of.written()) == ("applying", (0, 0, 0))
    database_of.do("update procrastinate.procrastinate_jobs set scheduled_at = null where status = 'todo'")
    with worker(live):
        until(lambda: database_of.one(state, key) == "applied")
    assert database_of.written() == (1, 1, 1)
