"""Two years of history of the demonstration city: as it was at first, and six changes that lead to what it is."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import combinations
from typing import Any, Final

import numpy as np
import shapely

from core import clock
from core.db.session import WorkSession
from core.demo.city import CITY
from core.grids.acts import Birth
from core.grids.plans.checking import check_operations
from core.grids.plans.operations import parse_operation
from core.grids.queries import known_grid
from core.grids.reading import coverage_version
from core.grids.writing import apply_change
from gis.chain import dissolve
from gis.coverage import is_valid
from gis.edit import split
from gis.lattice import SCALE, Floats, Geometries, as_array

FIRST_DAYS: Final = 760
"""How many days ago the city's grids were first drawn."""
OLD_STREET: Final = "和平镇"
RENAMED, RECODED, MOVED = "990101001", "99010100200100101", "990102001001"
CUT: Final = ("990101003002001", "990121002003001")
"""Grids in which two micro-grids of today were one."""
BENT: Final = "990102003002002"
"""A grid inside which a corner of three micro-grids lay elsewhere."""
ASIDE: Final = 2500
"""Lattice units (some 25 m) by which it lay elsewhere."""

City = dict[str, Birth]
Place = tuple[float, float]


@dataclass(frozen=True)
class PastChange:
    """One change of the past.

    :param days: how long ago.
    """

    days: int
    reason: str
    operation: Mapping[str, Any]


def past_of(city: Iterable[Birth]) -> tuple[list[Birth], list[PastChange]]:
    """The city as it was at first, and what was done to it since, the oldest first."""
    past = {grid.code: grid for grid in city}
    changes = [
        PastChange(690, "撤镇设街道", _rename(past)),
        PastChange(560, "微网格户数过多，一分为二", _join(past, CUT[0])),
        PastChange(430, "按新道路中心线调整交界", _bend(past)),
        PastChange(300, "统一微网格编码", _recode(past)),
        PastChange(170, "新建小区入住，微网格一分为二", _join(past, CUT[1])),
        PastChange(60, "社区划归相邻街道管理", _move(past)),
    ]
    return list(past.values()), changes


def apply_past(session: WorkSession, changes: Sequence[PastChange]) -> None:
    """Carry the changes out, each at its time."""
    root = known_grid(session, CITY[0])
    for change in changes:
        checked = check_operations(session, root.id, [parse_operation(change.operation)])
        act = checked.outcome.act(coverage_version(session), checked.operations, change.reason)
        at = days_ago(change.days)
        apply_change(session, replace(act, valid_from=at, effective_on=at.date()))


def days_ago(days: int) -> dt.datetime:
    """That many days before now."""
    return clock.now() - dt.timedelta(days=days)


def _rename(past: City) -> dict[str, Any]:
    today = past[RENAMED]
    past[RENAMED] = replace(today, name=OLD_STREET)
    return {"op": "rename", "grid": RENAMED, "name": today.name}


def _recode(past: City) -> dict[str, Any]:
    old = f"{RECODED[:-2]}91"
    past[old] = replace(past.pop(RECODED), code=old)
    return {"op": "recode", "grid": old, "code": RECODED}


def _move(past: City) -> dict[str, Any]:
    """A community that belonged to the next street."""
    community = past[MOVED]
    today = str(community.parent)
    before = _neighbour_of(past, community, today)
    past[MOVED] = replace(community, parent=before)
    for street in (today, before):
        below = [grid.polygon for grid in past.values() if grid.parent == street]
        past[street] = replace(past[street], polygon=dissolve(below))
    return {"op": "move", "grid": MOVED, "parent": today}


def _neighbour_of(past: City, grid: Birth, parent: str) -> str:
    """The street of the same county with the longest border to a community."""
    streets = [g for g in past.values() if g.parent == past[parent].parent and g.code != parent]
    return max(streets, key=lambda street: shapely.length(shapely.intersection(street.polygon, grid.polygon))).code


def _join(past: City, grid: str) -> dict[str, Any]:
    """Two micro-grids that were one: the line along their border parts them."""
    for first, second in combinations(_below(past, grid), 2):
        line = shapely.line_merge(shapely.intersection(first.polygon.boundary, second.polygon.boundary))
        if line.geom_type != "LineString" or line.is_empty:
            continue
        whole = dissolve([first.polygon, second.polygon])
        if not split(whole, line).polygons[0].equals(first.polygon):
            line = shapely.reverse(line)
        past[first.code] = replace(first, polygon=whole)
        del past[second.code]
        return {
            "op": "split", "grid": first.code, "line": _degrees(line), "codes": [first.code, second.code],
            "names": [first.name, second.name],
        }  # fmt: skip
    raise LookupError(f"no two micro-grids of {grid} have one line in common")


def _bend(past: City) -> dict[str, Any]:
    """A corner of three micro-grids that lay elsewhere."""
    below = _below(past, BENT)
    for place, turn in _corners(below):
        there = (place[0] + turn[0], place[1] + turn[1])
        bent = _bent([grid.polygon for grid in below], place, there)
        if is_valid(bent).all() and dissolve(bent).equals(past[BENT].polygon):
            for grid, polygon in zip(below, bent, strict=True):
                past[grid.code] = replace(grid, polygon=polygon)
            return {"op": "move_vertex", "from": _degree(there), "to": _degree(place)}
    raise LookupError(f"no corner inside {BENT} can lie elsewhere")


def _bent(polygons: Sequence[Any], place: Place, there: Place) -> Geometries:
    def moved(xy: Floats) -> Floats:
        return np.where((xy == place).all(axis=1)[:, None], there, xy)

    return as_array(shapely.transform(as_array(polygons), moved))


def _corners(below: Sequence[Birth]) -> Iterator[tuple[Place, Place]]:
    """Vertices that three grids share, each with ways aside."""
    places = np.concatenate([np.unique(shapely.get_coordinates(grid.polygon), axis=0) for grid in below])
    found, often = np.unique(places, axis=0, return_counts=True)
    for x, y in found[often >= 3].tolist():
        for turn in ((ASIDE, 0), (0, ASIDE), (-ASIDE, 0), (0, -ASIDE)):
            yield (x, y), turn


def _below(past: City, code: str) -> list[Birth]:
    return [grid for grid in past.values() if grid.parent == code]


def _degrees(line: Any) -> list[Place]:
    return [_degree(place) for place in shapely.get_coordinates(line).tolist()]


def _degree(place: Sequence[float]) -> Place:
    return place[0] / SCALE, place[1] / SCALE
