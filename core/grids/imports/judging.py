"""Do the layer's polygons tile? The proof, what is wrong with them, and what cleaning makes of them."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import shapely

from core.gistext import counted
from core.grids.findings import Finding, findings_of
from core.grids.imports.draft import ImportOptions
from core.grids.imports.piecewise import decide_pieces
from core.grids.imports.rows import Rows, shortened
from core.grids.imports.targets import Target
from core.grids.repairs.decided import Decided
from core.intake.refusals import Remedy
from core.text import Text
from core.text import noop as _
from gis.chain import dissolve
from gis.clean import Cleaned, clean, report
from gis.coverage import is_valid, mended, prove
from gis.defects import TINY_PART_M2, defects, tiny_parts
from gis.errors import CoverageError
from gis.lattice import Geometries, from_degrees, to_degrees
from gis.measure import area_m2
from gis.pieces import crumbs

SINGLE = frozenset({"invalid", "empty"})
"""Defects of one row by itself."""
MOST_LOST = 0.9
"""What loses more than this share of its area was not mended but taken away."""
WIDEST_FAULT_M = 2000
"""A wider hole is more likely a lake, an exclave or a grid left out than a fault of drawing."""


@dataclass(frozen=True)
class Judged:
    """The layer's polygons after the proof, one a unit, empty where left out."""

    polygons: Geometries
    outline: Any
    exact: bool
    findings: tuple[Finding, ...]
    cleaned: Cleaned | None = None
    decided: Decided | None = None


def united(polygons: Geometries, rows: Rows) -> Geometries:
    """One polygon a unit: rows of one code put together."""
    if not rows.doubles:
        return polygons
    merged = np.full(len(rows.codes), shapely.Polygon(), dtype=object)
    members: dict[int, list[int]] = {}
    for row, unit in enumerate(rows.units):
        members.setdefault(unit, []).append(row)
    for unit, own in members.items():
        merged[unit] = polygons[own[0]] if len(own) == 1 else _together(polygons[own])
    return merged


def _together(parts: Geometries) -> Any:
    try:
        return dissolve(parts)
    except CoverageError:
        return from_degrees(to_degrees([shapely.union_all(mended(parts), grid_size=1.0)]))[0]


def judge(units: Geometries, rows: Rows, target: Target, options: ImportOptions) -> Judged:
    """Prove the units, cleaned if the options say so; :class:`~gis.errors.GisError` where they cannot stand."""
    judged = _judge(units, rows, target, options)
    told = judged.decided
    if told is not None:
        told = replace(told, defects=tuple(replace(each, finding=_told(each.finding, rows)) for each in told.defects))
    return replace(judged, findings=tuple(_told(finding, rows) for finding in judged.findings), decided=told)


def _told(finding: Finding, rows: Rows) -> Finding:
    """Of a row that came without a shape there is nothing more to say than that."""
    bare = finding.kind == "empty" and rows.bare.issuperset(finding.codes)
    return replace(finding, detail=None) if bare else finding


def _judge(units: Geometries, rows: Rows, target: Target, options: ImportOptions) -> Judged:
    if options.repair is not None:
        return _decided(units, rows, target, options)
    if options.clean:
        return _cleaned(units, rows, target, options)
    proof = prove(units, target.outline)
    wrong = tiny_parts(units) if proof.exact and target.parent else defects(units, target.outline)
    found = tuple(findings_of(wrong, rows.codes))
    if not proof.exact:
        return Judged(units, target.outline, exact=False, findings=found)
    return Judged(units, target.outline or dissolve(units), exact=True, findings=found)


def _cleaned(units: Geometries, rows: Rows, target: Target, options: ImportOptions) -> Judged:
    result = clean(to_degrees(units), target.outline, options.gap_width_m)
    bad = np.flatnonzero(~is_valid(units))
    broken = [defect for defect in defects(units[bad]) if defect.kind in SINGLE]
    found = findings_of(broken, [rows.codes[i] for i in bad.tolist()])
    found += findings_of(result.uncovered, rows.codes)
    return Judged(result.polygons, result.parent, result.exact, tuple(found), result)


def _decided(units: Geometries, rows: Rows, target: Target, options: ImportOptions) -> Judged:
    above = target.parent.code if target.parent else target.root[0] if target.root else ""
    told, made = decide_pieces(units, rows.codes, target.outline, above, options)
    found = tuple(defect.finding for defect in told.defects)
    if made is None:
        return Judged(units, target.outline, exact=False, findings=found, decided=told)
    broken = tuple(np.flatnonzero(~is_valid(units)).tolist())
    changed = report(mended(units), made.polygons, made.outline, broken, "decided" if told.defects else "none")
    return Judged(made.polygons, made.outline, exact=True, findings=found, cleaned=changed, decided=told)


def inexact(judged: Judged, options: ImportOptions) -> tuple[Text, tuple[Remedy, ...]]:
    """Why the layer may not come in, and what may mend it."""
    if judged.decided is not None and judged.decided.fault is not None:
        return judged.decided.fault, (Remedy("defects"),)
    listing = counted(finding.kind for finding in judged.findings)
    if not options.clean:
        message = _("The layer does not tile exactly: %(defects)s")
        return Text(message, {"defects": listing}), (Remedy("clean"), Remedy("decide"), Remedy("defects"))
    message = _("After cleaning some pieces stay uncovered: %(defects)s, the widest %(width)s m wide")
    reason = Text(message, {"defects": listing, "width": f"{_widest(judged):,.1f}"})
    return reason, (Remedy("gap_width", {"width": _wide_enough(judged)}), Remedy("decide"), Remedy("defects"))


def vanished(judged: Judged, rows: Rows) -> tuple[str, ...]:
    """Codes of grids of which cleaning left nothing, or a crumb: they lie outside the parent, or under others."""
    made = judged.cleaned
    if made is None or judged.decided is not None:
        return ()
    less = np.flatnonzero(made.lost_m2 > 0)
    had = area_m2(made.polygons[less]) - made.gained_m2[less] + made.lost_m2[less]
    return tuple(rows.codes[i] for i in less[made.lost_m2[less] > MOST_LOST * had].tolist())


def shapeless(judged: Judged) -> Text | None:
    """A warning of the rows that came without an outline, where cleaning leaves them out."""
    made = judged.cleaned
    codes = [code for found in judged.findings if found.kind == "empty" for code in found.codes]
    if made is None or not codes:
        return None
    return Text(_("Rows without an outline that can be read are left out: %(codes)s"), {"codes": shortened(codes)})


def left_out(judged: Judged, rows: Rows) -> Text | None:
    """A warning of the rows that are left out because others have all that they cover."""
    if judged.decided is None or judged.cleaned is None:
        return None
    bare = {code for found in judged.findings if found.kind == "empty" for code in found.codes}
    codes = [code for code in (rows.codes[i] for i in judged.cleaned.left_out) if code not in bare]
    return Text(_("Left out, as was decided: %(codes)s"), {"codes": shortened(codes)}) if codes else None


def specks(judged: Judged, options: ImportOptions, rows: Rows) -> Text | None:
    """A warning of the tiny parts of an exact layer, which nobody has decided on."""
    if not judged.exact or options.repair is not None:
        return None
    owners = sorted({speck.members[0] for speck in crumbs(judged.polygons)})
    message = _("With a part smaller than %(limit)s m², which comes in as it is unless you decide otherwise: %(codes)s")
    codes = shortened([rows.codes[i] for i in owners])
    return Text(message, {"limit": f"{TINY_PART_M2:g}", "codes": codes}) if owners else None


def enough_to_clean(judged: Judged, options: ImportOptions) -> dict[str, Any]:
    """The options that most likely make the layer exact; a gap too wide to be a fault is nobody's guess."""
    if options.repair is not None:
        return {}
    if not options.clean:
        return {"clean": True}
    width = _wide_enough(judged)
    return {"gap_width_m": width} if options.gap_width_m < width <= WIDEST_FAULT_M else {}


def _wide_enough(judged: Judged) -> int:
    return math.floor(_widest(judged)) + 1


def _widest(judged: Judged) -> float:
    return max((finding.width_m or 0.0 for finding in judged.findings), default=0.0)
