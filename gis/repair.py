"""A layer that is not exact made so by decisions: each piece gets one owner, the rest follows from the lattice.

No repair algorithm: the faces of a noded arrangement are one planar partition, so polygons that are put together of
whole faces have equal chains by construction, and the proof only confirms it.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import shapely

from gis.chain import cancel, dissolve, dissolve_by, edges, join, link
from gis.coverage import prove
from gis.defects import outer
from gis.errors import CoverageError
from gis.lattice import SCALE, Geometries
from gis.noding import insertions
from gis.pieces import NOBODY, Piece, Survey
from gis.vertices import without


@dataclass(frozen=True)
class Settled:
    """An exact coverage: lattice polygons in the order of the survey, and the outline that they tile."""

    polygons: Geometries
    outline: Any


def effects(piece: Piece, owner: int) -> dict[int, float]:
    """What a decision does to areas: m² gained (lost: negative) by polygon, `NOBODY` being the outline."""
    found = {member: -piece.area_m2 for member in piece.members if member != owner}
    if owner != NOBODY and owner not in piece.members:
        found[owner] = piece.area_m2
    if piece.is_inside and owner == NOBODY:
        found[NOBODY] = -piece.area_m2
    if not piece.is_inside and owner != NOBODY:
        found[NOBODY] = piece.area_m2
    return found


def settle(surveyed: Survey, owners: Sequence[int], spare: Collection[int] = ()) -> Settled:
    """Give each piece to one polygon, or to `NOBODY`, and prove the result.

    Polygons that are `spare` may be left without area, and are then empty.
    Raises CoverageError: `nothing_left` (with `index`) where a polygon would lose all its area, `not_noded` where a
    fixed outline would change by more than vertices in mid-edge, `not_exact` where the proof fails.
    """
    polygons = surveyed.polygons.copy()
    touched = surveyed.touched
    if len(touched):
        owner = surveyed.owner.copy()
        decided = surveyed.piece >= 0
        owner[decided] = np.asarray(owners, np.int64)[surveyed.piece[decided]]
        near = np.isin(owner, touched)
        dealt = dissolve_by(surveyed.faces[near], np.searchsorted(touched, owner[near]))
        polygons[touched] = shapely.Polygon()
        polygons[touched[: len(dealt)]] = dealt
        for far in np.unique(owner[~near & (owner >= 0)]).tolist():
            polygons[far] = dissolve([polygons[far], *surveyed.faces[owner == far]])
    gone = np.setdiff1d(np.flatnonzero(shapely.is_empty(polygons)), list(spare))
    if len(gone):
        raise CoverageError("a polygon is left without area", code="nothing_left", index=int(gone[0]))
    return _proven(polygons, surveyed)


def _proven(polygons: Geometries, surveyed: Survey) -> Settled:
    outline = surveyed.outline
    chain = edges(polygons)
    if outline is None or len(cancel(join(chain, outer(outline)))):
        outline = link(cancel(chain))
        if surveyed.outline is not None:
            polygons, outline = _as_it_was(polygons, surveyed, outline)
    if not prove(polygons[~shapely.is_empty(polygons)], outline).exact:
        lon, lat = (shapely.get_coordinates(polygons[0])[0] / SCALE).tolist()
        raise CoverageError("the polygons do not tile the outline", code="not_exact", lon=lon, lat=lat)
    return Settled(polygons, outline)


def _as_it_was(polygons: Geometries, surveyed: Survey, outline: Any) -> tuple[Geometries, Any]:
    """Take vertices out again that the outline got where the border of one polygon left it, and comes back now."""
    try:
        inserted = insertions(surveyed.outline, outline)
    except CoverageError:
        if surveyed.fixed:
            raise
        return polygons, outline
    spare = sorted({point for between in inserted.values() for point in between})
    corners, owner = shapely.get_coordinates(polygons[surveyed.touched], return_index=True)
    for point in spare:
        own = np.unique(owner[(corners == point).all(axis=1)])
        if len(own) == 1:
            position = int(surveyed.touched[own[0]])
            polygons[position] = without(polygons[position], point)
    return polygons, link(cancel(edges(polygons)))
