"""The defects of the coverage as it stands, numbered, each with what may be done about it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import shapely

from core.access.policy import require
from core.db.session import WorkSession
from core.grids import rehoming
from core.grids.findings import Finding, Translate
from core.grids.repairs.proposals import Effect, RepairDefect, only, token, ways
from core.grids.repairs.standing import Standing, names_of, standing
from gis.chain import dissolve, fingerprints
from gis.errors import CoverageError
from gis.lattice import SCALE, Geometries, as_array
from gis.measure import area_m2
from gis.pieces import NOBODY, Piece, Survey, survey
from gis.repair import settle

Single = tuple[Finding, tuple[Effect, ...]]
"""A defect with one way out, and its effect."""
Outlines = dict[int, Any]
"""Lattice polygons by position among the living grids."""


@dataclass(frozen=True)
class Diagnosis:
    """What is wrong with the coverage.

    :param first: of each piece of ``surveyed`` the leaf to which it is proposed to give it.
    :param visitors: ids of grids to which rows belong that lie in a piece.
    :param token: changes with every change of the defects.
    """

    standing: Standing
    surveyed: Survey
    defects: tuple[RepairDefect, ...]
    first: tuple[int, ...]
    visitors: tuple[int, ...]
    names: Mapping[str, str]
    token: str

    def as_json(self, translate: Translate = str) -> dict[str, Any]:
        """The list as it is kept and told; ``translate`` says what stands in the place of a text."""
        return {
            "root": self.standing.shapes.codes[self.standing.top],
            "version": self.standing.version,
            "list": self.token,
            "exact": not self.defects,
            "defects": [
                {**each.as_json(translate), "names": [self.names.get(code, "") for code in each.finding.codes]}
                for each in self.defects
            ],
        }


def diagnose(session: WorkSession, under: str | None = None) -> Diagnosis:
    """What is wrong with the coverage as it stands, or below ``under``; writes nothing.

    :raises CoverageError: where there is more than can be decided on.
    """
    require(session.actor, "grid.repair")
    stands = standing(session, under)
    surveyed = survey(stands.outlines, stands.shapes.polygons[stands.top], fixed=under is not None)
    first = tuple(_proposed(stands, surveyed))
    top = stands.shapes.codes[stands.top]
    found = ways(surveyed, stands.codes, top, first)
    for finding, own in [*_stale(stands), *_outlines(stands, surveyed, first)]:
        found.append(only(finding, len(found) + 1, own))
    rows, visitors = _rows(session, surveyed, found)
    found = [replace(each, rows=rows.get(each.number, {})) for each in found]
    codes = {code for each in found for code in each.finding.codes}
    codes |= {effect.code for each in found for way in each.proposals for effect in way.effects}
    return Diagnosis(stands, surveyed, tuple(found), first, visitors, names_of(session, codes), token(found))


def _proposed(stands: Standing, surveyed: Survey) -> list[int]:
    """For each piece the likeliest owner; the largest pieces choose first.

    What was recorded tells first: an outline that is not the one recorded takes back or gives way. A grid that has
    nothing else takes a gap. Then the grids of the parent in whose outline the piece lies; of those the one with the
    longest border.
    """
    stale = stands.stale[stands.leaves]
    waiting = list(surveyed.homeless)
    homes = _Homes(stands)
    proposed = [NOBODY] * len(surveyed.pieces)
    for n in sorted(range(len(proposed)), key=lambda n: -surveyed.pieces[n].area_m2):
        piece = surveyed.pieces[n]
        proposed[n] = owner = _likeliest(piece, stale, bool(stands.stale[stands.top]), waiting, homes)
        if owner in waiting:
            waiting.remove(owner)
    return proposed


def _likeliest(piece: Piece, stale: Any, outline_is_stale: bool, waiting: Sequence[int], homes: _Homes) -> int:
    touching = [who for who, _metres in piece.takers]
    at_outline = piece.may_leave and "gap" not in (piece.kind, piece.detail)
    if at_outline and outline_is_stale == piece.is_inside:
        return NOBODY
    if piece.members:
        among = [who for who in touching if not stale[who]]
    else:
        far = [who for who in np.flatnonzero(stale).tolist() if who not in touching]
        among = [*waiting] or [who for who in touching if stale[who]] or (far if len(far) == 1 else [])
    among = among or touching
    own = homes.of(piece)
    return next((who for who in among if who in own), among[0] if among else NOBODY)


class _Homes:
    """The leaves right below the grids in whose outline a place lies."""

    def __init__(self, stands: Standing) -> None:
        self._parents = np.unique(stands.above[stands.leaves])
        self._tree = shapely.STRtree(stands.shapes.polygons[self._parents])
        self._below: dict[int, set[int]] = {}
        for leaf, parent in enumerate(stands.above[stands.leaves].tolist()):
            self._below.setdefault(parent, set()).add(leaf)

    def of(self, piece: Piece) -> set[int]:
        """Positions of leaves at home where the piece lies."""
        place = shapely.Point(piece.lon * SCALE, piece.lat * SCALE)
        found = self._parents[self._tree.query(place, predicate="intersects")]
        return {leaf for parent in found.tolist() for leaf in self._below[parent]}


def _stale(stands: Standing) -> list[Single]:
    """Grids whose outline is not the one recorded with it."""
    found: list[Single] = []
    for position in np.flatnonzero(stands.stale).tolist():
        code, polygon = stands.shapes.codes[position], stands.shapes.polygons[position]
        place = None if shapely.is_empty(polygon) else shapely.point_on_surface(polygon)
        where = {} if place is None else {"lon": place.x / SCALE, "lat": place.y / SCALE}
        found.append((Finding("stale", (code,), **where), ()))
    return found


def _outlines(stands: Standing, surveyed: Survey, first: Sequence[int]) -> list[Single]:
    """Grids above the leaves whose outline is not that of their leaves, whatever is decided of the pieces."""
    if surveyed.pieces or not stands.unmatched.any():
        return []
    try:
        made = settle(surveyed, first)
        above = outlines_above(stands, made.polygons)
    except CoverageError:
        return []
    found: list[Single] = []
    for position, polygon in above.items():
        code, before = stands.shapes.codes[position], stands.shapes.polygons[position]
        change = float(area_m2(polygon)[0] - area_m2(before)[0])
        place = shapely.point_on_surface(shapely.symmetric_difference(shapely.make_valid(before), polygon))
        if place.is_empty:
            place = shapely.point_on_surface(polygon)
        finding = Finding("outline", (code,), lon=place.x / SCALE, lat=place.y / SCALE)
        found.append((finding, (Effect(code, change),)))
    return found


def outlines_above(stands: Standing, made: Geometries) -> Outlines:
    """New outlines of grids above the leaves, the top left out: those that are not what their leaves tile now.

    :param made: lattice polygons of the leaves as they shall be.
    :raises CoverageError: where the leaves of one tile no area.
    """
    changed = np.flatnonzero(fingerprints(made) != fingerprints(stands.outlines)).tolist()
    wanted = {higher for leaf in changed for higher in stands.ancestors(int(stands.leaves[leaf]))}
    wrong = set(np.flatnonzero(stands.unmatched).tolist())
    wanted |= wrong | {higher for position in wrong for higher in stands.ancestors(position)}
    below = stands.leaves_below()
    wanted |= {position for position in below if int(stands.above[position]) in wrong}
    found: Outlines = {}
    for position in sorted(wanted - {stands.top}):
        polygon = dissolve(made[below[position]])
        both = as_array([polygon, stands.shapes.polygons[position]])
        prints = fingerprints(both)
        if prints[0] != prints[1]:
            found[position] = polygon
    return found


def _rows(
    session: WorkSession, surveyed: Survey, defects: Sequence[RepairDefect]
) -> tuple[dict[int, dict[str, int]], tuple[int, ...]]:
    """By number of the defect the rows in it, and the grids to which these belong."""
    placed = [each for each in defects if each.piece is not None]
    if not placed:
        return {}, ()
    shapes = as_array([surveyed.pieces[each.piece].geometry for each in placed if each.piece is not None])
    tree = shapely.STRtree(shapes)
    counts: dict[int, dict[str, int]] = {}
    visitors: set[int] = set()
    for name, rows in rehoming.rows_within(session, shapes).items():
        points = shapely.points(np.array([(row.lon, row.lat) for row in rows]).reshape(-1, 2) * SCALE)
        for row, piece in zip(*(part.tolist() for part in tree.query(points, "intersects")), strict=True):
            own = counts.setdefault(placed[piece].number, {})
            own[name] = own.get(name, 0) + 1
            if (grid := rows[row].grid_id) is not None:
                visitors.add(grid)
    return counts, tuple(sorted(visitors))
