"""What a person should look at before a plan is handed in: it fits the coverage, and yet may not be meant."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final, Literal

import shapely
from sqlalchemy import text

from core.grids.codes import check, scheme_of
from core.grids.labels import label_points
from core.grids.levels import TITLES
from core.grids.plans.checking import CheckedPlan
from core.grids.plans.nearby import longest_beside, nearest_apart
from core.grids.plans.working import Node, WorkingCopy, lattice_polygons
from core.instance import instance_values
from core.norms import SizeNorm
from core.text import Text, is_blank
from core.text import noop as _
from gis.lattice import SCALE
from gis.measure import area_m2, to_metres, width_m

NARROWEST_M: Final = 5.0
"""A grid that is nowhere wider, in metres, holds no house: a sliver that a line left."""
KM2: Final = 1_000_000.0

FindingKind = Literal["small", "large", "narrow", "parts", "unnamed", "name-twice", "code-scheme"]
Pair = tuple[Node | None, Node]
"""A grid before, where it lived, and after."""


@dataclass(frozen=True)
class PlanFinding:
    """Something about one grid of a plan.

    :param grid: code of the grid.
    :param place: lon, lat in degrees inside the grid.
    :param blocking: whether the plan cannot be submitted like this: it makes a grid that breaks a norm, or breaks it
        where the grid kept it before.
    """

    kind: FindingKind
    grid: str
    text: Text
    place: tuple[float, float] | None
    blocking: bool


def find_in(checked: CheckedPlan) -> tuple[PlanFinding, ...]:
    """What is found about the grids that a plan bears or changes, those that block first, then by grid."""
    copy = checked.copy
    pairs: list[Pair] = [
        *((None, node) for node in checked.outcome.born),
        *((before, copy.nodes[after.code]) for before, after in checked.outcome.changed),
    ]
    norms = instance_values(copy.session).grid_norms
    names = _names(copy, pairs)
    found: list[tuple[Node, PlanFinding]] = []
    for before, after in pairs:
        own = [
            *_sizes(before, after, norms.of(after.level)),
            *_narrow(copy, before, after),
            *_parts(before, after),
            *_unnamed(before, after),
            *_named_twice(copy, after, names),
            *_off_scheme(copy, before, after),
        ]
        found += [(after, finding) for finding in own]
    placed = [replace(finding, place=place) for (_n, finding), place in zip(found, _places(found), strict=True)]
    return tuple(sorted(placed, key=lambda finding: (not finding.blocking, finding.grid, finding.kind)))


def _sizes(before: Node | None, after: Node, norm: SizeNorm) -> Iterator[PlanFinding]:
    """A dedicated grid is as large as what it is made for."""
    if (norm.from_km2 is None and norm.to_km2 is None) or after.kind != "base" or not _redrawn(before, after):
        return
    area = _km2(after)
    values = {"code": after.code, "level": Text(TITLES[after.level]), "area": f"{area:.3f}"}
    if norm.from_km2 is not None and area < norm.from_km2:
        said = Text(
            _("Grid %(code)s would have %(area)s km², a %(level)s shall have at least %(limit)s km²"),
            {**values, "limit": f"{norm.from_km2:g}"},
        )
        yield PlanFinding("small", after.code, said, None, before is None or _km2(before) >= norm.from_km2)
    elif norm.to_km2 is not None and area > norm.to_km2:
        said = Text(
            _("Grid %(code)s would have %(area)s km², a %(level)s shall have at most %(limit)s km²"),
            {**values, "limit": f"{norm.to_km2:g}"},
        )
        yield PlanFinding("large", after.code, said, None, before is None or _km2(before) <= norm.to_km2)


def _narrow(copy: WorkingCopy, before: Node | None, after: Node) -> Iterator[PlanFinding]:
    width = _narrow_width(after.polygon) if _redrawn(before, after) else None
    if width is None:
        return
    values = {"code": after.code, "width": f"{width:.1f}"}
    if after.leaf and longest_beside(copy, after) is None and nearest_apart(copy, after) is not None:
        apart = _(
            "Grid %(code)s would nowhere be wider than %(width)s m and lies by itself: merge it with another as a grid "
            "in several parts (multipart)"
        )
        said = Text(apart, values)
    else:
        beside = _(
            "Grid %(code)s would nowhere be wider than %(width)s m: move the border, or merge it with a neighbour"
        )
        said = Text(beside, values)
    yield PlanFinding("narrow", after.code, said, None, before is None or _narrow_width(before.polygon) is None)


def _narrow_width(polygon: Any) -> float | None:
    """The width in metres of a sliver, ``None`` of any other polygon.

    A polygon holds a circle of about its area by its perimeter, so that most need no closer look.
    """
    flat = to_metres(polygon)
    if shapely.area(flat) > NARROWEST_M * shapely.length(flat):
        return None
    width = width_m(polygon)
    return width if width < NARROWEST_M else None


def _parts(before: Node | None, after: Node) -> Iterator[PlanFinding]:
    count = shapely.get_num_geometries(after.polygon)
    if count > 1 and (before is None or shapely.get_num_geometries(before.polygon) < count):
        said = Text(_("Grid %(code)s would lie in %(count)s separate parts"), {"code": after.code, "count": count})
        yield PlanFinding("parts", after.code, said, None, False)


def _unnamed(before: Node | None, after: Node) -> Iterator[PlanFinding]:
    if before is None and (is_blank(after.name) or after.name == after.code):
        said = Text(_("Grid %(code)s has no name yet"), {"code": after.code})
        yield PlanFinding("unnamed", after.code, said, None, False)


def _named_twice(copy: WorkingCopy, after: Node, names: Counter[tuple[str | None, str]]) -> Iterator[PlanFinding]:
    if after.parent is not None and names[after.parent, after.name] > 1:
        above = copy.find(after.parent)
        said = Text(
            _("%(name)s is the name of several grids below %(parent)s"),
            {"name": after.name, "parent": f"{above.name} {above.code}"},
        )
        yield PlanFinding("name-twice", after.code, said, None, False)


def _off_scheme(copy: WorkingCopy, before: Node | None, after: Node) -> Iterator[PlanFinding]:
    """Delivered codes often follow no scheme, so this is told and stops nothing."""
    if after.parent is None or (before is not None and before.code == after.code):
        return
    parent = copy.find(after.parent)
    fault = check(scheme_of(parent.code, parent.level), after.code, after.level, parent.code)
    if fault is not None:
        yield PlanFinding("code-scheme", after.code, fault.text, None, False)


def _names(copy: WorkingCopy, pairs: Sequence[Pair]) -> Counter[tuple[str | None, str]]:
    """How often each name stands below each parent that got a grid or a name."""
    fresh = {
        after.parent
        for before, after in pairs
        if before is None or (before.name, before.parent) != (after.name, after.parent)
    }
    ids = {copy.nodes[code].grid_id: code for code in fresh if code is not None}
    rows = copy.session.execute(
        text("select grid_id, parent_id, name from core.grid_state where parent_id = any(:ids) and upper_inf(valid)"),
        {"ids": [grid_id for grid_id in ids if grid_id is not None]},
    )
    standing = Counter((ids[row[1]], row[2]) for row in rows if row[0] not in copy.origins)
    return standing + Counter((node.parent, node.name) for node in copy.nodes.values() if node.parent in fresh)


def _redrawn(before: Node | None, after: Node) -> bool:
    return before is None or before.polygon is not after.polygon


def _km2(node: Node) -> float:
    return float(area_m2([node.polygon])[0]) / KM2


def _places(found: Sequence[tuple[Node, PlanFinding]]) -> list[tuple[float, float]]:
    if not found:
        return []
    points = label_points(lattice_polygons([node for node, _finding in found])) / SCALE
    return [(float(lon), float(lat)) for lon, lat in points]
