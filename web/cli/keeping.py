"""One process keeps an instance running: `wangge up` or `wangge db start`. Others learn of it by its lock."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from core.errors import Unusable
from core.settings import Settings
from core.text import noop as _

FILE: Final = "keeper.pid"


@contextmanager
def keeping(settings: Settings) -> Iterator[None]:
    """Keep this data folder inside the block; the kernel gives the lock back whatever this process dies of.

    :raises Unusable: at once, when another process keeps it.
    """
    with (settings.folder("run") / FILE).open("a") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            message = _("Wangge already runs on this data folder: %(path)s (process %(pid)s)")
            raise Unusable(message, path=str(settings.home), pid=keeper(settings)) from None
        file.truncate(0)
        file.write(str(os.getpid()))
        file.flush()
        yield


def keeper(settings: Settings) -> int | None:
    """Process id of the one that keeps this data folder; ``None`` when nobody does."""
    path: Path = settings.home / "run" / FILE
    if not path.exists():
        return None
    with path.open() as file:
        try:
            fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except BlockingIOError:
            return int(file.read() or 0) or None
    return None
