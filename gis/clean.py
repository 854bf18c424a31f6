"""A dirty layer to an exact coverage: the least that proves, and a report of every change made.

Mend invalid polygons; if that does not prove, `shapely.coverage_clean`; under a parent, or where rounding broke
the result, *fit*: all borders and the outline are noded together on the lattice, the faces between them are dealt
to the polygons, and each polygon is its faces dissolved. Faces are one planar partition on the lattice, so their
chains are equal by construction and the proof only confirms it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

from gis.arrangement import faces_between
from gis.chain import dissolve, dissolve_by, edges, fingerprints, sides
from gis.coverage import areal, is_valid, mended, prove
from gis.defects import Defect, defects
from gis.lattice import SCALE, Floats, Geometries, Integers, from_degrees
from gis.measure import area_m2, depth_m, edges_m, metres_per_unit, width_m

SNAPPING = 100.0
"""Lattice units within which `coverage_clean` snaps vertices (1e-5 degree): narrower snapping did not prove."""


@dataclass(frozen=True)
class Cleaned:
    """What cleaning made of a layer, row for row, and what it changed.

    `polygons` object[n] are lattice polygons, empty in the rows `left_out` (no area came with them, or none was
    left). `parent` is the lattice outline given, with the vertices it gained where borders meet it, or the
    outline of the result. `mended` are the rows that were invalid. `uncovered` lists what of the parent stays
    uncovered (without a parent: enclosed gaps, which do not hinder the proof). `gained_m2` and `lost_m2`
    float64[n] compare with the rows as they came (mended), `changed_area_m2` is their difference, `moved` object[n] is
    where, in lattice polygons: what a row gained and what it lost together. `max_shift_m`
    is the farthest that a row's border lies from where it was, parts that came or went as a whole left aside; None
    where nothing but such parts changed.
    `method` is none, mended, cleaned or fitted (or what a caller of `report` did); `exact` is the verdict of the proof.
    """

    polygons: Geometries
    parent: Any
    mended: tuple[int, ...]
    left_out: tuple[int, ...]
    uncovered: list[Defect]
    changed_area_m2: Floats
    gained_m2: Floats
    lost_m2: Floats
    moved: Geometries
    max_shift_m: float | None
    method: str
    exact: bool


def clean(polygons_degrees: object, parent_lattice: Any = None, gap_width_m: float = 0.0) -> Cleaned:
    """Make polygons in degrees an exact coverage (of the parent, if given), changing as little as proves.

    Gaps up to `gap_width_m` metres wide (diameter of the largest circle inside) go to the neighbour with the
    longest common border; wider ones stay and are listed. Raises LatticeError for impossible coordinates.
    """
    came = from_degrees(polygons_degrees)
    filled = ~shapely.is_empty(came)
    broken = tuple(np.flatnonzero(filled & ~is_valid(came)).tolist())
    sound = mended(came)
    if _proves(sound, parent_lattice) or shapely.is_empty(sound).all():
        return report(sound, sound, parent_lattice, broken, "mended" if broken else "none")
    made = sound if _proves(sound, None) else _coverage_clean(sound, gap_width_m)
    if parent_lattice is None and _proves(made, None):
        return report(sound, made, None, broken, "cleaned")
    made, parent = _fit(made, parent_lattice, gap_width_m)
    return report(sound, made, parent, broken, "fitted")


def fit(polygons: Geometries, parent: Any, within_m: float) -> Cleaned:
    """Make valid lattice polygons exact that miss tiling the lattice parent by slivers alone; no vertex is snapped.

    What two cover goes to the one that stands first, what none covers to the neighbour with the longest common
    border where it is at most `within_m` metres wide; what lies outside the parent falls away. Look at the defects
    before: this does not ask how large an overlap is.
    """
    made, outline = _fit(polygons, parent, within_m)
    return report(polygons, made, outline, (), "fitted")


def _proves(polygons: Geometries, parent: Any) -> bool:
    return prove(polygons[~shapely.is_empty(polygons)], parent).exact


def _coverage_clean(polygons: Geometries, gap_width_m: float) -> Geometries:
    """GEOS's coverage cleaner with longitudes shortened, so that a metre is a metre in both directions."""
    rows = np.flatnonzero(~shapely.is_empty(polygons))
    _, south, _, north = shapely.total_bounds(polygons[rows])
    east_m, north_m = metres_per_unit((south + north) / 2 / SCALE)
    scale = np.array([east_m / north_m, 1.0])
    flat = shapely.transform(polygons[rows], lambda xy: xy * scale)
    width = gap_width_m / north_m
    made = shapely.coverage_clean(flat, snapping_distance=SNAPPING, gap_width=width)  # type: ignore[attr-defined]
    back = shapely.transform(areal(made), lambda xy: xy / scale / SCALE)
    result = np.full(len(polygons), shapely.Polygon(), dtype=object)
    result[rows] = from_degrees(back)
    return result


def _fit(polygons: Geometries, parent: Any, gap_width_m: float) -> tuple[Geometries, Any]:
    """Deal the faces between all borders and the outline to the polygons; also the outline so noded."""
    outline = [] if parent is None else [parent]
    lines = shapely.boundary(np.array([*polygons, *outline], dtype=object))
    faces = faces_between(lines)
    owner = _owners(faces, polygons)
    if parent is None:
        inside = np.ones(len(faces), bool)
    else:
        shapely.prepare(parent)
        inside = shapely.intersects(parent, shapely.point_on_surface(faces))
    owner[~inside] = -1
    if gap_width_m > 0:
        _fill(faces, owner, inside, gap_width_m)
    made = np.full(len(polygons), shapely.Polygon(), dtype=object)
    dealt = dissolve_by(faces[owner >= 0], owner[owner >= 0])
    made[: len(dealt)] = dealt
    return made, None if parent is None else dissolve(faces[inside])


def _owners(faces: Geometries, polygons: Geometries) -> Integers:
    """The first polygon that holds each face's inner point, −1 where none does."""
    owner = np.full(len(faces), len(polygons), np.int64)
    face, polygon = shapely.STRtree(polygons).query(shapely.point_on_surface(faces), predicate="intersects")
    np.minimum.at(owner, face, polygon)
    owner[owner == len(polygons)] = -1
    return owner


def _fill(faces: Geometries, owner: Integers, inside: NDArray[np.bool_], gap_width_m: float) -> None:
    """Give faces without owner, if narrow enough, to the owned neighbour with the longest common border."""
    waiting = np.zeros(len(faces), bool)
    for f in np.flatnonzero(inside & (owner < 0)).tolist():
        waiting[f] = width_m(faces[f]) <= gap_width_m
    low, high, left, right = sides(edges(faces))
    metres = edges_m(low, high)
    both = (left >= 0) & (right >= 0)
    face = np.concatenate([left[both], right[both]])
    other = np.concatenate([right[both], left[both]])
    metres = np.tile(metres[both], 2)
    count = int(owner.max()) + 1
    while (at := waiting[face] & (owner[other] >= 0)).any():
        pair, which = np.unique(face[at] * count + owner[other[at]], return_inverse=True)
        border = np.bincount(which, weights=metres[at])
        best = pair[np.lexsort([-border, pair // count])]
        given, first = np.unique(best // count, return_index=True)
        owner[given] = best[first] % count
        waiting[given] = False


def report(came: Geometries, made: Geometries, parent: Any, broken: tuple[int, ...], method: str) -> Cleaned:
    """What was made of lattice polygons that came (mended), row for row, as `clean` tells it."""
    kept = ~shapely.is_empty(made)
    exact = _proves(made, parent)
    if parent is None and exact:
        parent = dissolve(made)
        uncovered = defects(made)
    else:
        uncovered = [] if exact else defects(made, parent)
    changed = np.flatnonzero(fingerprints(came) != fingerprints(made))
    gained, lost = np.zeros(len(made)), np.zeros(len(made))
    more, less = (areal(shapely.difference(a[changed], b[changed])) for a, b in ((made, came), (came, made)))
    gained[changed], lost[changed] = area_m2(more), area_m2(less)
    moved = np.full(len(made), shapely.Polygon(), dtype=object)
    moved[changed] = areal(shapely.union(more, less))
    return Cleaned(
        polygons=made,
        parent=parent,
        mended=broken,
        left_out=tuple(np.flatnonzero(~kept).tolist()),
        uncovered=[d for d in uncovered if d.kind in ("gap", "missing", "sliver")],
        changed_area_m2=gained - lost,
        gained_m2=gained,
        lost_m2=lost,
        moved=moved,
        max_shift_m=_shift(more, less, came[changed], made[changed]),
        method=method,
        exact=exact,
    )


def _shift(more: Geometries, less: Geometries, came: Geometries, made: Geometries) -> float | None:
    """How many metres from its edge a place lies at most in what rows gained and lost: half the width of a strip.

    Parts that came or went whole are left aside, as no border moved there; `None` where there was nothing else.
    """
    gained, to = shapely.get_parts(more, return_index=True)
    lost, of = shapely.get_parts(less, return_index=True)
    beside = np.concatenate([shapely.intersects(gained, came[to]), shapely.intersects(lost, made[of])])
    pieces = np.concatenate([gained, lost])
    if not len(pieces):
        return 0.0
    return depth_m(pieces[beside]) if beside.any() else None
