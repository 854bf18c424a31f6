"""What is done with an uploaded boundary file: checked without writing, and applied once approved."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any, Final
from uuid import UUID

from core.access.policy import require
from core.actor import Actor
from core.db.session import reading, work
from core.errors import DomainError, Forbidden, Refused
from core.grids.imports import importing
from core.grids.imports.draft import ImportOptions, Prepared
from core.grids.imports.incoming import area_changes, defect_kinds, incoming
from core.grids.imports.listing import keep_list
from core.grids.imports.previews import write_previews
from core.grids.imports.unforeseen import explain_failure
from core.grids.imports.uploads import SHELF, UploadView, give_up, row_of, upload_view
from core.grids.imports.waiting import note_step, without_step
from core.intake.reading import read
from core.intake.refusals import report_of
from core.intake.turns import Busy
from core.intake.uploads import seconds_to_read
from core.text import Text
from core.text import noop as _
from gis.errors import GisError
from gis.formats import Layer, samples

MOST_DEFECTS_KEPT: Final = 300
OVERTAKEN: Final = _("The grids have changed since this was checked: check it again and see what has become of it")
NO_RIGHT: Final = _("Whoever approved the import may no longer import grids there: let somebody else do it")


def check_upload(actor: Actor, key: UUID) -> bool:
    """Read the file, decide, and keep what the map needs; writes no grid.

    :returns: ``False`` where it still waits: another process works on it, or another file has the turn.
    """
    require(actor, "grid.import")
    with SHELF.alone_with(key) as alone:
        return alone and _check(actor, key)


def apply_upload(actor: Actor, key: UUID) -> bool:
    """Read and decide again, and write the grids as one recorded change; until the writing begins it can be stopped.

    :returns: as :func:`check_upload`.
    """
    require(actor, "grid.import")
    with SHELF.alone_with(key) as alone:
        return alone and _apply(actor, key)


def _check(actor: Actor, key: UUID) -> bool:
    with reading(actor) as session:
        view = upload_view(session, key)
    if view.state != "checking":
        return True
    facts: dict[str, Any] = {}
    try:
        note_step(actor, key, view.state, "reading")
        layer = _read(view, facts)
        note_step(actor, key, view.state, "deciding")
        with reading(actor) as session:
            prepared = _largest_first(importing.prepare(session, layer, view.options))
            facts["incoming"] = incoming(session, prepared)
        note_step(actor, key, view.state, "drawing")
        write_previews(SHELF.folder_of(key), layer, prepared)
        facts |= prepared.report(translate=Text.to_json)
        facts["repair"] = keep_list(SHELF.folder_of(key), facts["repair"])
        facts["defect_count"], facts["defect_kinds"] = len(facts["defects"]), defect_kinds(prepared.findings)
        facts["defects"] = facts["defects"][:MOST_DEFECTS_KEPT]
        facts["changes"], facts["base_version"] = area_changes(prepared), prepared.base_version
        state = "refused" if prepared.refused else "ready"
    except (DomainError, GisError) as error:
        if _waits(actor, view, error):
            return False
        facts |= {"refused": True, **report_of(error), "defects": []}
        state = "refused"
    except Exception as error:
        give_up(actor, key, explain_failure(key, error))
        raise
    _settle(actor, view, state, facts)
    return True


def _apply(actor: Actor, key: UUID) -> bool:
    with reading(actor) as session:
        view = upload_view(session, key)
    if view.state != "applying":
        return True
    try:
        note_step(actor, key, view.state, "reading")
        layer = _read(view, {})
        note_step(actor, key, view.state, "deciding")
        with reading(actor) as session:
            prepared = importing.prepare(session, layer, view.options)
        if prepared.base_version != view.report.get("base_version"):
            raise Refused(OVERTAKEN)
        note_step(actor, key, view.state, "writing")
        with work(actor, statement_timeout_s=0) as session:
            row = row_of(session, key, lock=True)
            if row.state != "applying":
                return True
            change = importing.apply(session, prepared)
            row.state, row.change_id = "applied", change.id
            row.report = {**without_step(view.report), "change": str(change.id), "version": change.version}
    except Forbidden:
        _settle(actor, view, "refused", {**without_step(view.report), "refused": True, **report_of(Refused(NO_RIGHT))})
    except (DomainError, GisError) as error:
        if _waits(actor, view, error):
            return False
        _settle(actor, view, "refused", {**without_step(view.report), "refused": True, **report_of(error)})
    except Exception as error:
        give_up(actor, key, explain_failure(key, error))
        raise
    return True


def _waits(actor: Actor, view: UploadView, error: DomainError | GisError) -> bool:
    """Whether it is only another's turn, and nobody waits but a job."""
    if not (view.large and isinstance(error, Busy)):
        return False
    note_step(actor, view.id, view.state, "waiting")
    return True


def _read(view: UploadView, facts: dict[str, Any]) -> Layer:
    """The chosen layer; ``facts`` gets the names of all layers, and of its fields with three values each."""
    file = SHELF.file_of(view.id)
    try:
        layer = read(file, view.options, within_s=seconds_to_read(view.bytes), patient=False)
    except GisError as error:
        facts["layers"] = error.params.get("layers") or view.report.get("layers", [])
        raise
    facts["layer"], facts["layers"] = layer.name, list(layer.layers)
    facts["crs_by"] = "person" if view.options.crs else layer.crs_by
    facts["stated_crs"], facts["stated_encoding"] = _short(layer.crs), layer.encoding
    facts["rows"] = len(layer.geometries)
    facts["fields"] = [{"name": name, "samples": samples(values)} for name, values in layer.fields.items()]
    return layer


def _largest_first(prepared: Prepared) -> Prepared:
    return replace(prepared, findings=tuple(sorted(prepared.findings, key=lambda found: -(found.area_m2 or 0.0))))


def _short(crs: str | None) -> str | None:
    """A CRS by its code, or the name in its WKT."""
    name = re.search(r'"([^"]+)"', crs) if crs else None
    return name[1] if name else crs


def _settle(actor: Actor, view: UploadView, state: str, report: dict[str, Any]) -> None:
    """Keep an outcome unless somebody asked for something else meanwhile."""
    with work(actor) as session:
        row = row_of(session, view.id, lock=True)
        if row.state == view.state and ImportOptions.from_json(row.options) == view.options:
            row.state, row.report = state, report
