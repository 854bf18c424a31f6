"""Is it a coverage? Proof by cancelling edges; and what makes polygons valid that are not.

Theorem: let Q and all P be valid. If the boundaries of the P add up to the boundary of Q, then the P tile Q:
winding numbers add, so off the edges every point of Q lies in exactly one P, and every other point in none.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

from gis.chain import Edges, boundary, cancel, edges, join, link
from gis.errors import CoverageError
from gis.lattice import Geometries, as_array


@dataclass(frozen=True)
class Proof:
    """The outcome of a proof: edges without partner, positions of invalid polygons, verdict."""

    unmatched: int
    invalid: tuple[int, ...]
    exact: bool


def is_valid(polygons: object) -> NDArray[np.bool_]:
    """Whether each geometry is a non-empty, valid polygon or multipolygon (OGC 06-103r4), bool[n].

    Asked on the coordinates as they stand: rounding can break a polygon, so ask after it.
    """
    array = as_array(polygons)
    polygonal = np.isin(shapely.get_type_id(array), (3, 6))
    return np.asarray(polygonal & ~shapely.is_empty(array) & shapely.is_valid(array), dtype=bool)


def prove(polygons: object, parent: Any = None) -> Proof:
    """Prove that lattice polygons tile the parent, or without one, that they tile a valid outline.

    Exact, without tolerance: all are valid, and after cancelling no edge is left but the parent's boundary.
    Without a parent the edges left must themselves bound a valid area, whose holes are the enclosed gaps.
    `unmatched` counts the edges left against the parent (without one: those that make no outline).
    """
    array = as_array(polygons)
    with ThreadPoolExecutor(1) as beside:  # GEOS lets go of the interpreter: validity costs no waiting
        asked = beside.submit(is_valid, array)
        left = boundary(array)
        if parent is not None:
            left = cancel(join(left, edges(parent).reversed()))
        valid = asked.result()
    invalid = tuple(np.flatnonzero(~valid).tolist())
    if parent is None:
        sound, unmatched = _outline(left)
    else:
        sound, unmatched = bool(is_valid(parent)[0]) and not len(left), len(left)
    return Proof(unmatched, invalid, sound and not invalid and len(array) > 0)


def _outline(left: Edges) -> tuple[bool, int]:
    try:
        link(left)
    except CoverageError:
        return False, len(left)
    return True, 0


def is_replacement(old: object, new: object) -> bool:
    """Whether the lattice polygons `new` cover exactly what `old` cover: each valid, and the chains equal."""
    if not is_valid(new).all():
        return False
    return not len(cancel(join(edges(new), edges(old).reversed())))


def areal(geometries: object) -> Geometries:
    """Each geometry's polygonal parts alone, as Polygon or MultiPolygon, empty where it has none."""
    array = as_array(geometries)
    mixed = np.flatnonzero(~np.isin(shapely.get_type_id(array), (3, 6)))
    result = array.copy()
    for i in mixed:
        parts = shapely.get_parts(shapely.get_parts(array[i]))
        parts = parts[shapely.get_type_id(parts) == 3]
        result[i] = parts[0] if len(parts) == 1 else shapely.multipolygons(parts) if len(parts) else shapely.Polygon()
    return result


def mended(polygons: object) -> Geometries:
    """Lattice polygons, the invalid ones made valid from their structure, on the lattice, areal parts only.

    What two shells of one polygon cover is kept, and a hole only takes away.
    """
    return _made_valid(polygons, method="structure", keep_collapsed=False)


def as_drawn(polygons: object) -> Geometries:
    """Lattice polygons, the invalid ones as their lines alone bound them, by which defects are measured.

    What is covered twice then is a hole: a crossing shows as a gap, which mending from the structure would hide.
    """
    return _made_valid(polygons, method="linework")


def _made_valid(polygons: object, **how: Any) -> Geometries:
    array = as_array(polygons).copy()
    bad = np.flatnonzero(~is_valid(array))
    array[bad] = areal(shapely.set_precision(areal(shapely.make_valid(array[bad], **how)), 1.0))
    return array
