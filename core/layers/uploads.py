"""Files for reference layers that came by the browser: kept, read by their own process or a job, and what became of it.

A file's state is ``new`` until somebody lets it be read, ``waiting`` while it is worked on, then ``done``, ``refused``
(with the reason; other options may mend it), ``asked`` (whether it replaces the layer that is there) or ``failed``. As
with boundary files a small one is read while the person waits, a large one by a job, which also takes over where the
process that waited died or another file had the turn.
"""

from __future__ import annotations

import datetime as dt
import fcntl
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any, Final
from uuid import UUID

from sqlalchemy import select

from core import clock
from core.access.policy import EVERYWHERE, require
from core.actor import Actor
from core.db.base import new_id
from core.db.session import WorkSession, reading, take_turn_within, work
from core.errors import Conflict, DomainError, Invalid, NotFound, Refused
from core.grids.imports.rows import Refusal
from core.grids.imports.turns import Busy
from core.grids.imports.uploads import (
    AT_ONCE_BYTES,
    AT_ONCE_SECONDS,
    EMPTY,
    GRACE_S,
    SOURCE,
    keep_file,
    name_to_keep,
    shown_name,
)
from core.jobs.queue import enqueue
from core.layers.models import LayerUpload
from core.layers.reading import Opened, opened
from core.layers.service import MANAGE, TURN, import_layer
from core.layers.taken import Taken
from core.layers.views import LayerOptions
from core.settings import get_settings
from core.text import Text
from core.text import noop as _
from gis.errors import GisError

FOLDER: Final = "layers"
IMPORT_JOB: Final = "layers.import"
WAITING: Final = "waiting"
ASKED: Final = "asked"
WAIT_SECONDS: Final = 5
LOCK: Final = "lock"
"""File beside an upload, locked by the process that reads it."""
BUSY: Final = _("Another layer is being taken in just now; try it again in a minute")
FAILED: Final = _("It was not finished, and nothing was changed; try it again, or look into the log")


@dataclass(frozen=True)
class LayerUploadView:
    """One file as it stands; texts of ``report`` are as ``Text.to_json`` gives them."""

    id: UUID
    file_name: str
    bytes: int
    state: str
    options: LayerOptions
    report: dict[str, Any]
    made_at: dt.datetime

    @property
    def large(self) -> bool:
        """Whether a job reads it."""
        return self.bytes > AT_ONCE_BYTES


def store_upload(session: WorkSession, file_name: str, content: IO[bytes], options: LayerOptions) -> UUID:
    """Keep a file; ``request_import`` lets it be read."""
    require(session.actor, MANAGE, EVERYWHERE)
    name, key = name_to_keep(file_name), new_id()
    size = keep_file(content, folder_of(key), name)
    if size == 0:
        shutil.rmtree(folder_of(key))
        raise Invalid(EMPTY, name=file_name[:80])
    row = LayerUpload(
        id=key, file_name=shown_name(file_name), bytes=size, state="new", options=options.as_json(), report={},
        made_by=session.actor.id, made_at=clock.now(),
    )  # fmt: skip
    session.add(row)
    session.flush()
    return key


def upload_view(session: WorkSession, key: UUID) -> LayerUploadView:
    """One file; ``NotFound`` where there is none."""
    require(session.actor, MANAGE, EVERYWHERE)
    return _view(_row(session, key))


def request_import(session: WorkSession, key: UUID, options: LayerOptions) -> LayerUploadView:
    """Let a file become a layer; a large one is the job's, a small one is the caller's to run (``run_upload``).

    :raises Conflict: it is being worked on.
    :raises Refused: it is a layer already.
    """
    require(session.actor, MANAGE, EVERYWHERE)
    row = _row(session, key, lock=True)
    if row.state == WAITING:
        raise Conflict(_("This file is being read; wait until that is done"), theirs={"state": row.state})
    if row.state == "done":
        raise Refused(_("This file was imported already; send it again to import it anew"))
    row.options, row.state = options.as_json(), WAITING
    session.flush()
    view, user = _view(row), session.actor.user_id
    after_s = 0 if view.large else GRACE_S
    enqueue(session, IMPORT_JOB, after_s=after_s, upload_id=str(key), user_id=str(user) if user else None)
    return view


def run_upload(actor: Actor, key: UUID) -> bool:
    """Read a file that waits and make it a layer, or say why not; what is no longer waited for is left alone.

    :returns: ``False`` where it still waits: another process reads it, or another file has the turn.
    """
    require(actor, MANAGE, EVERYWHERE)
    with _alone(key) as alone:
        return alone and _run(actor, key)


def _run(actor: Actor, key: UUID) -> bool:
    with reading(actor) as session:
        view = upload_view(session, key)
    if view.state != WAITING:
        return True
    report: dict[str, Any] = {}
    try:
        source = next((folder_of(key) / SOURCE).glob("*"), None)
        if source is None:
            raise NotFound(_("The uploaded file is no longer there: upload it again"))
        within = None if view.large else AT_ONCE_SECONDS
        with opened(source, view.options, within_s=within, wait_s=WAIT_SECONDS) as found:
            report = _facts(found)
            _write(actor, view, found, report)
    except Taken as question:
        _settle(actor, key, ASKED, {**report, "asked": question.as_json()})
    except Busy:
        return False
    except Refusal as refusal:
        _settle(actor, key, "refused", {**report, **_refused(refusal)})
    except DomainError as error:
        reasons = [each.text.to_json() for each in error.objections]
        _settle(actor, key, "refused", {**report, "reason": error.text.to_json(), "mend": reasons})
    except Exception:
        give_up(actor, key, Text(FAILED))
        raise
    return True


@contextmanager
def _alone(key: UUID) -> Iterator[bool]:
    """Whether no other process reads this file; none does inside the block, whatever this one dies of."""
    folder = folder_of(key)
    folder.mkdir(exist_ok=True)
    with (folder / LOCK).open("a") as lock:
        try:
            fcntl.flock(lock.fileno(), fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            yield False
        else:
            yield True


def give_up(actor: Actor, key: UUID, reason: Text) -> None:
    """End a file that waits as failed; it may be tried again."""
    _settle(actor, key, "failed", {"reason": reason.to_json()})


def past_uploads(session: WorkSession, before: dt.datetime) -> list[Path]:
    """Folders of files that came before a moment and are not worked on, or of which no row was written."""
    statement = select(LayerUpload.id, LayerUpload.made_at, LayerUpload.state)
    needed = {str(key) for key, at, state in session.execute(statement) if at >= before or state == WAITING}
    return [
        folder
        for folder in get_settings().folder(FOLDER).iterdir()
        if folder.name not in needed and folder.stat().st_mtime < before.timestamp()
    ]


def folder_of(key: UUID) -> Path:
    """Where an upload's file lies."""
    return get_settings().folder(FOLDER) / str(key)


def _write(actor: Actor, view: LayerUploadView, found: Opened, report: dict[str, Any]) -> None:
    """Make a layer of a file; the upload's row is held only once that is done.

    :raises Busy: where another layer is being written, or somebody else settled this one.
    """
    with work(actor, statement_timeout_s=0) as session:
        if not take_turn_within(session, TURN, WAIT_SECONDS):
            raise Busy(BUSY)
        brought = import_layer(session, found, view.options, view.file_name)
        row = _row(session, view.id, lock=True)
        if row.state != WAITING:
            raise Busy(BUSY)
        row.state = "done"
        row.report = {
            **report,
            "code": brought.layer.code,
            "read": brought.read,
            "replaced": brought.replaced,
            "features": brought.layer.features,
            "warnings": [text.to_json() for text in brought.warnings],
        }


def _facts(found: Opened) -> dict[str, Any]:
    about = found.about
    fields = [{"name": name, "samples": samples} for name, samples in about.fields.items()]
    return {"layers": list(about.layers), "fields": fields, "found": about.found, "crs": about.crs}


def _refused(refusal: Refusal) -> dict[str, Any]:
    told: dict[str, Any] = {
        "reason": refusal.text.to_json(),
        "remedies": [remedy.as_json() for remedy in refusal.remedies],
        "suggested": dict(refusal.suggested),
    }
    cause = refusal.__cause__
    if isinstance(cause, GisError) and isinstance(cause.params.get("layers"), list):
        told["layers"] = cause.params["layers"]
    return told


def _settle(actor: Actor, key: UUID, state: str, report: dict[str, Any]) -> None:
    with work(actor) as session:
        row = _row(session, key, lock=True)
        if row.state == WAITING:
            row.state, row.report = state, {**row.report, "remedies": [], "suggested": {}, "mend": [], **report}


def _row(session: WorkSession, key: UUID, *, lock: bool = False) -> LayerUpload:
    row = session.get(LayerUpload, key, with_for_update=lock or None, populate_existing=lock)
    if row is None:
        raise NotFound(_("There is no such import"))
    return row


def _view(row: LayerUpload) -> LayerUploadView:
    options = LayerOptions.from_json(row.options)
    return LayerUploadView(row.id, row.file_name, row.bytes, row.state, options, dict(row.report), row.made_at)
