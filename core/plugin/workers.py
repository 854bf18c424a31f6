"""The web workers of this machine: told to reload themselves when plugins changed, and waited for."""

from __future__ import annotations

import os
import signal
import time
from pathlib import Path
from typing import Final

from core.settings import Settings

WAIT_SECONDS: Final = 60.0
PAUSE_SECONDS: Final = 0.1


def announce(settings: Settings, epoch: int) -> None:
    """Say, as a worker, which plugins this process has loaded."""
    folder = settings.folder("run/workers")
    fresh = folder / f".{os.getpid()}"
    fresh.write_text(str(epoch))
    fresh.replace(folder / str(os.getpid()))


def master(settings: Settings) -> int | None:
    """Process id of the web server on this machine; ``None`` when it does not run."""
    try:
        pid = int((settings.home / "run" / "gunicorn.pid").read_text())
        command = Path(f"/proc/{pid}/cmdline").read_bytes()
    except (OSError, ValueError):
        return None
    return pid if b"gunicorn" in command else None


def reload(settings: Settings, epoch: int) -> bool:
    """Ask the web server to renew its workers, once for each epoch; ``False`` when none runs here."""
    pid = master(settings)
    if pid is None:
        return False
    folder = settings.folder("run/workers")
    mark = folder / f"reload-{epoch}"
    try:
        mark.touch(exist_ok=False)
    except FileExistsError:
        return True
    for old in folder.glob("reload-*"):
        if old != mark:
            old.unlink(missing_ok=True)
    os.kill(pid, signal.SIGHUP)
    return True


def wait(settings: Settings, epoch: int, seconds: float = WAIT_SECONDS) -> bool:
    """Until every worker of this machine has loaded the plugins of an epoch; ``False`` when that takes longer."""
    deadline = time.monotonic() + seconds
    while (pid := master(settings)) is not None:
        workers = _children(pid)
        if workers and all(_loaded(settings, worker) >= epoch for worker in workers):
            return True
        if time.monotonic() > deadline:
            return False
        time.sleep(PAUSE_SECONDS)
    return True


def _children(pid: int) -> list[int]:
    found: list[int] = []
    for path in Path(f"/proc/{pid}/task").glob("*/children"):
        try:
            found.extend(int(child) for child in path.read_text().split())
        except OSError:
            continue
    return found


def _loaded(settings: Settings, worker: int) -> int:
    try:
        return int((settings.home / "run/workers" / str(worker)).read_text())
    except (OSError, ValueError):
        return -1
