"""Is it a coverage? Proof by cancelling edges.

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

from gis.chain import cancel, edges, join, link
from gis.errors import CoverageError
from gis.lattice import as_array


@dataclass(frozen=True)
class Proof:
    """The outcome of a proof: edges seen, edges without partner, positions of invalid polygons, verdict."""

    edges: int
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
        chain = edges(array)
        left = cancel(chain if parent is None else join(chain, edges(parent).reversed()))
        valid = asked.result()
    invalid = tuple(np.flatnonzero(~valid).tolist())
    if parent is None:
        sound, unmatched = _outline(left)
    else:
        sound, unmatched = bool(is_valid(parent)[0]) and not len(left), len(left)
    return Proof(len(chain), unmatched, invalid, sound and not invalid and len(chain) > 0)


def _outline(left: Any) -> tuple[bool, int]:
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
