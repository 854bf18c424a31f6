"""The pieces of a layer that have not exactly one owner: faces of the noded arrangement that none or several cover.

The edges that find no partner say which polygons are concerned; only those and what touches them are noded together.
How many polygons cover a face is the same all over it, so faces with the same owners that hang together are one piece.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import shapely
from numpy.typing import NDArray

from gis.arrangement import faces_between
from gis.chain import Edges, cancel, dissolve_by, edges, join, segments, sides
from gis.coverage import mended
from gis.defects import FLOOR_M2, PARENT, SPECK, Defect, broken, outer, tiny_parts, unnoded
from gis.errors import CoverageError
from gis.lattice import SCALE, Geometries, Integers, as_array
from gis.measure import area_m2, edges_m, width_m
from gis.nearest import nearest_other

NOBODY: Final = -1
"""Stands for no polygon: the piece lies outside the outline afterwards."""
MOST_PIECES: Final = 20_000
REACH: Final = 1.5
"""Lattice units within which a polygon counts as touching."""
CRUMB: Final = "tiny_part"


@dataclass(frozen=True)
class Piece:
    """A part of the plane that shall get one owner.

    `kind`: gap (covered by none, enclosed), missing (the same at the outline), overlap (covered by several), outside
    (covered beyond the outline), sliver (one of these up to 1 m²; which, in `detail`), tiny_part (a part of one polygon
    that nobody disputes, see `crumbs`). `members` are the polygons that cover it. `takers` are those that may have it,
    with the metres of their common border, the longest first: its members, or where it has none its neighbours; of a
    tiny part its neighbours, its own polygon, and where it has no neighbour the nearest. `may_leave`: it may also be
    nobody's. `geometry` is a lattice polygon; `lon`, `lat` (degrees) lie inside.
    """

    kind: str
    detail: str
    members: tuple[int, ...]
    takers: tuple[tuple[int, float], ...]
    may_leave: bool
    area_m2: float
    width_m: float
    lon: float
    lat: float
    geometry: Any

    @property
    def is_inside(self) -> bool:
        """Whether it belongs to the area of the outline."""
        return "outside" not in (self.kind, self.detail)


@dataclass(frozen=True)
class Survey:
    """Lattice polygons seen as faces.

    `polygons` object[n] are those given, made valid; `broken` which of them were not, or empty. `faces` object[m]
    are the faces between the borders of the polygons `touched`; `piece` int64[m] is the piece a face belongs to, −1 if
    none, and `owner` int64[m] the one touched polygon that covers it otherwise, −1 if none. `homeless` are polygons
    that cover nothing alone. `loose` are borders that run together without common vertices.
    """

    polygons: Geometries
    outline: Any
    fixed: bool
    broken: tuple[Defect, ...]
    touched: Integers
    faces: Geometries
    piece: Integers
    owner: Integers
    pieces: tuple[Piece, ...]
    homeless: tuple[int, ...]
    loose: tuple[Defect, ...]


def crumbs(sound: Geometries) -> list[Defect]:
    """The tiny parts of valid lattice polygons that have a larger part besides."""
    largest = {}
    found = tiny_parts(sound)
    for i in {each.members[0] for each in found}:
        largest[i] = float(shapely.area(shapely.get_parts(sound[i])).max())
    return [each for each in found if float(shapely.area(each.geometry)) < largest[each.members[0]]]


def survey(polygons: object, outline: Any = None, *, fixed: bool = True, tiny: bool = False) -> Survey:
    """Find what has not exactly one owner among lattice polygons (empty ones cover nothing).

    `outline` is the lattice polygon that they shall tile; where it is `fixed`, what lies outside belongs to nobody and
    all inside to somebody. Without one, pieces are overlaps and what the polygons enclose. `tiny` asks for tiny parts
    (`crumbs`) too, which hinder no proof.
    Raises CoverageError (`too_many_defects`) where there are more than `MOST_PIECES`.
    """
    array = as_array(polygons)
    bad = broken(array)
    sound = mended(array)
    left = cancel(edges(sound) if outline is None else join(edges(sound), outer(outline)))
    tree = shapely.STRtree(sound)
    specks = crumbs(sound) if tiny else []
    named = np.array([i for each in (*bad, *specks) for i in each.members], np.int64)
    touched = _touched(sound, outline, left, named, tree)
    borders = left if outline is None else left[left.owner == PARENT]
    faces = faces_between([*shapely.boundary(sound[touched]), *segments(borders)]) if len(touched) else sound[:0]
    seen = _Faces(faces, outline, tree, specks)
    pieces = tuple(seen.pieces(fixed=fixed))
    owner = np.where(np.isin(seen.alone, touched) & (seen.piece < 0), seen.alone, NOBODY)
    homeless = [*np.setdiff1d(touched, owner), *np.flatnonzero(shapely.is_empty(sound))]
    faults = any(piece.kind != CRUMB for piece in pieces)
    loose = () if outline is None and not faults else tuple(unnoded(left, faults or bool(bad)))
    return Survey(
        sound, outline, fixed, tuple(bad), touched, faces, seen.piece, owner, pieces,
        tuple(map(int, homeless)), loose if len(left) else (),
    )  # fmt: skip


def _touched(
    sound: Geometries, outline: Any, left: Edges, named: Integers, tree: shapely.STRtree
) -> Integers:  # fmt: skip
    """Those named, with an edge that has no partner, or covering a face of such edges, and what touches them."""
    own = np.union1d(left.owner[left.owner >= 0].astype(np.int64), named)
    if len(left):
        faces = shapely.get_parts(shapely.polygonize(shapely.get_parts(shapely.union_all(segments(left)))))
        faces = faces[shapely.area(faces) >= SPECK]
        inner = shapely.point_on_surface(faces)
        depth = np.bincount(tree.query(inner, predicate="intersects")[0], minlength=len(faces))
        inside = np.ones(len(faces), bool) if outline is None else shapely.intersects(outline, inner)
        odd = faces[np.where(inside, depth != 1, depth > 0)]
        own = np.union1d(own, tree.query(odd, predicate="dwithin", distance=REACH)[1])
    return np.union1d(own, tree.query(sound[own], predicate="intersects")[1]).astype(np.int64)


class _Faces:
    """The faces with the polygons that cover them."""

    def __init__(self, faces: Geometries, outline: Any, tree: shapely.STRtree, specks: Sequence[Defect]) -> None:
        self.faces = faces
        self.tree = tree
        self.bounded = outline is not None
        inner = shapely.point_on_surface(faces)
        self.inside: NDArray[np.bool_] = np.ones(len(faces), bool)
        if outline is not None:
            shapely.prepare(outline)
            self.inside = np.asarray(shapely.intersects(outline, inner), dtype=bool)
        self.cover: list[tuple[int, ...]] = [()] * len(faces)
        for face, polygon in sorted(zip(*(part.tolist() for part in tree.query(inner, "intersects")), strict=True)):
            self.cover[face] = (*self.cover[face], polygon)
        depth = np.array([len(own) for own in self.cover], np.int64)
        self.alone = np.array([own[0] if len(own) == 1 else NOBODY for own in self.cover], np.int64)
        self.crumb: NDArray[np.bool_] = np.zeros(len(faces), bool)
        if specks:
            own = np.array([speck.members[0] for speck in specks], np.int64)
            face, speck = shapely.STRtree([each.geometry for each in specks]).query(inner, "intersects")
            self.crumb[face[self.alone[face] == own[speck]]] = True
            self.crumb &= self.inside
        self.odd = np.where(self.inside, depth != 1, depth > 0) | self.crumb
        self.piece = np.full(len(faces), NOBODY, np.int64)
        self._sides()
        self._number()

    def _sides(self) -> None:
        """Of each border between faces its faces (−1 beyond all) and its length in metres."""
        low, high, self.left, self.right = sides(edges(self.faces))
        self.metres = edges_m(low, high)

    def _number(self) -> None:
        """Faces side by side with the same owners make one piece."""
        root = list(range(len(self.faces)))

        def top(face: int) -> int:
            while root[face] != face:
                root[face] = root[root[face]]
                face = root[face]
            return face

        for a, b in zip(self.left.tolist(), self.right.tolist(), strict=True):
            same = a >= 0 and b >= 0 and self.odd[a] and self.odd[b] and self.inside[a] == self.inside[b]
            if same and self.cover[a] == self.cover[b]:
                root[top(a)] = top(b)
        tops = np.array([top(face) for face in range(len(root))], np.int64)
        _, self.piece[self.odd] = np.unique(tops[self.odd], return_inverse=True)

    def pieces(self, *, fixed: bool) -> Iterator[Piece]:
        """The pieces, numbered as `piece` has it."""
        count = int(self.piece.max(initial=NOBODY)) + 1
        if count > MOST_PIECES:
            raise CoverageError(
                f"{count} pieces have not exactly one owner, at most {MOST_PIECES} can be decided on: clean the layer",
                code="too_many_defects", count=count, most=MOST_PIECES,
            )  # fmt: skip
        shapes = dissolve_by(self.faces[self.odd], self.piece[self.odd])
        areas = area_m2(shapes)
        borders, edge_of_all = self._borders(count)
        first = np.full(count, len(self.faces))
        np.minimum.at(first, self.piece[self.odd], np.flatnonzero(self.odd))
        for n in range(count):
            members = self.cover[first[n]]
            if self.crumb[first[n]]:
                kind = CRUMB
            else:
                kind = self._kind(bool(self.inside[first[n]]), members, outer=n in edge_of_all)
            yield self._piece(kind, members, shapes[n], float(areas[n]), borders[n], fixed=fixed)

    def _kind(self, inside: bool, members: Sequence[int], *, outer: bool) -> str:
        if not inside:
            return "outside"
        if members:
            return "overlap"
        return "missing" if outer and self.bounded else "gap"

    def _borders(self, count: int) -> tuple[list[dict[int, float]], set[int]]:
        """Of each piece the metres of border with each polygon, and the pieces that have one with nothing."""
        borders: list[dict[int, float]] = [{} for _ in range(count)]
        open_to: set[int] = set()
        pairs = (
            *zip(self.left, self.right, self.metres, strict=True),
            *zip(self.right, self.left, self.metres, strict=True),
        )
        for a, b, metres in pairs:
            own = int(self.piece[a]) if a >= 0 else NOBODY
            if own < 0 or (b >= 0 and self.piece[b] == own):
                continue
            if b < 0 or not self.inside[b]:
                open_to.add(own)
            for polygon in self.cover[b] if b >= 0 else ():
                borders[own][polygon] = borders[own].get(polygon, 0.0) + float(metres)
        return borders, open_to

    def _piece(
        self, kind: str, members: tuple[int, ...], shape: Any, area: float, borders: dict[int, float], *, fixed: bool
    ) -> Piece:
        takers = self._takers(kind, members, shape, borders, fixed=fixed)
        may_leave = kind == "outside" or (kind in ("gap", "missing", CRUMB) and not (fixed and self.bounded))
        told = ("sliver", kind) if area <= FLOOR_M2 and kind != CRUMB else (kind, "")
        place = shapely.point_on_surface(shape)
        return Piece(*told, members, takers, may_leave, area, width_m(shape), place.x / SCALE, place.y / SCALE, shape)

    def _takers(
        self, kind: str, members: tuple[int, ...], shape: Any, borders: dict[int, float], *, fixed: bool
    ) -> tuple[tuple[int, float], ...]:
        if kind == "outside" and fixed:
            return ()
        if kind == CRUMB:
            found = _longest_first({**dict.fromkeys(members, 0.0), **borders})
            nearest = nearest_other(self.tree, shape, members) if len(found) == 1 else None
            return found if nearest is None else (*found, (nearest, 0.0))
        among = members or tuple(borders) or tuple(self.tree.query_nearest(shape, all_matches=False).tolist())
        return _longest_first({who: borders.get(who, 0.0) for who in among})


def _longest_first(borders: dict[int, float]) -> tuple[tuple[int, float], ...]:
    return tuple(sorted(borders.items(), key=lambda pair: (-pair[1], pair[0])))
