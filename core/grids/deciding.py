"""What a layer would become: the decisions of an import, step by step, nothing written."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import shapely
from sqlalchemy import text

from core.db.session import WorkSession
from core.grids.codes import Scheme, check, scheme_named
from core.grids.draft import AreaChange, Birth, Finding, ImportOptions, Prepared, Renewal
from core.grids.framing import Framed, doubt, frame, unchecked
from core.grids.gistext import counted, explain, phrase
from core.grids.levels import check_order
from core.grids.queries import grid_by_code, grid_by_id
from core.grids.reading import load_shapes
from core.grids.rows import Refusal, Rows, listed, read_rows
from core.grids.views import GridView
from core.text import Text
from core.text import noop as _
from gis.chain import dissolve, dissolve_by
from gis.clean import Cleaned, clean
from gis.coverage import Defect, defects, is_valid, mended, prove
from gis.errors import CoverageError, GisError
from gis.formats import Layer
from gis.lattice import Geometries, from_degrees, to_degrees
from gis.noding import insert, insertions

ROOT_LEVEL = "city"
SAMPLE_ROWS = 3


@dataclass(frozen=True)
class Target:
    """Where the layer goes.

    :param parent: the living leaf it goes under; ``None`` on an empty tree.
    :param outline: the parent's lattice polygon.
    :param root: code and name of a root to be made, on an empty tree.
    :param is_root: the layer's one polygon becomes the root itself.
    """

    parent: GridView | None = None
    outline: Any = None
    root: tuple[str, str] | None = None
    is_root: bool = False


@dataclass(frozen=True)
class Judged:
    """The layer's polygons after the proof, one a unit, empty where left out."""

    polygons: Geometries
    outline: Any
    exact: bool
    findings: tuple[Finding, ...]
    cleaned: Cleaned | None = None


def decide(session: WorkSession, layer: Layer, options: ImportOptions, version: int) -> Prepared:
    """The decided import; :class:`Refusal` where nothing can even be said about its shapes."""
    scheme = scheme_named(options.scheme)
    target = find_target(session, options, len(layer.geometries))
    levels = [level for _field, level in options.nest] + [options.level]
    above = target.parent.level if target.parent else ROOT_LEVEL if target.root else None
    wrong = check_order(levels, above)
    if wrong is not None:
        raise Refusal(wrong.text)
    rows = read_rows(layer, options, scheme)
    framed = frame(layer, options, target.outline)
    try:
        return _decide(session, layer, options, version, scheme, target, rows, framed)
    except GisError as error:
        raise Refusal(explain(error)) from error


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
    doubt_text = None if target.parent else unchecked(framed)
    prepared = Prepared(
        options,
        version,
        parent_id=target.parent.id if target.parent else None,
        warnings=(*warnings, *([doubt_text] if doubt_text else [])),
        crs=str(framed.crs),
        encoding=layer.encoding,
        rows=len(layer.geometries),
        sample=tuple(zip(rows.codes[:SAMPLE_ROWS], rows.names[:SAMPLE_ROWS], strict=True)),
    )
    row_polygons = from_degrees(framed.degrees)
    if rows.doubles and options.duplicate_codes == "refuse":
        return _refuse_doubles(prepared, rows, row_polygons, target.outline)
    units = _united(row_polygons, rows)
    if target.parent and not prove(units, target.outline).exact:
        doubt(layer, framed, target.outline)
    judged = _judge(units, rows, target, options)
    prepared = _with_judgement(prepared, judged, rows)
    if not judged.exact:
        return replace(prepared, refused=True, reason=_inexact(judged, options))
    if rows.nameless and not options.clean:
        return replace(prepared, refused=True, reason=_nameless(rows))
    births = _births(judged, rows, target, options, scheme)
    _check_codes(session, births, scheme)
    renewals = _renewals(session, target, judged.outline)
    return replace(prepared, births=births, renewals=renewals)


def find_target(session: WorkSession, options: ImportOptions, count: int) -> Target:
    """The grid the layer goes under, or the root it makes."""
    root_id = session.scalar(text("select root_id from core.coverage"))
    if root_id is None:
        return _empty_tree(options, count)
    if options.root:
        raise Refusal(_("This instance has a root already; leave --root out and name the parent with --parent"))
    parent = grid_by_code(session, options.parent) if options.parent else grid_by_id(session, root_id)
    if parent is None:
        raise Refusal(_("There is no grid with code %(code)s; see `wangge grid tree`"), code=options.parent)
    if not parent.leaf:
        raise Refusal(
            _("Grid %(code)s has children already; a living city is changed by a plan, not by an import"),
            code=parent.code,
        )
    return Target(parent, load_shapes(session, "s.id = :id", {"id": parent.state_id}).polygons[0])


def _empty_tree(options: ImportOptions, count: int) -> Target:
    if options.parent:
        raise Refusal(_("The tree is empty: there is no grid %(code)s to go under"), code=options.parent)
    if options.root:
        code, colon, name = options.root.partition(":")
        if not code or not colon:
            raise Refusal(_("--root needs a code and a name, as in 131000:Langfang"))
        return Target(root=(code.strip(), name.strip() or code.strip()))
    if options.level == ROOT_LEVEL and count == 1 and not options.nest:
        return Target(is_root=True)
    raise Refusal(
        _(
            "The tree is empty. Import the city's outline first (one polygon, --level city), "
            "or let the root be made from this layer with --root CODE:NAME"
        )
    )


def _united(polygons: Geometries, rows: Rows) -> Geometries:
    """One polygon a unit: rows of one code put together."""
    if not rows.doubles:
        return polygons
    united = np.full(len(rows.codes), shapely.Polygon(), dtype=object)
    members: dict[int, list[int]] = {}
    for row, unit in enumerate(rows.units):
        members.setdefault(unit, []).append(row)
    for unit, own in members.items():
        united[unit] = polygons[own[0]] if len(own) == 1 else _together(polygons[own])
    return united


def _together(parts: Geometries) -> Any:
    try:
        return dissolve(parts)
    except CoverageError:
        return from_degrees(to_degrees([shapely.union_all(mended(parts), grid_size=1.0)]))[0]


def _refuse_doubles(prepared: Prepared, rows: Rows, polygons: Geometries, outline: Any) -> Prepared:
    """Codes that stand in several rows are named, together with whatever else is wrong."""
    found = [*rows.findings]
    found += [Finding("duplicate_code", (code,) * count) for code, count in rows.doubles.items()]
    found += _findings(defects(polygons, outline), rows.row_codes)
    reason = Text(
        _(
            "Codes in several rows: %(codes)s. Correct the file, or put the rows of one code together with "
            "--duplicate-codes merge"
        ),
        {"codes": listed([f"{code} ×{count}" for code, count in rows.doubles.items()])},
    )
    return replace(prepared, findings=tuple(found), refused=True, reason=reason)


def _judge(units: Geometries, rows: Rows, target: Target, options: ImportOptions) -> Judged:
    if options.clean:
        return _cleaned(units, rows, target, options)
    proof = prove(units, target.outline)
    found = () if proof.exact and target.parent else tuple(_findings(defects(units, target.outline), rows.codes))
    if not proof.exact:
        return Judged(units, target.outline, exact=False, findings=found)
    return Judged(units, target.outline or dissolve(units), exact=True, findings=found)


def _cleaned(units: Geometries, rows: Rows, target: Target, options: ImportOptions) -> Judged:
    result = clean(to_degrees(units), target.outline, options.gap_width_m)
    broken = defects(units[~(is_valid(units) & ~shapely.is_empty(units))])
    bad = np.flatnonzero(~(is_valid(units) & ~shapely.is_empty(units)))
    found = [Finding(**_facts(d, [rows.codes[int(bad[m])] for m in d.members])) for d in broken if d.kind in SINGLE]
    found += _findings(result.uncovered, rows.codes)
    return Judged(result.polygons, result.parent, result.exact, tuple(found), result)


SINGLE = frozenset({"invalid", "empty"})
"""Defects of one row by itself."""


def _with_judgement(prepared: Prepared, judged: Judged, rows: Rows) -> Prepared:
    prepared = replace(prepared, findings=(*rows.findings, *judged.findings), exact=judged.exact)
    made = judged.cleaned
    if made is None:
        return prepared
    changed = np.flatnonzero((made.gained_m2 > 0) | (made.lost_m2 > 0)).tolist()
    areas = tuple(AreaChange(rows.codes[i], float(made.gained_m2[i]), float(made.lost_m2[i])) for i in changed)
    return replace(prepared, method=made.method, max_shift_m=made.max_shift_m, area_changes=areas)


def _inexact(judged: Judged, options: ImportOptions) -> Text:
    listing = counted(finding.kind for finding in judged.findings)
    if not options.clean:
        message = _(
            "The layer does not tile exactly: %(defects)s. Correct it at its source, or import it with --clean; "
            "--defects FILE.gpkg writes the places"
        )
        return Text(message, {"defects": listing})
    widest = max((finding.width_m or 0.0 for finding in judged.findings), default=0.0)
    message = _(
        "After cleaning some pieces stay uncovered: %(defects)s, the widest %(width)s m wide. If they are not meant, "
        "give --gap-width-m at least that width"
    )
    return Text(message, {"defects": listing, "width": f"{widest:,.1f}"})


def _nameless(rows: Rows) -> Text:
    return Text(
        _(
            "Grids without a name: %(codes)s. Give each a name, name another field with --name-field, or import with "
            "--clean, which lets the code stand in"
        ),
        {"codes": listed(rows.nameless)},
    )


def _births(judged: Judged, rows: Rows, target: Target, options: ImportOptions, scheme: Scheme) -> tuple[Birth, ...]:
    kept = np.flatnonzero(~shapely.is_empty(judged.polygons)).tolist()
    top = target.parent.code if target.parent else target.root[0] if target.root else None
    births: list[Birth] = []
    if target.root:
        births.append(Birth(*target.root, ROOT_LEVEL, None, judged.outline))
    parents: list[str | None] = [top] * len(kept)
    for depth, (_field, level) in enumerate(options.nest, 1):
        groups: dict[tuple[str, ...], int] = {}
        member = np.array([groups.setdefault(rows.groups[unit][:depth], len(groups)) for unit in kept], np.int64)
        shapes = dissolve_by(judged.polygons[kept], member)
        codes = [_nested_code(scheme, key) for key in groups]
        above = {number: parents[place] for place, number in reversed(list(enumerate(member.tolist())))}
        births += [
            Birth(codes[number], key[-1], level, above[number], shapes[number]) for key, number in groups.items()
        ]
        parents = [codes[number] for number in member.tolist()]
    births += [
        Birth(rows.codes[unit], rows.names[unit], options.level, parents[place], judged.polygons[unit])
        for place, unit in enumerate(kept)
    ]
    return tuple(births)


def _nested_code(scheme: Scheme, key: Sequence[str]) -> str:
    code: str | None = None
    for own in key:
        code = scheme.nested(code, own)
    assert code is not None
    return code


def _check_codes(session: WorkSession, births: Sequence[Birth], scheme: Scheme) -> None:
    wrong = [fault for birth in births if (fault := check(scheme, birth.code, birth.level, birth.parent))]
    if wrong:
        raise Refusal(
            _("Wrong codes: %(count)s; the first: %(first)s. %(mend)s"),
            count=len(wrong),
            first=wrong[0].text,
            mend=wrong[0].mend or "",
        )
    seen: dict[str, int] = {}
    for birth in births:
        seen[birth.code] = seen.get(birth.code, 0) + 1
    twice = [code for code, count in seen.items() if count > 1]
    if twice:
        raise Refusal(
            _("The same code at several levels: %(codes)s; codes are unique in an instance"), codes=listed(twice)
        )
    taken = session.scalars(
        text("select distinct code from core.grid_state where code = any(:codes) order by 1"), {"codes": list(seen)}
    ).all()
    if taken:
        raise Refusal(
            _("These codes belong to other grids, living or retired: %(codes)s; choose others"), codes=listed(taken)
        )


def _renewals(session: WorkSession, target: Target, outline: Any) -> tuple[Renewal, ...]:
    """Living grids that get the vertices which the borders put into the parent's outline."""
    if target.parent is None or shapely.equals_identical(target.outline, outline):
        return ()
    inserted = insertions(target.outline, outline)
    if not inserted:
        return ()
    near = load_shapes(
        session,
        "sh.geom && (select x.geom from core.grid_state p join core.grid_shape x on x.id = p.shape_id"
        " where p.id = :id)",
        {"id": target.parent.state_id},
    )
    polygons, changed = insert(near.polygons, inserted)
    return tuple(Renewal(int(near.grid_ids[i]), polygons[i]) for i in changed)


def _findings(found: Sequence[Defect], codes: Sequence[str]) -> list[Finding]:
    return [Finding(**_facts(defect, [codes[member] for member in defect.members])) for defect in found]


def _facts(defect: Defect, codes: Sequence[str]) -> dict[str, Any]:
    return {
        "kind": defect.kind,
        "codes": tuple(codes),
        "area_m2": defect.area_m2,
        "width_m": defect.width_m,
        "lon": defect.lon,
        "lat": defect.lat,
        "geometry": defect.geometry,
        "detail": phrase(defect.detail) if defect.detail else None,
    }
