"""The web workers of this machine: told to reload themselves when plugins changed, and waited for."""

from __future__ import annotations

import os
import signal
import time
from pathlib import Path
from typing import Final

from core.settings import Settings

WAIT_SECONDS: Final = 180.0
PAUSE_SECONDS: Final = 0.1
AGAIN_SECONDS: Final = 60.0


def announce(settings: Settings, epoch: int) -> None:
    """Say, as a worker, which plugins this process has loaded."""
    folder = settings.folder("run/workers")
    fresh = folder / f".{os.getpid()}"
    fresh.write_text(str(epoch))
    fresh.replace(folder / str(os.getpid()))


def forget(settings: Settings, pid: int) -> None:
    """Forget what an earlier process of the same number announced."""
    (settings.folder("run/workers") / str(pid)).unlink(missing_ok=True)


def is_ready(settings: Settings, pid: int) -> bool:
    """Whether a worker has loaded its plugins and answers."""
    return (settings.folder("run/workers") / str(pid)).exists()


def master(settings: Settings) -> int | None:
    """Process id of the web server on this machine; ``None`` when it does not run."""
    try:
        pid = int((settings.home / "run" / "gunicorn.pid").read_text())
        command = Path(f"/proc/{pid}/cmdline").read_bytes()
    except (OSError, ValueError):
        return None
    return pid if b"gunicorn" in command else None


def reload(settings: Settings, epoch: int) -> bool:
    """Ask the web server to renew its workers, once for each epoch; ``False`` when none runs here.

    Where a worker is still behind a while after it was asked, the one who asked may have died before: ask again.
    """
    pid = master(settings)
    if pid is None:
        return False
    folder = settings.folder("run/workers")
    mark = folder / f"reload-{epoch}"
    try:
        mark.touch(exist_ok=False)
    except FileExistsError:
        asked_long_ago = time.time() - mark.stat().st_mtime > AGAIN_SECONDS
        if not asked_long_ago or _all_loaded(settings, pid, epoch):
            return True
        mark.touch()
    for old in folder.glob("reload-*"):
        if old != mark:
            old.unlink(missing_ok=True)
    os.kill(pid, signal.SIGHUP)
    return True


def wait(settings: Settings, epoch: int, seconds: float = WAIT_SECONDS) -> bool:
    """Until every worker of this machine has loaded the plugins of an epoch; ``False`` when that takes longer.

    With no web server on this machine there is nothing to wait for.
    """
    deadline = time.monotonic() + seconds
    while (pid := master(settings)) is not None:
        if _all_loaded(settings, pid, epoch):
            return True
        if time.monotonic() > deadline:
            return False
        time.sleep(PAUSE_SECONDS)
    return True


def _all_loaded(settings: Settings, master: int, epoch: int) -> bool:
    workers = _children(master)
    return bool(workers) and all(_loaded(settings, worker) >= epoch for worker in workers)


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
