"""Boundary files that came by the browser: their rows and folders, and what a person asks for.

Each upload has its folder ``imports/<id>/`` in the data folder: the file, and what the last check wrote for the map.
A small file is checked and applied while the person waits, a large one by a job; the row's state says how far it is:
``new``, ``checking``, ``ready``, ``refused``, ``applying``, ``applied``, ``failed``. Where the process that waits dies,
a job that was enqueued with the request does the work; what nobody foresaw ends as ``failed``, and so does an import
that a person no longer waits for: both can be checked again.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any, Final
from uuid import UUID

from sqlalchemy import select

from core import clock
from core.access.policy import require, sees_all
from core.actor import Actor
from core.db.session import WorkSession, work
from core.errors import Conflict, NotFound, Refused
from core.grids.imports.draft import ImportOptions
from core.grids.imports.looking import check_seen
from core.grids.imports.waiting import begun, without_step
from core.grids.levels import level_below
from core.grids.models import GridImport
from core.grids.queries import coverage_state
from core.grids.reading import coverage_version
from core.grids.views import LEVELS
from core.intake.jobs import let_work
from core.intake.uploads import Shelf, is_large
from core.text import Text
from core.text import noop as _

BUSY: Final = ("checking", "applying")
WORKED_ON: Final = _("This import is being worked on; wait until that is done")
SHELF: Final = Shelf("imports")
CHECK_JOB: Final = "grids.import-check"
APPLY_JOB: Final = "grids.import-apply"


@dataclass(frozen=True)
class UploadView:
    """One upload as it stands; texts of ``report`` are as ``Text.to_json`` gives them.

    :param overtaken: it is ready, but the grids have changed since it was checked.
    """

    id: UUID
    file_name: str
    bytes: int
    state: str
    options: ImportOptions
    report: dict[str, Any]
    made_by: str
    made_at: Any
    change_id: UUID | None
    overtaken: bool = False

    @property
    def busy(self) -> bool:
        """Whether it is worked on, or waits for a job."""
        return self.state in BUSY

    @property
    def large(self) -> bool:
        """Whether it is worked on by a job."""
        return is_large(self.bytes)


def store_upload(session: WorkSession, file_name: str, content: IO[bytes]) -> UUID:
    """Keep a file and make its row, with the options that are likely meant."""
    require(session.actor, "grid.import")
    kept = SHELF.receive(file_name, content)
    row = GridImport(
        id=kept.key, file_name=kept.name, bytes=kept.bytes, state="new",
        options=first_options(session).as_json(),
        report=None, made_by=session.actor.id, made_at=clock.now(), change_id=None,
    )  # fmt: skip
    session.add(row)
    session.flush()
    return kept.key


def first_options(session: WorkSession) -> ImportOptions:
    """What is likely meant: on an empty tree the city itself, else the level below the deepest one."""
    state = coverage_state(session)
    if state.root is None:
        return ImportOptions(level=LEVELS[0])
    deepest = max(state.levels, key=LEVELS.index)
    return ImportOptions(level=level_below(deepest), parent=state.root.code if state.root.leaf else None)


def upload_view(session: WorkSession, key: UUID) -> UploadView:
    """One upload; ``NotFound`` when there is none."""
    require(session.actor, "grid.import")
    return _view(row_of(session, key), coverage_version(session))


def folder_of(session: WorkSession, key: UUID) -> Path:
    """Where an upload lies with what the last check wrote; ``NotFound`` when there is none for the actor."""
    require(session.actor, "grid.import")
    return SHELF.folder_of(row_of(session, key).id)


def file_of(session: WorkSession, key: UUID) -> Path:
    """The file itself; ``NotFound`` when there is none for the actor, or it was cleared away."""
    require(session.actor, "grid.import")
    return SHELF.file_of(row_of(session, key).id)


def recent_uploads(session: WorkSession, limit: int = 20) -> list[UploadView]:
    """The newest uploads that the actor may see."""
    require(session.actor, "grid.import")
    statement = select(GridImport).order_by(GridImport.made_at.desc()).limit(limit)
    if not sees_all(session.actor, "grid.import"):
        statement = statement.where(GridImport.made_by == session.actor.id)
    rows = session.scalars(statement)
    version = coverage_version(session)
    return [_view(row, version) for row in rows]


def request_check(session: WorkSession, key: UUID, options: ImportOptions) -> UploadView:
    """Set the options; a large file's check is the job's, a small one is the caller's to run (``check_upload``)."""
    require(session.actor, "grid.import")
    row = _free_row(session, key)
    row.options, row.state = options.as_json(), "checking"
    row.report = begun(row.report or {})
    return _enqueued(session, row, CHECK_JOB)


def request_apply(session: WorkSession, key: UUID, *, seen: bool = False) -> UploadView:
    """Approve a checked upload; applying a large one is the job's, a small one is the caller's to run.

    :param seen: that the person looked at what mending moved; asked for where that is much.
    """
    require(session.actor, "grid.import")
    row = _free_row(session, key)
    if row.state != "ready":
        reason = (row.report or {}).get("reason")
        if row.state == "new" or reason is None:
            raise Refused(_("This import cannot be approved before it was checked"))
        raise Refused(_("This import cannot be approved: %(reason)s"), reason=Text.from_json(reason))
    check_seen(row.report or {}, seen=seen)
    row.state, row.report = "applying", begun(row.report or {})
    return _enqueued(session, row, APPLY_JOB)


def stop_upload(session: WorkSession, key: UUID) -> UploadView:
    """No longer wait for a check or an apply: what is still under way writes nothing.

    :raises Conflict: its grids are being written at this moment.
    :raises Refused: it is not being worked on, or applied already.
    """
    require(session.actor, "grid.import")
    row = _unless_written(session, key, _("The grids of this import are being written; it can no longer be stopped"))
    if row.state not in BUSY:
        raise Refused(_("This import is not being worked on; there is nothing to stop"))
    row.state, row.report = "failed", _unfinished(row, _("It was stopped before it was done. Check it again"))
    session.flush()
    return _view(row)


def give_up(actor: Actor, key: UUID, reason: Text) -> None:
    """End what is under way as failed; the person may check it again."""
    with work(actor) as session:
        row = row_of(session, key, lock=True)
        if row.state in BUSY:
            row.state, row.report = "failed", _unfinished(row, reason)


def past_uploads(session: WorkSession, before: dt.datetime) -> list[Path]:
    """Folders of uploads of before a moment that no job works on, and of those of which no row was written."""
    rows = session.execute(select(GridImport.id, GridImport.made_at, GridImport.state))
    return SHELF.past(((key, at >= before or state in BUSY) for key, at, state in rows), before)


def _enqueued(session: WorkSession, row: GridImport, job: str) -> UploadView:
    """Let the job do it at once, or for a small file where its own process does not."""
    view = _view(row)
    session.flush()
    let_work(session, job, row.bytes, import_id=str(row.id))
    return view


def _unfinished(row: GridImport, reason: str | Text) -> dict[str, Any]:
    """The report of an upload whose check or apply did not come to an end."""
    text = reason if isinstance(reason, Text) else Text(reason)
    return {**without_step(row.report or {}), "refused": True, "reason": text.to_json(), "mend": [], "remedies": []}


def row_of(session: WorkSession, key: UUID, *, lock: bool = False) -> GridImport:
    """An upload that the actor may see: one's own, or any with the right everywhere."""
    row = session.get(GridImport, key, with_for_update=lock or None)
    if row is None or not (row.made_by == session.actor.id or sees_all(session.actor, "grid.import")):
        raise NotFound(_("There is no such import"))
    return row


def _unless_written(session: WorkSession, key: UUID, words: str) -> GridImport:
    """The row, locked; ``Conflict`` with these words while its grids are written, which keeps it locked for long."""
    waits = row_of(session, key).state != "applying"
    row = session.get(GridImport, key, with_for_update=True if waits else {"skip_locked": True}, populate_existing=True)
    if row is None:
        raise Conflict(words, theirs={"state": "applying"})
    return row


def _free_row(session: WorkSession, key: UUID) -> GridImport:
    row = _unless_written(session, key, WORKED_ON)
    if _view(row).busy:
        raise Conflict(WORKED_ON, theirs={"state": row.state})
    if row.state == "applied":
        raise Refused(_("This import was applied already; upload a file again for another one"))
    return row


def _view(row: GridImport, version: int | None = None) -> UploadView:
    report = dict(row.report or {})
    return UploadView(
        row.id, row.file_name, row.bytes, row.state, ImportOptions.from_json(row.options), report,
        row.made_by, row.made_at, row.change_id,
        overtaken=row.state == "ready" and version is not None and report.get("base_version") != version,
    )  # fmt: skip
