"""The life of an instance with its own database: start, second start, stop, kill, backup and restore."""

from __future__ import annotations

import json
import os
import re
import signal
import stat
import subprocess
import sys
import tempfile
import threading
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

from core.settings import CHECKOUT
from tests.e2e.conftest import free_port

PATIENCE = 120
OUTSIDE = ("WANGGE_DATABASE_URL", "WANGGE_OWNER_URL", "WANGGE_BACKUP_URL", "WANGGE_READ_URL")


class Instance:
    """A data folder, and the commands on it."""

    def __init__(self, home: Path) -> None:
        self.home = home
        kept = {name: value for name, value in os.environ.items() if name not in OUTSIDE}
        self.environment = {**kept, "WANGGE_HOME": str(home), "WANGGE_WORKERS": "1"}

    def open_to_others(self) -> list[Path]:
        """What others on this machine may list or read."""
        home = [self.home] if self.home.stat().st_mode & stat.S_IROTH else []
        return home + [path for path in self.home.iterdir() if path.stat().st_mode & stat.S_IRWXO]

    def run(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-m", "web.cli", *arguments]
        return subprocess.run(
            command, env=self.environment, cwd=CHECKOUT, capture_output=True, text=True, check=False, timeout=PATIENCE
        )

    def ok(self, *arguments: str) -> str:
        done = self.run(*arguments)
        assert done.returncode == 0, f"{arguments}: {done.stdout}\n{done.stderr}"
        return done.stdout

    def logins(self) -> list[str]:
        return [json.loads(line)["login"] for line in self.ok("user", "list", "--json").splitlines()]

    def processes(self) -> list[str]:
        """Commands of all living processes that belong to this folder."""
        found = []
        for folder in Path("/proc").glob("[0-9]*"):
            try:
                surroundings = (folder / "environ").read_bytes().split(b"\0")
                command = (folder / "cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
            except OSError:
                continue
            if f"WANGGE_HOME={self.home}".encode() in surroundings and command:
                found.append(command)
        return found

    def kill_database(self) -> None:
        """End the database's main process as if the machine had run out of memory, and see another take its place."""
        data = next(path for path in (self.home / "pg").iterdir() if path.name.isdigit())
        killed = _first_number(data / "postmaster.pid")
        assert killed is not None
        os.kill(killed, signal.SIGKILL)
        deadline = time.monotonic() + PATIENCE
        while _first_number(data / "postmaster.pid") in {None, killed} and time.monotonic() < deadline:
            time.sleep(0.1)
        assert _first_number(data / "postmaster.pid") not in {None, killed}

    def deserted(self, seconds: float = PATIENCE) -> bool:
        """Whether all processes of this folder end by themselves."""
        deadline = time.monotonic() + seconds
        while self.processes() and time.monotonic() < deadline:
            time.sleep(0.2)
        return self.processes() == []


def _first_number(file: Path) -> int | None:
    try:
        return int(file.read_text().split()[0])
    except (OSError, IndexError):
        return None


class Up:
    """A running `wangge up --no-demo` and what it said."""

    def __init__(self, instance: Instance) -> None:
        self.port = free_port()
        self.said: list[str] = []
        self.process = subprocess.Popen(
            [sys.executable, "-m", "web.cli", "up", "--no-demo", "--port", str(self.port)],
            env={**instance.environment, "PYTHONUNBUFFERED": "1"}, cwd=CHECKOUT,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
        )  # fmt: skip
        self._reader = threading.Thread(target=self._read)
        self._reader.start()

    def _read(self) -> None:
        assert self.process.stdout is not None
        for line in self.process.stdout:
            self.said.append(line.strip())

    def until_ready(self) -> str:
        deadline = time.monotonic() + PATIENCE
        while "ready" not in self.said and time.monotonic() < deadline:
            assert self.process.poll() is None, self.said
            time.sleep(0.1)
        assert "ready" in self.said, self.said
        return "\n".join(self.said)

    def status(self, path: str) -> int:
        with urllib.request.urlopen(f"http://127.0.0.1:{self.port}{path}", timeout=30) as answer:
            return int(answer.status)

    def healed(self, path: str) -> bool:
        """Whether an address answers well again."""
        deadline = time.monotonic() + PATIENCE
        while time.monotonic() < deadline:
            try:
                if self.status(path) == 200:
                    return True
            except OSError:
                time.sleep(0.2)
        return False

    def end(self, number: int) -> int:
        if self.process.poll() is None:
            self.process.send_signal(number)
        code = self.process.wait(PATIENCE)
        self._reader.join(PATIENCE)
        assert self.process.stdout is not None
        self.process.stdout.close()
        return code


@pytest.fixture(scope="module")
def folder() -> Iterator[Path]:
    """A place that the database's own account may enter."""
    with tempfile.TemporaryDirectory(prefix="wangge-") as name:
        Path(name).chmod(0o711)
        yield Path(name)


def test_start_second_start_and_ctrl_c(folder: Path) -> None:
    instance = Instance(folder / "home")
    up = Up(instance)
    try:
        said = up.until_ready()
        assert f"address   http://127.0.0.1:{up.port}" in said
        assert re.search(r"^login     admin$", said, re.MULTILINE)
        assert re.search(r"^password  ([a-z0-9]{4}-){3}[a-z0-9]{4}\b", said, re.MULTILINE)
        assert up.status("/readyz") == 200
        assert instance.open_to_others() == []
        second = instance.run("up", "--no-demo", "--port", str(free_port()))
        assert second.returncode == 1
        assert str(instance.home) in second.stderr
        taken = Instance(folder / "other").run("up", "--no-demo", "--port", str(up.port))
        assert taken.returncode == 1
        assert str(up.port) in taken.stderr
        instance.ok("user", "add", "zhangsan", "--role", "desk")
        assert up.status("/readyz") == 200
        instance.kill_database()
        assert up.healed("/readyz")
    finally:
        code = up.end(signal.SIGINT)
    assert code == 0
    assert instance.deserted()


def test_a_killed_instance_leaves_no_orphan_and_loses_nothing(folder: Path) -> None:
    instance = Instance(folder / "home")
    up = Up(instance)
    try:
        said = up.until_ready()
        assert not re.search(r"^password", said, re.MULTILINE)
        assert "wangge user passwd admin" in said
        assert up.status("/readyz") == 200
        instance.ok("user", "add", "lisi", "--role", "desk")
        os.kill(worker_of(instance), signal.SIGSTOP)
    finally:
        up.end(signal.SIGKILL)
    assert instance.deserted(seconds=5)
    assert instance.logins() == ["admin", "lisi", "zhangsan"]
    assert instance.deserted()


def worker_of(instance: Instance) -> int:
    """A web worker's process, the youngest of the web server's."""
    master = int((instance.home / "run" / "gunicorn.pid").read_text())
    return int(Path(f"/proc/{master}/task/{master}/children").read_text().split()[-1])


def test_what_a_killed_instance_left_does_not_stop_the_next(folder: Path) -> None:
    instance = Instance(folder / "home")
    for name in ("run/gunicorn.pid", "run/keeper.pid", "pg/owner.pid"):
        (instance.home / name).write_text(f"{os.getpid()}\n")  # the number belongs to another process by now
    up = Up(instance)
    try:
        up.until_ready()
        instance.ok("db", "status")
        instance.ok("db", "stop")
        assert up.process.wait(PATIENCE) == 0
    finally:
        up.end(signal.SIGINT)
    assert instance.deserted()


def test_a_backup_comes_back_in_another_home_and_only_in_an_empty_one(folder: Path) -> None:
    instance, other = Instance(folder / "home"), Instance(folder / "other")
    (instance.home / "files").mkdir(exist_ok=True)
    (instance.home / "files" / "photo").write_bytes(b"a photo")
    archive = folder / "city.tar"
    made = json.loads(instance.ok("backup", str(archive), "--json"))
    assert instance.run("backup", str(archive)).returncode == 1
    back = json.loads(other.ok("restore", str(archive), "--json"))
    assert {name: back[name] for name in ("tables", "rows", "files")} == {
        name: made[name] for name in ("tables", "rows", "files")
    }
    assert (other.home / "files" / "photo").read_bytes() == b"a photo"
    assert other.logins() == instance.logins()
    again = other.run("restore", str(archive))
    assert again.returncode == 1
    assert "not empty" in again.stderr
    assert instance.deserted()
    assert other.deserted()
