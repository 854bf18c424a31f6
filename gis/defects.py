"""What is wrong with polygons as a coverage: where, how large and how wide."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

from gis.chain import Edges, boundary, cancel, edges, fingerprints, join, link, segments
from gis.coverage import areal, as_drawn, is_valid
from gis.errors import CoverageError
from gis.lattice import SCALE, Geometries, Integers, as_array
from gis.measure import area_m2, metres_per_unit, width_m
from gis.portions import in_order

FLOOR_M2 = 1.0
"""Overlaps, gaps, missing and outside pieces up to this size are slivers."""

TINY_PART_M2 = 10.0
"""Parts of polygons below this size are named."""

SPECK = 0.25
"""Square units below which a piece is the noise of floating-point crossings: half the smallest lattice triangle."""


PARENT = -1
"""The owner of edges that are not those of a polygon of the layer."""


@dataclass(frozen=True)
class Defect:
    """One thing wrong with a layer.

    `kind`: overlap, gap, missing, outside (each > 1 m²), sliver (the same up to 1 m², which of them in `detail`),
    unnoded (borders that run together without common vertices), invalid, empty, duplicate, tiny_part.
    `members` are positions of the polygons concerned. `lon`, `lat` (degrees) lie inside the piece, None where
    there is no place. `geometry` is the piece in lattice units, its corners between lattice points where
    borders cross; None where there is no area. `detail` says it more exactly, always in the same words (those of
    GEOS for what is invalid), so that they can be translated.
    """

    kind: str
    members: tuple[int, ...]
    area_m2: float = 0.0
    width_m: float = 0.0
    lon: float | None = None
    lat: float | None = None
    geometry: Any = None
    detail: str = ""


def defects(polygons: object, parent: Any = None) -> list[Defect]:
    """All that is wrong with lattice polygons as a coverage, of the parent if one is given.

    An overlap is a pair of polygons whose intersection has more than 1 m²; a gap a piece that the polygons
    enclose; under a parent `missing` is a piece of it uncovered but not enclosed, `outside` one covered beyond it.
    Invalid polygons are named and then taken as their lines bound them. Polygons that do not prove exact have a
    defect at least.
    """
    array = as_array(polygons)
    sound = as_drawn(array)
    found = broken(array) + _duplicates(array) + tiny_parts(sound)
    chain = boundary(sound)
    against = chain if parent is None else cancel(join(chain, outer(parent)))
    if parent is not None and not len(against):
        return found
    layer = _Layer(array, chain)
    pieces = layer.overlaps() + layer.uncovered(parent)
    if parent is not None:
        pieces += layer.outside(parent)
    if not layer.tiles or parent is not None:
        pieces += unnoded(against, bool(pieces))
    return found + pieces


def outer(parent: Any) -> Edges:
    """The parent's boundary the other way round, owned by `PARENT`: what its children's boundaries cancel."""
    chain = edges(parent).reversed()
    return Edges(chain.a, chain.b, np.full(len(chain), PARENT, np.int32))


def broken(array: Geometries) -> list[Defect]:
    """The polygons that are invalid or empty, why, and where."""
    found = []
    for i in np.flatnonzero(~is_valid(array)).tolist():
        if array[i] is None or array[i].is_empty:
            found.append(Defect("empty", (i,), detail="no area on the lattice"))
            continue
        reason, _, place = shapely.is_valid_reason(array[i]).partition("[")
        lon, lat = (float(v) / SCALE for v in place.rstrip("]").split()[:2])
        found.append(Defect("invalid", (i,), lon=lon, lat=lat, detail=reason))
    return found


def _duplicates(array: Geometries) -> list[Defect]:
    prints = fingerprints(array)
    full = np.flatnonzero(~shapely.is_empty(array) & ~shapely.is_missing(array))
    _, inverse, count = np.unique(prints[full], return_inverse=True, return_counts=True)
    found = []
    for group in np.flatnonzero(count > 1):
        same = full[inverse == group]
        found.append(_piece("duplicate", array[same[0]], tuple(same.tolist())))
    return found


def tiny_parts(sound: Geometries) -> list[Defect]:
    """The parts of valid lattice polygons that are smaller than `TINY_PART_M2`."""
    found = []
    for run in in_order(sound):
        parts, owner = shapely.get_parts(sound[run], return_index=True)
        middle = (shapely.bounds(parts)[:, 1] + shapely.bounds(parts)[:, 3]) / 2 / SCALE
        east, north = metres_per_unit(middle)
        small = np.flatnonzero(shapely.area(parts) * east * north < TINY_PART_M2)
        found += [_piece("tiny_part", parts[i], (run.start + int(owner[i]),)) for i in small]
    return found


def _piece(kind: str, geometry: Any, members: tuple[int, ...]) -> Defect:
    """A defect with an area; what has at most 1 m² of overlap, gap, missing or outside becomes a sliver."""
    area = float(area_m2(geometry)[0])
    place = shapely.point_on_surface(geometry)
    detail = ""
    if kind in ("overlap", "gap", "missing", "outside") and area <= FLOOR_M2:
        kind, detail = "sliver", kind
    return Defect(kind, members, area, width_m(geometry), place.x / SCALE, place.y / SCALE, geometry, detail)


class _Layer:
    """Lattice polygons that may overlap, seen through the edges that found no partner.

    Those edges cut the plane into faces; how many polygons cover a face is the same all over it, so the few
    faces tell everything of the many polygons. Invalid ones are measured as drawn but not rounded: rounding
    would open slivers of its own.
    """

    def __init__(self, polygons: Geometries, left: Edges) -> None:
        self.polygons = polygons.copy()
        bad = np.flatnonzero(~is_valid(polygons))
        self.polygons[bad] = areal(shapely.make_valid(polygons[bad]))
        self.tree = shapely.STRtree(self.polygons)
        self.deep: Geometries = np.empty(0, dtype=object)
        try:
            self.union = link(left)
            self.tiles = True
        except CoverageError:
            self.tiles = False
            self._face(is_valid(polygons), left)

    def _face(self, valid: NDArray[np.bool_], left: Edges) -> None:
        if not valid.all():
            whole = self.polygons.copy()
            whole[~valid] = None
            left = boundary(whole)
        loose = segments(left)
        lines = np.concatenate([loose, shapely.boundary(self.polygons[~valid])])
        faces = shapely.get_parts(shapely.polygonize(shapely.get_parts(shapely.union_all(lines))))
        faces = faces[shapely.area(faces) >= SPECK]
        which, _ = self.tree.query(shapely.point_on_surface(faces), predicate="intersects")
        depth = np.bincount(which, minlength=len(faces))
        self.deep = faces[depth > 1]
        self.union = shapely.coverage_union_all(faces[depth > 0])

    def overlaps(self) -> list[Defect]:
        """Every pair of polygons with a common area."""
        if not len(self.deep):
            return []
        member = np.unique(self.tree.query(self.deep, predicate="intersects")[1])
        some = self.polygons[member]
        i, j = shapely.STRtree(some).query(some, predicate="intersects")
        i, j = i[i < j], j[i < j]
        common = areal(shapely.intersection(some[i], some[j]))
        return [
            _piece("overlap", common[n], (int(member[i[n]]), int(member[j[n]])))
            for n in np.flatnonzero(shapely.area(common) >= SPECK)
        ]

    def uncovered(self, parent: Any) -> list[Defect]:
        """Gaps, and under a parent what is missing at its outline."""
        shells = [shapely.Polygon(p.exterior) for p in shapely.get_parts(self.union)]
        filled = shapely.union_all(shells)
        found = []
        for piece in _parts(shapely.difference(filled if parent is None else parent, self.union)):
            enclosed = parent is None or filled.covers(shapely.point_on_surface(piece))
            kind = "gap" if enclosed else "missing"
            near = self.tree.query(piece, predicate="dwithin", distance=1.5)
            found.append(_piece(kind, piece, tuple(sorted(near.tolist()))))
        return found

    def outside(self, parent: Any) -> list[Defect]:
        """What the polygons cover beyond the parent."""
        found = []
        for piece in _parts(shapely.difference(self.union, parent)):
            near = self.tree.query(piece, predicate="intersects")
            shared = shapely.area(shapely.intersection(self.polygons[near], piece)) >= SPECK
            found.append(_piece("outside", piece, tuple(sorted(near[shared].tolist()))))
        return found


def _parts(geometry: Any) -> Geometries:
    parts = shapely.get_parts(areal(geometry)[0])
    return np.asarray(parts[shapely.area(parts) >= SPECK], dtype=object)


def unnoded(left: Edges, explained: bool) -> list[Defect]:
    """Pairs of polygons of which one has a vertex inside an edge of the other.

    `left` are edges without a partner. All of them are told if there is no such pair, unless they are `explained`.
    """
    ends = np.stack([left.a, left.b], axis=1)
    low, high = ends.min(axis=1), ends.max(axis=1)
    tree = shapely.STRtree(shapely.box(low[:, 0], low[:, 1], high[:, 0], high[:, 1]))
    vertex, edge = tree.query(shapely.points(left.a.astype(np.float64)))
    d, v = left.b[edge] - left.a[edge], left.a[vertex] - left.a[edge]
    on = (d[:, 0] * v[:, 1] == d[:, 1] * v[:, 0]) & v.any(axis=1) & (v != d).any(axis=1)
    found = _named(left, vertex[on], edge[on], "a vertex of one lies inside an edge of the other")
    if not found and not explained:
        every = np.arange(len(left))
        found = _named(left, every, every, "edges without a partner")
    return found


def _named(left: Edges, vertex: Integers, edge: Integers, detail: str) -> list[Defect]:
    places: dict[tuple[int, ...], Integers] = {}
    for v, e in zip(vertex.tolist(), edge.tolist(), strict=True):
        owners = {int(left.owner[v]), int(left.owner[e])} - {PARENT}
        places.setdefault(tuple(sorted(owners)), left.a[v])
    return [
        Defect("unnoded", members, lon=float(x) / SCALE, lat=float(y) / SCALE, detail=detail)
        for members, (x, y) in places.items()
    ]
