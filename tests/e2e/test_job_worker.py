"""The job worker follows the plugins without being started by hand."""

from __future__ import annotations

import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from core.settings import CHECKOUT
from tests.e2e.conftest import Live
from tests.integration.plugins.wheels import MANIFEST, make_wheel

WITNESS = "import os, pathlib\nwith pathlib.Path({file!r}).open('a') as file: file.write(str(os.getpid()) + '\\n')\n"
SECONDS = 60


def wheel(folder: Path, name: str) -> str:
    code = MANIFEST.format(name=name) + WITNESS.format(file=str(folder / name))
    return str(make_wheel(folder, name, files={f"wangge_{name}/__init__.py": code}))


def loads(folder: Path, name: str, pid: int) -> int:
    """How often the process has loaded a plugin."""
    return (folder / name).read_text().split().count(str(pid)) if (folder / name).exists() else 0


def wait_for_load(folder: Path, name: str, pid: int) -> None:
    deadline = time.monotonic() + SECONDS
    while not loads(folder, name, pid):
        assert time.monotonic() < deadline, f"the worker did not load {name}"
        time.sleep(0.2)


def wait_for_work(pid: int) -> None:
    """Wait until the process has begun to do jobs: from then on it catches SIGTERM and ends in order."""
    deadline = time.monotonic() + SECONDS
    while not catches(pid, signal.SIGTERM):
        assert time.monotonic() < deadline, "the worker did not begin"
        time.sleep(0.05)


def catches(pid: int, number: signal.Signals) -> bool:
    status = Path(f"/proc/{pid}/status").read_text()
    caught = next(line for line in status.splitlines() if line.startswith("SigCgt:")).split()[1]
    return bool(int(caught, 16) >> (number - 1) & 1)


@pytest.mark.long
def test_a_running_worker_takes_plugins_in_and_lets_them_go(live: Live, tmp_path: Path) -> None:
    command = [sys.executable, "-m", "web.cli", "work"]
    worker = subprocess.Popen(command, env=live.environment, cwd=CHECKOUT)
    try:
        for name in ("tiny", "base"):
            live.cli("plugin", "install", wheel(tmp_path, name))
        live.cli("plugin", "enable", "tiny")
        wait_for_load(tmp_path, "tiny", worker.pid)
        live.cli("plugin", "disable", "tiny")
        before = loads(tmp_path, "tiny", worker.pid)
        live.cli("plugin", "enable", "base")
        wait_for_load(tmp_path, "base", worker.pid)
        assert loads(tmp_path, "tiny", worker.pid) == before
        wait_for_work(worker.pid)
        assert worker.poll() is None
    finally:
        worker.send_signal(signal.SIGTERM)
        assert worker.wait(30) == 0
