"""Changes of a coverage: some lattice polygons in, those that take their place out, exact or refused.

Every operation goes in two steps. First borders are *noded*: where a drawn line meets one in mid-edge it gets a
vertex there, which every other polygon with that edge must get too (`Edited.inserted`, `gis.noding.insert`). Then
polygons are *replaced* by others made of the same faces, so that the boundaries add up to what they were.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import shapely

from gis.arrangement import Arrangement, arrange
from gis.chain import dissolve, edges, sides
from gis.errors import EditError
from gis.joining import joined
from gis.lattice import SCALE, Geometries, Integers, as_array
from gis.measure import metres_per_unit, width_m
from gis.noding import Insertions, is_noded

NARROWEST_M = 1.0
"""A piece narrower than this comes of a line that misses a border, not of a decision."""

SMALLEST_CELL = 0.25
"""Cells of a net below this share of a whole one join a neighbour."""

MOST_CELLS = 10_000


@dataclass(frozen=True)
class Edited:
    """What an operation made.

    `polygons` object[n] take the places of the n polygons given, empty where nothing is left of one. `born` are
    those without a predecessor. `inserted` are vertices that borders got in mid-edge, for all other polygons that
    have the edge. `givers` int64[k] are the positions of those that gave area to what is born, where several may.
    """

    polygons: Geometries
    born: Geometries = field(default_factory=lambda: np.empty(0, dtype=object))
    inserted: Insertions = field(default_factory=dict)
    givers: Integers = field(default_factory=lambda: np.empty(0, dtype=np.int64))


def split(polygon: Any, line: Any) -> Edited:
    """Cut a lattice polygon in two by a line that goes in and out once.

    The part on the left of the line takes the polygon's place, the other is born. Parts that the line does not
    touch stay with the larger one. Raises EditError: `no_cut`, `many_cuts`, `sliver`.
    """
    made = arrange([polygon], [line])
    left, right = _along(made, line)
    if not len(left):
        raise _at(line, "no_cut", "The line does not cut the grid in two: draw it across, from outside to outside")
    _refuse_slivers(made.faces[np.union1d(left, right)])
    if len(left) > 1 or len(right) > 1:
        raise _many_cuts(line)
    rest = np.setdiff1d(np.arange(len(made.faces)), [left[0], right[0]])
    areas = shapely.area(made.faces)
    first, second = [left[0]], [right[0]]
    (first if areas[left[0]] >= areas[right[0]] else second).extend(rest.tolist())
    parts = [dissolve(made.faces[first]), dissolve(made.faces[second])]
    return Edited(as_array(parts[0]), as_array(parts[1]), made.inserted)


def subdivide(polygon: Any, lines: Sequence[Any]) -> Edited:
    """Cut a lattice polygon by lines into all the faces between them; nothing takes its place, all are born.

    Parts that no line cuts become polygons of their own. Raises EditError: `no_cut`, `many_cells` above 10,000,
    `sliver`.
    """
    made = arrange([polygon], lines)
    if len(made.faces) > MOST_CELLS:
        raise _at(
            polygon,
            "many_cells",
            f"The lines cut the grid into {len(made.faces)} cells, at most {MOST_CELLS} are allowed: draw fewer",
            cells=len(made.faces), most=MOST_CELLS,
        )  # fmt: skip
    if len(made.faces) <= shapely.get_num_geometries(polygon):
        raise _at(lines[0], "no_cut", "No line cuts the grid: draw them across, from border to border")
    _, _, left, right = sides(edges(made.faces))
    cut = (left >= 0) & (right >= 0)
    _refuse_slivers(made.faces[np.union1d(left[cut], right[cut])])
    return Edited(as_array(shapely.Polygon()), _in_reading_order(made.faces), made.inserted)


def net(polygon: Any, width_m: float) -> Edited:
    """Cut a lattice polygon by a regular net, `width_m` metres wide; all cells are born.

    Cells below a quarter of a whole one join the neighbour with the longest common border; what has none, an island,
    joins the nearest cell as a part of it. Raises EditError: `net_too_wide` where the polygon is no larger than a
    cell, `net_too_fine` above 10,000 cells.
    """
    west, south, east, north = shapely.bounds(polygon).tolist()
    along, up = metres_per_unit((south + north) / 2 / SCALE)
    steps = width_m / float(along), width_m / float(up)
    columns, rows = math.ceil((east - west) / steps[0]), math.ceil((north - south) / steps[1])
    if columns * rows > MOST_CELLS:
        raise _at(
            polygon,
            "net_too_fine",
            f"A net of {width_m:g} m has {columns * rows} cells, at most {MOST_CELLS} are allowed: widen it",
            width=width_m, cells=columns * rows, most=MOST_CELLS,
        )  # fmt: skip
    x0, y0 = (west + east - columns * steps[0]) / 2, (south + north - rows * steps[1]) / 2
    lines = [
        *(_segment(x0 + i * steps[0], south - 9, x0 + i * steps[0], north + 9) for i in range(1, columns)),
        *(_segment(west - 9, y0 + j * steps[1], east + 9, y0 + j * steps[1]) for j in range(1, rows)),
    ]
    made = arrange([polygon], lines)
    cells = joined(made.faces, SMALLEST_CELL * steps[0] * steps[1])
    if len(cells) < 2:
        raise _at(
            polygon,
            "net_too_wide",
            f"The grid is no larger than a cell of {width_m:g} m: take a narrower net",
            width=width_m,
        )
    return Edited(as_array(shapely.Polygon()), _in_reading_order(cells), made.inserted)


def merge(polygons: object, *, multipart: bool = False) -> Edited:
    """Make one of several lattice polygons; it takes the first one's place, nothing is left of the others.

    Raises EditError `not_neighbours` where they do not hang together by borders and `multipart` is not asked for.
    """
    array = as_array(polygons)
    if not multipart:
        apart = _first_apart(array)
        if apart is not None:
            raise _at(
                array[apart],
                "not_neighbours",
                "Grids to be merged must border on each other: add those between, or ask for a grid in several parts",
            )
    result = np.full(len(array), shapely.Polygon(), dtype=object)
    result[0] = dissolve(array)
    return Edited(result)


def reshape(polygons: object, target: int, line: Any) -> Edited:
    """Move the border between one lattice polygon and a neighbour to a line that crosses it twice.

    `polygons` are the one at position `target` and all that border on it. A line that bulges out of the target
    gives it the strip between, one that bulges into it gives the strip to the neighbour. Raises EditError:
    `no_cut`, `many_cuts`, `no_strip` (the strip borders on a third grid or on the outside), `sliver`.
    """
    array = as_array(polygons)
    made = arrange(array, [line])
    left, right = _along(made, line)
    cut = np.unique(made.owner[np.concatenate([left, right])])
    if not len(cut):
        raise _at(line, "no_cut", "The line crosses no border twice: let it leave the grid and come back, or reversed")
    if len(cut) > 1 or len(left) != 1 or len(right) != 1:
        raise _many_cuts(line)
    giver = int(cut[0])
    strip, taker = _strip(made, giver, target, (int(left[0]), int(right[0])), line)
    result = made.noded.copy()
    keeps = (made.owner == giver) & (np.arange(len(made.faces)) != strip)
    result[giver] = dissolve(made.faces[keeps])
    result[taker] = dissolve([made.noded[taker], made.faces[strip]])
    return Edited(result, inserted=made.inserted)


def carve(polygons: object, area: Any) -> Edited:
    """Take a lattice polygon's area out of the lattice polygons it lies in; it is born, they keep the rest.

    Raises EditError: `outside` where the area leaves the polygons, `sliver`.
    """
    made = arrange(polygons, [shapely.boundary(area)])
    inside = shapely.within(shapely.point_on_surface(made.faces), area)
    if not _fills(made.faces[inside], area):
        raise _at(
            area, "outside", "The area leaves the grids it is taken from: draw it inside them, or name the others"
        )
    givers = np.unique(made.owner[inside])
    _refuse_slivers(made.faces[np.isin(made.owner, givers)])
    rest = as_array([dissolve(made.faces[(made.owner == i) & ~inside]) for i in range(len(made.noded))])
    return Edited(rest, as_array(dissolve(made.faces[inside])), made.inserted, givers)


def _along(made: Arrangement, line: Any) -> tuple[Integers, Integers]:
    """The faces that the line parts from another of the same polygon: those on its left, those on its right."""
    low, high, left, right = sides(edges(made.faces))
    inner = (left >= 0) & (right >= 0) & (made.owner[left] == made.owner[right])
    a, b, left, right = low[inner], high[inner], left[inner], right[inner]
    steps = shapely.get_coordinates(line)
    segments = as_array(shapely.linestrings(np.stack([steps[:-1], steps[1:]], axis=1)))
    nearest = shapely.STRtree(segments).nearest(shapely.points((a + b) / 2))
    along = (np.diff(steps, axis=0)[nearest] * (b - a)).sum(axis=1) > 0
    return np.unique(np.where(along, left, right)), np.unique(np.where(along, right, left))


def _strip(made: Arrangement, giver: int, target: int, pieces: tuple[int, int], line: Any) -> tuple[int, int]:
    """Which piece of the giver changes hands, and who gets it: the one whose old border is with nobody else."""
    _, _, left, right = sides(edges(made.faces))
    owner = np.append(made.owner, -1)
    found = []
    for piece in pieces:
        other = owner[np.concatenate([right[left == piece], left[right == piece]])]
        takers = np.unique(other[other != giver])
        if len(takers) == 1 and takers[0] >= 0 and (giver == target or takers[0] == target):
            found.append((float(shapely.area(made.faces[piece])), piece, int(takers[0])))
    if not found:
        raise _at(
            line,
            "no_strip",
            "The strip between line and border touches a third grid or the outside: cross one border twice",
        )
    _area, piece, taker = min(found)
    return piece, taker


def _in_reading_order(faces: Geometries) -> Geometries:
    """From north to south in bands as high as a face is wide, in a band from west to east."""
    x, y = shapely.get_coordinates(shapely.centroid(faces)).T
    band = math.sqrt(float(np.median(shapely.area(faces))))
    return np.asarray(faces[np.lexsort([x, -np.round((y - y.min()) / band)])], dtype=object)


def _first_apart(polygons: Geometries) -> int | None:
    """Position of a polygon that does not hang together with the first one by common borders."""
    _, _, left, right = sides(edges(polygons))
    reached = np.arange(len(polygons)) == 0
    both = (left >= 0) & (right >= 0)
    left, right = left[both], right[both]
    while True:
        before = int(reached.sum())
        reached[right[reached[left]]] = True
        reached[left[reached[right]]] = True
        if int(reached.sum()) == before:
            return None if reached.all() else int(np.argmin(reached))


def _fills(faces: Geometries, area: Any) -> bool:
    """Whether the faces tile the area, but for vertices in mid-edge."""
    return is_noded(area, dissolve(faces))


def _refuse_slivers(faces: Geometries) -> None:
    for face in faces:
        width = width_m(face)
        if width < NARROWEST_M:
            raise _at(
                face,
                "sliver",
                f"A piece only {width:.2f} m wide would be left: let the line run exactly along the border there, "
                "or farther away from it",
                width=round(width, 2),
            )


def _many_cuts(line: Any) -> EditError:
    return _at(line, "many_cuts", "The line goes in and out more than once: draw one line for each cut")


def _segment(x1: float, y1: float, x2: float, y2: float) -> Any:
    return shapely.LineString([(round(x1), round(y1)), (round(x2), round(y2))])


def _at(geometry: Any, code: str, message: str, **params: object) -> EditError:
    place = shapely.point_on_surface(geometry)
    return EditError(message, code=code, lon=place.x / SCALE, lat=place.y / SCALE, **params)
