"""What is done with an uploaded boundary file: checked without writing, and applied once approved."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any, Final
from uuid import UUID

from core.access.policy import require
from core.actor import Actor
from core.db.session import reading, work
from core.errors import DomainError, NotFound, Refused
from core.grids.gistext import explain
from core.grids.imports import importing, uploads
from core.grids.imports.draft import ImportOptions, Prepared
from core.grids.imports.incoming import area_changes, defect_kinds, incoming
from core.grids.imports.listing import keep_list
from core.grids.imports.previews import write_previews
from core.grids.imports.remedies import remedies_of
from core.grids.imports.unforeseen import explain_failure
from core.grids.imports.uploads import SOURCE, UploadView, folder_of, give_up, row_of, upload_view
from core.grids.imports.waiting import note_step, without_step
from core.text import Text
from core.text import noop as _
from gis.errors import GisError
from gis.formats import Layer

SAMPLES: Final = 3
MOST_DEFECTS_KEPT: Final = 300
OVERTAKEN: Final = _("The grids have changed since this was checked: check it again and see what has become of it")


def check_upload(actor: Actor, key: UUID) -> None:
    """Read the file, decide, and keep what the map needs; writes no grid."""
    require(actor, "grid.import")
    with reading(actor) as session:
        view = upload_view(session, key)
    if view.state != "checking":
        return
    facts: dict[str, Any] = {}
    try:
        note_step(actor, key, view.state, "reading")
        layer = _read(view, facts)
        note_step(actor, key, view.state, "deciding")
        with reading(actor) as session:
            prepared = _largest_first(importing.prepare(session, layer, view.options))
            facts["incoming"] = incoming(session, prepared)
        note_step(actor, key, view.state, "drawing")
        write_previews(folder_of(key), layer, prepared)
        facts |= prepared.report(translate=Text.to_json)
        facts["repair"] = keep_list(folder_of(key), facts["repair"])
        facts["defect_count"], facts["defect_kinds"] = len(facts["defects"]), defect_kinds(prepared.findings)
        facts["defects"] = facts["defects"][:MOST_DEFECTS_KEPT]
        facts["changes"], facts["base_version"] = area_changes(prepared), prepared.base_version
        state = "refused" if prepared.refused else "ready"
    except (DomainError, GisError) as error:
        facts |= {**_refusal(error), "defects": []}
        facts["suggested"] = _suggested(error)
        state = "refused"
    except Exception as error:
        give_up(actor, key, explain_failure(key, error))
        raise
    _settle(actor, view, state, facts)


def apply_upload(actor: Actor, key: UUID) -> None:
    """Read and decide again, and write the grids as one recorded change; until the writing begins it can be stopped."""
    require(actor, "grid.import")
    with reading(actor) as session:
        view = upload_view(session, key)
    if view.state != "applying":
        return
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
                return
            change = importing.apply(session, prepared)
            row.state, row.change_id = "applied", change.id
            row.report = {**without_step(view.report), "change": str(change.id), "version": change.version}
    except (DomainError, GisError) as error:
        _settle(actor, view, "refused", {**without_step(view.report), **_refusal(error)})
    except Exception as error:
        give_up(actor, key, explain_failure(key, error))
        raise


def _read(view: UploadView, facts: dict[str, Any]) -> Layer:
    """The chosen layer; ``facts`` gets the names of all layers, and of its fields with three values each."""
    source = next((folder_of(view.id) / SOURCE).glob("*"), None)
    if source is None:
        raise NotFound(_("The uploaded file is no longer there: upload it again"))
    try:
        layer = importing.read(source, view.options, within_s=None if view.large else uploads.AT_ONCE_SECONDS)
    except GisError as error:
        facts["layers"] = error.params.get("layers") or view.report.get("layers", [])
        raise
    facts["layer"], facts["layers"] = layer.name, list(layer.layers)
    facts["crs_by"] = "person" if view.options.crs else layer.crs_by
    facts["stated_crs"], facts["stated_encoding"] = _short(layer.crs), layer.encoding
    facts["rows"] = len(layer.geometries)
    facts["fields"] = [{"name": name, "samples": _samples(values)} for name, values in layer.fields.items()]
    return layer


def _largest_first(prepared: Prepared) -> Prepared:
    return replace(prepared, findings=tuple(sorted(prepared.findings, key=lambda found: -(found.area_m2 or 0.0))))


def _samples(values: list[Any]) -> list[str]:
    found = dict.fromkeys(str(value)[:60] for value in values if value not in (None, ""))
    return list(found)[:SAMPLES]


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


def _refusal(error: DomainError | GisError) -> dict[str, Any]:
    remedies = remedies_of(error) if isinstance(error, GisError) else ()
    return {
        "refused": True,
        "reason": _text(error).to_json(),
        "mend": _mends(error),
        "remedies": [remedy.as_json() for remedy in remedies],
    }


def _text(error: DomainError | GisError) -> Text:
    return error.text if isinstance(error, DomainError) else explain(error)


def _mends(error: DomainError | GisError) -> list[dict[str, Any]]:
    """The single faults and what would mend them."""
    if not isinstance(error, DomainError):
        return []
    texts = (part for objection in error.objections for part in (objection.text, objection.mend) if part)
    return [part.to_json() for part in texts]


def _suggested(error: DomainError | GisError) -> dict[str, Any]:
    """The encoding that the file most likely has."""
    remedy = error.params.get("remedy") if isinstance(error, GisError) else None
    return {"encoding": remedy} if remedy else {}
