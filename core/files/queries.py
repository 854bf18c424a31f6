"""Reads of the files' room."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path
from uuid import UUID

from sqlalchemy import select

from core.db.session import WorkSession
from core.errors import NotFound
from core.files.models import File
from core.files.service import path_of, small_path_of
from core.text import noop as _


@dataclass(frozen=True)
class FileView:
    """One stored file.

    :param small: the picture for lists; the photo itself where none was made.
    """

    id: UUID
    name: str
    media_type: str
    sha256: str
    bytes: int
    uploaded_by: str
    path: Path
    small: Path


def file_by_id(session: WorkSession, file_id: UUID) -> FileView:
    """A stored file; whether the actor may see it is asked by ``core.matters.queries.visible_file``.

    :raises NotFound: when there is none, or its bytes are gone.
    """
    row = session.get(File, file_id)
    if row is None or not path_of(file_id).is_file():
        raise NotFound(_("There is no file %(id)s"), id=file_id)
    path, small = path_of(file_id), small_path_of(file_id)
    return FileView(
        row.id,
        row.name,
        row.media_type,
        row.sha256,
        row.bytes,
        row.uploaded_by,
        path,
        small if small.is_file() else path,
    )


def names_of(session: WorkSession, file_ids: Collection[UUID]) -> dict[UUID, str]:
    """The file names under which these were sent; unknown ids are left out."""
    rows = session.execute(select(File.id, File.name).where(File.id.in_(file_ids)))
    return {row[0]: row[1] for row in rows}


def uploaded_by(session: WorkSession, file_ids: Collection[UUID]) -> dict[UUID, str]:
    """Who uploaded each of these files, unknown ids left out; whoever else asks for one waits until we are done."""
    wanted = select(File.id, File.uploaded_by).where(File.id.in_(file_ids)).order_by(File.id)
    rows = session.execute(wanted.with_for_update())
    return {row[0]: row[1] for row in rows}
