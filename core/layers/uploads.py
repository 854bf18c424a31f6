"""Files for reference layers that came by the browser: kept, read by their own process or a job, and what became of it.

A file's state is ``new`` until somebody lets it be read, ``waiting`` while it is worked on, then ``done``, ``refused``
(with the reason; other options may mend it), ``asked`` (whether it replaces the layer that is there) or ``failed``. As
with boundary files a small one is read while the person waits, a large one by a job, which also takes over where the
process that waited died or another file had the turn.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import IO, Any, Final
from uuid import UUID

from sqlalchemy import select, text

from core import clock
from core.access.policy import EVERYWHERE, require
from core.actor import Actor
from core.db.session import WorkSession, reading, take_turn_within, work
from core.errors import Conflict, DomainError, NotFound, Refused
from core.intake import turns
from core.intake.jobs import let_work
from core.intake.refusals import report_of
from core.intake.turns import Busy
from core.intake.uploads import Shelf, is_large, seconds_to_read
from core.layers.models import LayerUpload
from core.layers.queries import layers
from core.layers.reading import Opened, opened
from core.layers.service import MANAGE, TURN, import_layer
from core.layers.taken import Taken
from core.layers.views import LayerOptions
from core.text import Text
from core.text import noop as _
from gis.errors import GisError

SHELF: Final = Shelf("layers")
IMPORT_JOB: Final = "layers.import"
WAITING: Final = "waiting"
ASKED: Final = "asked"
WRITTEN: Final = "written"
NOTE: Final = """
update core.layer_upload set report = jsonb_set(report, '{written}', to_jsonb(cast(:written as int)))
where id = :id and state = 'waiting'
"""
"""Past the journal: it tells those who wait how many features were written so far, and is gone once they need not."""
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
        return is_large(self.bytes)


def store_upload(session: WorkSession, file_name: str, content: IO[bytes], options: LayerOptions) -> UUID:
    """Keep a file; ``request_import`` lets it be read."""
    require(session.actor, MANAGE, EVERYWHERE)
    kept = SHELF.receive(file_name, content)
    row = LayerUpload(
        id=kept.key, file_name=kept.name, bytes=kept.bytes, state="new", options=options.as_json(), report={},
        made_by=session.actor.id, made_at=clock.now(),
    )  # fmt: skip
    session.add(row)
    session.flush()
    return kept.key


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
        raise _busy()
    if row.state == "done":
        raise Refused(_("This file was imported already; send it again to import it anew"))
    return _let_wait(session, row, options)


def request_fields(session: WorkSession, key: UUID, fields: Sequence[str]) -> LayerUploadView:
    """Let a file be read again so that these further fields of it are kept, by ``run_upload`` as ``request_import``.

    What is a layer already is read onto itself, as that layer is named and shown by now.

    :raises Conflict: it is being worked on.
    :raises Refused: the layer that it became holds something else by now, or is no more.
    """
    require(session.actor, MANAGE, EVERYWHERE)
    row = _row(session, key, lock=True)
    if row.state == WAITING:
        raise _busy()
    options = replace(LayerOptions.from_json(row.options), attributes=tuple(fields))
    if row.state == "done":
        options = _onto_itself(session, row, options)
    return _let_wait(session, row, options)


def run_upload(actor: Actor, key: UUID) -> bool:
    """Read a file that waits and make it a layer, or say why not; what is no longer waited for is left alone.

    :returns: ``False`` where it still waits: another process reads it, or another file has the turn.
    """
    require(actor, MANAGE, EVERYWHERE)
    with SHELF.alone_with(key) as alone:
        return alone and _run(actor, key)


def _run(actor: Actor, key: UUID) -> bool:
    with reading(actor) as session:
        view = upload_view(session, key)
    if view.state != WAITING:
        return True
    report: dict[str, Any] = {}
    try:
        file = SHELF.file_of(key)
        with opened(file, view.options, within_s=seconds_to_read(view.bytes), patient=False) as found:
            report = _facts(found)
            _write(actor, view, found, report)
    except Taken as question:
        _settle(actor, key, ASKED, {**report, "asked": question.as_json()})
    except Busy:
        return False
    except DomainError as error:
        _settle(actor, key, "refused", {**report, **report_of(error), **_layers_of(error)})
    except Exception:
        give_up(actor, key, Text(FAILED))
        raise
    return True


def give_up(actor: Actor, key: UUID, reason: Text) -> None:
    """End a file that waits as failed; it may be tried again."""
    _settle(actor, key, "failed", {"reason": reason.to_json()})


def past_uploads(session: WorkSession, before: dt.datetime) -> list[Path]:
    """Folders of files that came before a moment and are not worked on, or of which no row was written."""
    rows = session.execute(select(LayerUpload.id, LayerUpload.made_at, LayerUpload.state))
    return SHELF.past(((key, at >= before or state == WAITING) for key, at, state in rows), before)


def _write(actor: Actor, view: LayerUploadView, found: Opened, report: dict[str, Any]) -> None:
    """Make a layer of a file; the upload's row is held only once that is done.

    :raises Busy: where another layer is being written.
    :raises Conflict: where somebody settled the file meanwhile; no layer came of it then.
    """
    with work(actor, statement_timeout_s=0) as session:
        if not take_turn_within(session, TURN, turns.WAIT_SECONDS):
            raise Busy(_("Another layer is being taken in just now; try it again in a minute"))
        brought = import_layer(session, found, view.options, view.file_name, lambda n: _note(actor, view.id, n))
        row = _row(session, view.id, lock=True)
        if row.state != WAITING:
            raise Conflict(_("This file is no longer waited for"), theirs={"state": row.state})
        row.state = "done"
        row.report = {
            **report,
            "code": brought.layer.code,
            "mark": brought.layer.mark,
            "titles": [brought.layer.title_zh, brought.layer.title_en],
            "read": brought.read,
            "replaced": None if _is_own(row, view.options) else brought.replaced,
            "features": brought.layer.features,
            "warnings": [text.to_json() for text in brought.warnings],
        }


def _let_wait(session: WorkSession, row: LayerUpload, options: LayerOptions) -> LayerUploadView:
    row.options, row.state = options.as_json(), WAITING
    row.report = {name: value for name, value in row.report.items() if name != WRITTEN}
    session.flush()
    let_work(session, IMPORT_JOB, row.bytes, upload_id=str(row.id))
    return _view(row)


def _busy() -> Conflict:
    return Conflict(_("This file is being read; wait until that is done"), theirs={"state": WAITING})


def _onto_itself(session: WorkSession, row: LayerUpload, options: LayerOptions) -> LayerOptions:
    mark = row.report.get("mark")
    layer = next((each for each in layers(session) if each.mark == mark), None)
    if layer is None:
        raise Refused(_("The layer that this file became holds something else by now: send the file again"))
    return replace(
        options, code=layer.code, replaces=mark, source=layer.source, licence=layer.licence,
        title_zh=None, title_en=None, min_zoom=None, shown=None,
    )  # fmt: skip


def _is_own(row: LayerUpload, options: LayerOptions) -> bool:
    """Whether the file takes the place of nothing but itself."""
    return options.replaces is not None and options.replaces == row.report.get("mark")


def _note(actor: Actor, key: UUID, written: int) -> None:
    with work(actor) as session:
        session.execute(text(NOTE), {"id": key, "written": written})


def _facts(found: Opened) -> dict[str, Any]:
    about = found.about
    fields = [{"name": name, "samples": samples} for name, samples in about.fields.items()]
    return {"layers": list(about.layers), "fields": fields, "found": about.found, "crs": about.crs}


def _layers_of(error: DomainError) -> dict[str, Any]:
    """The layers of a file of which one has to be chosen."""
    cause = error.__cause__
    layers = cause.params.get("layers") if isinstance(cause, GisError) else None
    return {"layers": layers} if isinstance(layers, list) else {}


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
