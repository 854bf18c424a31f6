"""How much lies beside each other, asked before areas are overlaid or tested: the work of that grows with the pairs.

Overlays and tests of validity cut lines into *monotone chains*, runs that keep to one quadrant of directions, and look
at each two whose boxes overlap (as GEOS does, `index/chain/MonotoneChainBuilder`). A comb of stairs has few segments
beside each other and all its chains.
"""

from __future__ import annotations

from typing import Final

import numpy as np
import shapely
from numpy.typing import NDArray

from gis.errors import EditError
from gis.lattice import SCALE, Floats, as_array

MOST_BESIDE: Final = 20_000_000
"""Pairs that are looked at because their boxes overlap, though few of them may meet."""
NEIGHBOURS: Final = 16
"""Chains or segments that one may lie beside in any way, those at its ends among them."""
BATCH: Final = 64


def refuse_beside(drawn: object, standing: object = ()) -> None:
    """Refuse lattice geometries with too many runs beside each other, or beside those standing.

    Raises EditError (`many_beside`), with a place where too many are.
    """
    own, others = _boxes(drawn), _boxes(standing)
    refuse_pairs(own, shapely.STRtree(np.concatenate([own, others])))


def refuse_pairs(own: NDArray[np.object_], tree: shapely.STRtree) -> None:
    """Refuse shapes whose boxes overlap too many of those in the tree. Raises EditError, as `refuse_beside`."""
    beside = 0
    for first in range(0, len(own), BATCH):
        beside += tree.query(own[first : first + BATCH]).shape[1]
        if beside > MOST_BESIDE + NEIGHBOURS * len(own):
            place = shapely.centroid(own[first])
            raise EditError(
                "Too many long slanting lines or edges lie side by side: draw fewer, or clean the layer first",
                code="many_beside", lon=place.x / SCALE, lat=place.y / SCALE,
            )  # fmt: skip


def lines_of(geometries: object) -> NDArray[np.object_]:
    """Lines as they are, and the rings of areas."""
    parts = shapely.get_parts(as_array(geometries))
    areal = shapely.get_type_id(parts) == 3
    return np.concatenate([parts[~areal], shapely.get_rings(parts[areal])])


def _boxes(geometries: object) -> NDArray[np.object_]:
    """The box of every chain of lines and outlines."""
    xy, line = shapely.get_coordinates(lines_of(geometries), return_index=True)
    together = np.flatnonzero(line[:-1] == line[1:])
    if not len(together):
        return as_array([])
    begin, end = xy[together], xy[together + 1]
    quadrant = (end < begin) @ (1, 2)
    fresh = (line[together][1:] != line[together][:-1]) | (quadrant[1:] != quadrant[:-1])
    starts = np.flatnonzero(np.concatenate([[True], fresh]))
    lower: Floats = np.minimum.reduceat(np.minimum(begin, end), starts)
    upper: Floats = np.maximum.reduceat(np.maximum(begin, end), starts)
    return as_array(shapely.box(lower[:, 0], lower[:, 1], upper[:, 0], upper[:, 1]))
