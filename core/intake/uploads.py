"""Files that came by the browser, whatever they shall become: kept in folders of their own until they are past.

A small file is worked on while the person waits, a large one by a job, which also takes over where the process that
waited died. Two processes are never at the same file: who works on one holds its lock.
"""

from __future__ import annotations

import datetime as dt
import re
import shutil
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Final
from uuid import UUID

from core.db.base import new_id
from core.errors import Invalid, NotFound
from core.intake.turns import alone_with
from core.settings import get_settings
from core.text import noop as _
from core.text import storable

SUFFIXES: Final = (".gpkg.zip", ".zip", ".gpkg", ".geojson", ".json", ".topojson", ".fgb", ".kml")
AT_ONCE_BYTES: Final = 1_000_000
"""Files up to this size are worked on while the person waits; larger ones by a job."""
AT_ONCE_SECONDS: Final = 25
"""Computing time for reading such a file, in twice as long at most: within the grace, so that none is read twice."""
SOURCE: Final = "source"
LOCK: Final = "lock"


def is_large(size: int) -> bool:
    """Whether a file of so many bytes is worked on by a job."""
    return size > AT_ONCE_BYTES


def seconds_to_read(size: int) -> int | None:
    """Computing time for reading a file of so many bytes; ``None`` is what the settings allow."""
    return None if is_large(size) else AT_ONCE_SECONDS


@dataclass(frozen=True)
class Received:
    """A file that was kept.

    :param name: as it is told.
    """

    key: UUID
    name: str
    bytes: int


@dataclass(frozen=True)
class Shelf:
    """Where the files of one sort lie, each in a folder beside what was worked out of it.

    :param name: of its folder in the data folder.
    """

    name: str

    def folder_of(self, key: UUID) -> Path:
        """Where a file lies with what belongs to it."""
        return self._folder / str(key)

    def receive(self, file_name: str, content: IO[bytes]) -> Received:
        """Keep what was sent, wholly or not at all.

        :raises Invalid: it is empty, or of a kind that cannot be read.
        """
        kept_name, key = _harmless(file_name), new_id()
        folder = self.folder_of(key)
        size = _keep(content, folder, kept_name)
        if size == 0:
            shutil.rmtree(folder)
            raise Invalid(_("%(name)s is empty: choose the file again"), name=file_name[:80])
        return Received(key, Path(storable(file_name)).name[:200], size)

    def file_of(self, key: UUID) -> Path:
        """The file as it was sent; ``NotFound`` once it is past."""
        source = next((self.folder_of(key) / SOURCE).glob("*"), None)
        if source is None:
            raise NotFound(_("The uploaded file is no longer there: upload it again"))
        return source

    @contextmanager
    def alone_with(self, key: UUID) -> Iterator[bool]:
        """Whether no other process works on this file; none does inside the block, whatever this one dies of."""
        folder = self.folder_of(key)
        folder.mkdir(exist_ok=True)
        with alone_with(folder / LOCK) as alone:
            yield alone

    def past(self, known: Iterable[tuple[UUID, bool]], before: dt.datetime) -> list[Path]:
        """Folders that nothing needs.

        :param known: every file of which there is a row, and whether it is still needed.
        :param before: folders without a row are needed that were written to since.
        """
        needed = {str(key): is_needed for key, is_needed in known}
        return [
            folder
            for folder in self._folder.iterdir()
            if not needed.get(folder.name, folder.stat().st_mtime >= before.timestamp())
        ]

    @property
    def _folder(self) -> Path:
        return get_settings().folder(self.name)


def _harmless(file_name: str) -> str:
    """A harmless name for a file that was sent, with its suffix."""
    suffix = next((known for known in SUFFIXES if file_name.lower().endswith(known)), None)
    if suffix is None:
        raise Invalid(
            _("%(name)s is not a kind of file that can be imported; take one of %(kinds)s"),
            name=file_name[:80] or "?",
            kinds=", ".join(SUFFIXES),
        )
    stem = re.sub(r"[^\w.-]+", "_", Path(file_name).name[: -len(suffix)])[:60].lstrip(".") or "layer"
    return f"{stem}{suffix}"


def _keep(content: IO[bytes], folder: Path, name: str) -> int:
    """Write what was sent into a new folder; gives its size in bytes."""
    try:
        (folder / SOURCE).mkdir(parents=True)
        with (folder / SOURCE / name).open("wb") as kept:
            shutil.copyfileobj(content, kept)
            return kept.tell()
    except OSError:
        shutil.rmtree(folder, ignore_errors=True)
        raise
