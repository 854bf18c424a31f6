"""Files are read one after another: a single reader may take much of the machine's memory and a whole processor."""

from __future__ import annotations

import fcntl
import math
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from core.errors import Refused
from core.settings import Settings, get_settings
from core.text import noop as _

LOCK: Final = "reader.lock"
LOOK_SECONDS: Final = 0.2
WAIT_SECONDS: Final = 5
"""How long another file is waited for where a person or a job's slot waits with it."""
SHARE: Final = 2
"""A reader gets no more than one in so many parts of the memory that the machine has."""


class Busy(Refused):
    """Another file has the turn; this one can have it a little later."""


@dataclass(frozen=True)
class Limits:
    """What the reader of a file may take: megabytes of memory, seconds of computing time."""

    memory_mb: int
    seconds: int


@contextmanager
def turn_to_read(*, within_s: int | None = None, patient: bool) -> Iterator[Limits]:
    """Read inside the block; the kernel gives the turn back whatever this process dies of.

    :param within_s: computing time, where less than the settings allow.
    :param patient: wait for the turn as long as it takes, not just ``WAIT_SECONDS``.
    :raises Busy: when another file is still being read then.
    """
    settings = get_settings()
    until = math.inf if patient else time.monotonic() + WAIT_SECONDS
    with (settings.folder("run") / LOCK).open("a") as lock:
        while not _taken(lock.fileno()):
            if time.monotonic() > until:
                raise Busy(_("Another file is being read just now; check this one again in a minute"))
            time.sleep(LOOK_SECONDS)
        seconds = min(within_s or settings.import_seconds, settings.import_seconds)
        yield Limits(_memory_mb(settings), seconds)


@contextmanager
def alone_with(path: Path) -> Iterator[bool]:
    """Whether no other process is in such a block of this file; none comes in meanwhile."""
    with path.open("a") as lock:
        yield _taken(lock.fileno())


def _memory_mb(settings: Settings) -> int:
    """What the settings allow, on a small machine less."""
    machine = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE") // 1_000_000
    return min(settings.import_memory_mb, machine // SHARE)


def _taken(lock: int) -> bool:
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
