"""What a layer would become: the decisions of an import, step by step, nothing written."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from core.db.session import WorkSession
from core.errors import Refused
from core.gistext import explain
from core.grids.called import called
from core.grids.codes import Scheme, scheme_named
from core.grids.findings import Finding, findings_of
from core.grids.imports.births import Bearer, bearers_of, births_of, check_codes, renewals_of
from core.grids.imports.codedoubts import codes_in_doubt
from core.grids.imports.draft import MOST_GAP_M, AreaChange, ImportOptions, Prepared
from core.grids.imports.judging import (
    Judged,
    enough_to_clean,
    inexact,
    judge,
    left_out,
    shapeless,
    specks,
    united,
    vanished,
)
from core.grids.imports.rows import Rows, read_rows, shortened
from core.grids.imports.targets import ROOT_LEVEL, Target, find_target
from core.grids.levels import check_order
from core.grids.moments import moment_of, refuse_day
from core.intake.framing import Framed, doubt, frame, unchecked
from core.intake.refusals import Refusal, Remedy, refusal_of
from core.text import Text
from core.text import noop as _
from gis.coverage import prove
from gis.crossings import refuse_tangles
from gis.defects import defects
from gis.errors import GisError
from gis.formats import Layer
from gis.lattice import Geometries, from_degrees

SAMPLE_ROWS = 3


def decide(session: WorkSession, layer: Layer, options: ImportOptions, version: int) -> Prepared:
    """The decided import; :class:`Refusal` where nothing can even be said about its shapes."""
    try:
        moment_of(session, options.valid_from)
        refuse_day(options.effective_on)
    except Refused as error:
        raise Refusal(error.text) from error
    if not 0 <= options.gap_width_m <= MOST_GAP_M:
        raise Refusal(
            _("The gap width is %(width)s; give metres from 0 to %(most)s"), width=options.gap_width_m, most=MOST_GAP_M
        )
    scheme = scheme_named(options.scheme)
    rows = read_rows(layer, options, scheme)
    target = find_target(session, options, rows.row_codes)
    levels = [level for _field, level in options.nest] + [options.level]
    above = target.parent.level if target.parent else ROOT_LEVEL if target.root else None
    wrong = check_order(levels, above)
    if wrong is not None:
        raise Refusal(wrong.text)
    framed = frame(layer, options, target.outline)
    try:
        return _decide(session, layer, options, version, scheme, target, rows, framed)
    except GisError as error:
        raise refusal_of(error) from error


def _decide(
    session: WorkSession,
    layer: Layer,
    options: ImportOptions,
    version: int,
    scheme: Scheme,
    target: Target,
    rows: Rows,
    framed: Framed,
) -> Prepared:
    warnings = [*rows.warnings, *(explain(note) for note in layer.notes)]
    above = target.parent.code if target.parent else target.root[0] if target.root else None
    doubts = (codes_in_doubt(rows, above), None if target.parent else unchecked(framed))
    prepared = Prepared(
        options,
        version,
        parent_id=target.parent.id if target.parent else None,
        warnings=(*warnings, *filter(None, doubts)),
        crs=str(framed.crs),
        encoding=layer.encoding,
        rows=len(layer.geometries),
        sample=tuple(zip(rows.codes[:SAMPLE_ROWS], rows.names[:SAMPLE_ROWS], strict=True)),
        names=dict(zip(rows.codes, rows.names, strict=True)),
    )
    fault = None if options.repair else _fault_of_codes(session, bearers_of(rows, target, options, scheme), scheme)
    if fault is not None and not rows.doubles:
        raise fault
    if fault is not None:
        prepared = replace(prepared, warnings=(*prepared.warnings, fault.text))
    row_polygons = from_degrees(framed.degrees)
    refuse_tangles(row_polygons)
    if rows.doubles and options.duplicate_codes == "refuse":
        return _refuse_doubles(prepared, rows, row_polygons, target.outline)
    units = united(row_polygons, rows)
    cut_off = False
    if target.parent and not prove(units, target.outline).exact:
        cut_off = doubt(layer, framed, target.outline, called(target.parent.code, target.parent.name))
    judged = judge(units, rows, target, options)
    prepared = _with_judgement(prepared, judged, rows)
    lost = vanished(judged, rows)
    if lost:
        message = _(
            "Cleaning would leave next to nothing of: %(codes)s; they lie outside the parent or under other grids"
        )
        reason = Text(message, {"codes": shortened(lost)})
        ways = (Remedy("parent"), Remedy("true_crs"), Remedy("decide"), Remedy("defects"))
        return _refused(prepared, reason, ways, {})
    if not judged.exact:
        reason, remedies = inexact(judged, options)
        if cut_off:
            return _refused(prepared, reason, (Remedy("parent"), Remedy("true_crs"), Remedy("defects")), {})
        return _refused(prepared, reason, remedies, enough_to_clean(judged, options))
    if rows.nameless and not options.clean and options.repair is None:
        reason = Text(_("Grids without a name: %(codes)s"), {"codes": shortened(rows.nameless)})
        return _refused(prepared, reason, (Remedy("name_field"), Remedy("clean_names")), {"clean": True})
    births = births_of(judged, rows, target, options, scheme)
    check_codes(session, births, scheme)
    renewals = renewals_of(session, target, judged.outline)
    prepared = replace(prepared, warnings=(*prepared.warnings, *_standing_in(rows)))
    tiny = specks(judged, options, rows)
    if tiny is not None:
        prepared = replace(prepared, warnings=(*prepared.warnings, tiny), remedies=(Remedy("decide"),))
    return replace(prepared, births=births, renewals=renewals)


def _fault_of_codes(session: WorkSession, bearers: Sequence[Bearer], scheme: Scheme) -> Refusal | None:
    """What is wrong with the codes alone; of a row that decisions may leave out it is not asked yet."""
    try:
        check_codes(session, bearers, scheme)
    except Refusal as refusal:
        return refusal
    return None


def _standing_in(rows: Rows) -> list[Text]:
    """A warning of the grids that get their code as name."""
    message = _("Without a name, so that the code stands in for it: %(codes)s")
    return [Text(message, {"codes": shortened(rows.nameless)})] if rows.nameless else []


def _refuse_doubles(prepared: Prepared, rows: Rows, polygons: Geometries, outline: Any) -> Prepared:
    """Codes that stand in several rows are named, together with whatever else is wrong."""
    found = [*rows.findings]
    found += [Finding("duplicate_code", (code,) * count) for code, count in rows.doubles.items()]
    found += findings_of(defects(polygons, outline), rows.row_codes)
    reason = Text(
        _("Codes in several rows: %(codes)s"),
        {"codes": shortened([f"{code} ×{count}" for code, count in rows.doubles.items()])},
    )
    prepared = replace(prepared, findings=tuple(found))
    return _refused(prepared, reason, (Remedy("merge"),), {"duplicate_codes": "merge"})


def _refused(prepared: Prepared, reason: Text, remedies: tuple[Remedy, ...], suggested: Mapping[str, Any]) -> Prepared:
    return replace(prepared, refused=True, reason=reason, remedies=remedies, suggested=suggested)


def _with_judgement(prepared: Prepared, judged: Judged, rows: Rows) -> Prepared:
    warnings = (*prepared.warnings, *filter(None, [shapeless(judged), left_out(judged, rows)]))
    findings = (*rows.findings, *judged.findings)
    if judged.decided is not None:  # in the order of its list
        findings = (*judged.findings, *rows.findings)
    prepared = replace(prepared, findings=findings, warnings=warnings, exact=judged.exact, decided=judged.decided)
    made = judged.cleaned
    if made is None:
        return prepared
    changed = np.flatnonzero((made.gained_m2 > 0) | (made.lost_m2 > 0)).tolist()
    areas = tuple(
        AreaChange(rows.codes[i], float(made.gained_m2[i]), float(made.lost_m2[i]), made.moved[i]) for i in changed
    )
    return replace(prepared, method=made.method, max_shift_m=made.max_shift_m, area_changes=areas)
