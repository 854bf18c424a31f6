"""The grids that a proven layer becomes: births from the top down, their codes, and outlines that got vertices."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import shapely
from sqlalchemy import text

from core.db.session import WorkSession
from core.grids.acts import Birth, Renewal
from core.grids.codes import Scheme, check
from core.grids.imports.draft import ImportOptions
from core.grids.imports.judging import Judged
from core.grids.imports.rows import Rows, shortened
from core.grids.imports.targets import ROOT_LEVEL, Target
from core.grids.reading import load_shapes
from core.intake.refusals import Refusal
from core.text import noop as _
from gis.chain import dissolve_by
from gis.noding import insert, insertions


def births_of(judged: Judged, rows: Rows, target: Target, options: ImportOptions, scheme: Scheme) -> tuple[Birth, ...]:
    """The grids to be born, parents before children: the root, the nested levels, the layer's own."""
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


@dataclass(frozen=True)
class Bearer:
    """A grid to be, before its outline is known."""

    code: str
    level: str
    parent: str | None


def bearers_of(rows: Rows, target: Target, options: ImportOptions, scheme: Scheme) -> tuple[Bearer, ...]:
    """What would be born were no row left out: their codes can be looked at before the shapes are."""
    found: dict[Bearer, None] = {}
    if target.root:
        found[Bearer(target.root[0], ROOT_LEVEL, None)] = None
    top = target.parent.code if target.parent else target.root[0] if target.root else None
    parents: list[str | None] = [top] * len(rows.codes)
    for depth, (_field, level) in enumerate(options.nest, 1):
        codes = [_nested_code(scheme, groups[:depth]) for groups in rows.groups]
        found |= {Bearer(code, level, above): None for code, above in zip(codes, parents, strict=True)}
        parents = [*codes]
    own = zip(rows.codes, parents, strict=True)
    return (*found, *(Bearer(code, options.level, above) for code, above in own))


def check_codes(session: WorkSession, births: Sequence[Birth | Bearer], scheme: Scheme) -> None:
    """Refuse codes that break their scheme, stand twice, or belong to other grids."""
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
            _("The same code at several levels: %(codes)s; codes are unique in an instance"), codes=shortened(twice)
        )
    taken = session.scalars(
        text("select distinct code from core.grid_state where code = any(:codes) order by 1"), {"codes": list(seen)}
    ).all()
    if taken:
        raise Refusal(
            _("These codes belong to other grids, living or retired: %(codes)s; choose others"), codes=shortened(taken)
        )


def renewals_of(session: WorkSession, target: Target, outline: Any) -> tuple[Renewal, ...]:
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
    return tuple(Renewal(int(near.grid_ids[i]), polygons[i], noded=True) for i in changed)
