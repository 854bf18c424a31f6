"""Files are read one after another: a single reader may take much of the machine's memory and a whole processor."""

from __future__ import annotations

import fcntl
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from core.errors import Refused
from core.settings import Settings
from core.text import noop as _

LOCK: Final = "reader.lock"
LOOK_SECONDS: Final = 0.2
SHARE: Final = 2
"""A reader gets no more than one in so many parts of the memory that the machine has."""


class Busy(Refused):
    """Another file has the turn; this one can have it a little later."""


@contextmanager
def turn_to_read(settings: Settings, within_s: float | None) -> Iterator[None]:
    """Read inside the block; the kernel gives the turn back whatever this process dies of.

    :param within_s: seconds to wait for the turn; ``None`` waits as long as it takes.
    :raises Busy: when another file is still being read then.
    """
    until = None if within_s is None else time.monotonic() + within_s
    with (settings.folder("run") / LOCK).open("a") as lock:
        while not _taken(lock.fileno()):
            if until is not None and time.monotonic() > until:
                raise Busy(_("Another file is being read just now; check this one again in a minute"))
            time.sleep(LOOK_SECONDS)
        yield


def memory_for_reader(settings: Settings) -> int:
    """Megabytes that a reader may take here: what the settings allow, on a small machine less."""
    machine = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE") // 1_000_000
    return min(settings.import_memory_mb, machine // SHARE)


def _taken(lock: int) -> bool:
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
