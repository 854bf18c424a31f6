"""Boundary files that came by the browser: their rows and folders, and what a person asks for.

Each upload has its folder ``imports/<id>/`` in the data folder: the file, and what the last check wrote for the map.
A small file is checked and applied while the person waits, a large one by a job; the row's state says how far it is:
``new``, ``checking``, ``ready``, ``refused``, ``applying``, ``applied``, ``failed``. Where the process that waits dies,
a job that was enqueued with the request does the work; what nobody foresaw ends as ``failed``, and so does an import
that a person no longer waits for: both can be checked again.
"""

from __future__ import annotations

import datetime as dt
import re
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any, Final
from uuid import UUID

from sqlalchemy import or_, select

from core import clock
from core.access.policy import require, sees_all
from core.actor import Actor
from core.db.base import new_id
from core.db.session import WorkSession, work
from core.errors import Conflict, Invalid, NotFound, Refused
from core.grids.imports.draft import ImportOptions
from core.grids.imports.looking import check_seen
from core.grids.imports.waiting import begun, without_step
from core.grids.models import GridImport
from core.grids.queries import coverage_state
from core.grids.reading import coverage_version
from core.grids.views import LEVELS
from core.jobs.queue import enqueue
from core.settings import get_settings
from core.text import Text
from core.text import noop as _

SUFFIXES: Final = (".gpkg.zip", ".zip", ".gpkg", ".geojson", ".json", ".topojson", ".fgb", ".kml")
SOURCE: Final = "source"
AT_ONCE_BYTES: Final = 1_000_000
"""Files up to this size are checked and applied while the person waits; larger ones by a job."""
AT_ONCE_SECONDS: Final = 25
"""Computing time for reading such a file, in twice as long at most: within the grace, so that none is read twice."""
BUSY: Final = ("checking", "applying")
GRACE_S: Final = 60
"""Seconds after which a job takes over a small file whose own process has not finished."""
EMPTY: Final = _("%(name)s is empty: choose the file again")
WORKED_ON: Final = _("This import is being worked on; wait until that is done")
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
        return self.bytes > AT_ONCE_BYTES


def store_upload(session: WorkSession, file_name: str, content: IO[bytes]) -> UUID:
    """Keep a file and make its row, with the options that are likely meant."""
    require(session.actor, "grid.import")
    name = name_to_keep(file_name)
    key = new_id()
    size = keep_file(content, folder_of(key), name)
    if size == 0:
        shutil.rmtree(folder_of(key))
        raise Invalid(EMPTY, name=file_name[:80])
    row = GridImport(
        id=key, file_name=shown_name(file_name), bytes=size, state="new",
        options=first_options(session).as_json(),
        report=None, made_by=session.actor.id, made_at=clock.now(), change_id=None,
    )  # fmt: skip
    session.add(row)
    session.flush()
    return key


def shown_name(file_name: str) -> str:
    """The name of a file that was sent, as it is told."""
    return Path(file_name.replace("\0", "")).name[:200]


def name_to_keep(file_name: str) -> str:
    """A harmless name for a file that was sent, with its suffix; ``Invalid`` for a kind that cannot be read."""
    suffix = next((known for known in SUFFIXES if file_name.lower().endswith(known)), None)
    if suffix is None:
        raise Invalid(
            _("%(name)s is not a kind of file that can be imported; take one of %(kinds)s"),
            name=file_name[:80] or "?",
            kinds=", ".join(SUFFIXES),
        )
    stem = re.sub(r"[^\w.-]+", "_", Path(file_name).name[: -len(suffix)])[:60].lstrip(".") or "layer"
    return f"{stem}{suffix}"


def keep_file(content: IO[bytes], folder: Path, name: str) -> int:
    """Write what was sent into a new folder, wholly or not at all; gives its size in bytes."""
    try:
        (folder / SOURCE).mkdir(parents=True)
        with (folder / SOURCE / name).open("wb") as kept:
            shutil.copyfileobj(content, kept)
            return kept.tell()
    except OSError:
        shutil.rmtree(folder, ignore_errors=True)
        raise


def first_options(session: WorkSession) -> ImportOptions:
    """What is likely meant: on an empty tree the city itself, else the level below the deepest one."""
    state = coverage_state(session)
    if state.root is None:
        return ImportOptions(level=LEVELS[0])
    deepest = max(state.levels, key=LEVELS.index)
    return ImportOptions(level=level_below(deepest), parent=state.root.code if state.root.leaf else None)


def level_below(level: str) -> str:
    """The next finer level; the finest has itself."""
    return LEVELS[min(LEVELS.index(level) + 1, len(LEVELS) - 1)]


def upload_view(session: WorkSession, key: UUID) -> UploadView:
    """One upload; ``NotFound`` when there is none."""
    require(session.actor, "grid.import")
    return _view(row_of(session, key), coverage_version(session))


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
    needed = session.scalars(select(GridImport.id).where(or_(GridImport.made_at >= before, GridImport.state.in_(BUSY))))
    kept = {str(key) for key in needed}
    known = {str(key) for key in session.scalars(select(GridImport.id))}
    return [
        folder
        for folder in get_settings().folder("imports").iterdir()
        if folder.name not in kept and (folder.name in known or folder.stat().st_mtime < before.timestamp())
    ]


def folder_of(key: UUID) -> Path:
    """Where an upload's files lie."""
    return get_settings().folder("imports") / str(key)


def _enqueued(session: WorkSession, row: GridImport, job: str) -> UploadView:
    """Let the job do it at once, or for a small file where its own process does not."""
    view = _view(row)
    session.flush()
    after_s = 0 if view.large else GRACE_S
    enqueue(session, job, after_s=after_s, import_id=str(row.id), user_id=_user(session.actor))
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


def _user(actor: Actor) -> str | None:
    return str(actor.user_id) if actor.user_id else None
