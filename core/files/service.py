"""Writes of the files' room: a photo becomes bytes on disk first, a row after."""

from __future__ import annotations

import datetime as dt
import hashlib
import os
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from uuid import UUID

import structlog
from sqlalchemy import ARRAY, Select, Uuid, any_, delete, literal, select

from core import clock
from core.access.policy import may, require
from core.db.base import new_id
from core.db.session import WorkSession
from core.errors import Unavailable
from core.files.models import File
from core.files.photos import MEDIA_TYPE, CleanPhoto, clean_photo
from core.settings import get_settings
from core.text import noop as _

log = structlog.get_logger("wangge.files")
NAME_LENGTH = 120


@dataclass(frozen=True)
class StoredFile:
    """What a client learns of a stored file: ``sha256`` and ``bytes`` are of what is kept and served."""

    id: UUID
    sha256: str
    bytes: int


def store_photo(session: WorkSession, data: bytes, name: str) -> StoredFile:
    """Keep a photo, re-encoded and without metadata.

    :raises Invalid: when it is no photo, damaged or too large; then nothing is written.
    """
    _check_right(session)
    return keep_photo(session, clean_photo(data, megapixels=get_settings().photo_megapixels), name)


def keep_photo(session: WorkSession, photo: CleanPhoto, name: str) -> StoredFile:
    """Keep a photo that is clean already.

    :raises Unavailable: when the disk takes it no more; then nothing of it is left.
    """
    _check_right(session)
    row = File(
        id=new_id(),
        name=Path(name.replace("\\", "/")).name[:NAME_LENGTH],
        media_type=MEDIA_TYPE,
        sha256=hashlib.sha256(photo.data).hexdigest(),
        bytes=len(photo.data),
        width=photo.width,
        height=photo.height,
        uploaded_by=session.actor.id,
        uploaded_at=clock.now(),
    )
    try:
        _write(small_path_of(row.id), photo.small)
        _write(path_of(row.id), photo.data)
    except OSError as error:
        with suppress(OSError):
            remove_bytes(row.id)
        log.error("photo not kept", reason=str(error))
        raise Unavailable(_("The server has no room for photos; send it later, and tell the administrator")) from error
    session.add(row)
    session.flush()
    return StoredFile(row.id, row.sha256, row.bytes)


def _check_right(session: WorkSession) -> None:
    if not may(session.actor, "matter.note"):
        require(session.actor, "matter.report")


def path_of(file_id: UUID) -> Path:
    """Where the bytes of a file lie; the last two digits spread files evenly (the first ones are the time)."""
    return get_settings().folder("files") / file_id.hex[-2:] / str(file_id)


def small_path_of(file_id: UUID) -> Path:
    """Where the small picture of a photo lies."""
    return path_of(file_id).with_name(f"{file_id}.small")


def forget_unused(session: WorkSession, used: Select[tuple[UUID]], before: dt.datetime, most: int) -> Sequence[UUID]:
    """Forget files uploaded before a moment that nothing holds; ``remove_bytes`` of each follows the commit.

    :param used: the ids of files that something holds.
    :param most: how many are forgotten at once.
    """
    old = select(File.id).where(File.uploaded_at < before, File.id.not_in(used)).order_by(File.id).limit(most)
    locked = session.scalars(old.with_for_update(skip_locked=True)).all()
    # Asked again: a file may have been taken between the search and the lock.
    left = delete(File).where(File.id.in_(locked), File.id.not_in(used))
    return session.scalars(left.returning(File.id)).all()


def remove_bytes(file_id: UUID) -> None:
    """Take a file's bytes from the disk, after its row is gone for certain."""
    for path in (path_of(file_id), small_path_of(file_id)):
        for each in (path, _fresh(path)):
            each.unlink(missing_ok=True)


def stray_bytes(session: WorkSession, after: dt.datetime, before: dt.datetime) -> set[UUID]:
    """Files on the disk, written between two moments, whose row was never committed; ``remove_bytes`` takes them."""
    written = set()
    for path in get_settings().folder("files").glob("??/*"):
        with suppress(FileNotFoundError, ValueError):
            if after.timestamp() < path.stat().st_mtime < before.timestamp():
                written.add(UUID(path.name.partition(".")[0]))
    return written - set(session.scalars(select(File.id).where(File.id == any_(literal(list(written), ARRAY(Uuid()))))))


def _write(path: Path, data: bytes) -> None:
    """Bytes first under another name, on the disk for certain, then under their own."""
    path.parent.mkdir(parents=True, exist_ok=True)
    fresh = _fresh(path)
    with fresh.open("wb") as out:
        out.write(data)
        out.flush()
        os.fsync(out.fileno())
    fresh.rename(path)
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


def _fresh(path: Path) -> Path:
    return path.with_name(f"{path.name}.new")
