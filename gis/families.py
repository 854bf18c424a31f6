"""Many proofs in one: every set of siblings of a tree against its parent, many sets sorted at once."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from gis.chain import BATCH, Edges, cancel, edges, join
from gis.coverage import is_valid
from gis.lattice import Geometries, Integers, as_array
from gis.portions import in_order


@dataclass(frozen=True)
class FamilyProof:
    """The outcome: edges seen; of each polygon whether it is valid, and how many edges its children leave unmatched."""

    edges: int
    valid: NDArray[np.bool_]
    unmatched: Integers


def prove_families(polygons: object, parents: object) -> FamilyProof:
    """Prove that in a tree of lattice polygons the children of each tile it, as `gis.coverage.prove` does for one.

    `parents` int64[n] is the position of each polygon's parent, −1 where it has none. The tree is exact where all
    polygons are valid and nothing is unmatched.
    """
    array = as_array(polygons)
    above = np.asarray(parents, np.int64)
    unmatched = np.zeros(len(array), np.int64)
    seen = 0
    with ThreadPoolExecutor(1) as beside:  # GEOS lets go of the interpreter: validity costs no waiting
        asked = beside.submit(is_valid, array)
        for children in _batches(array, above):
            chain = edges(array[children])
            family = np.unique(above[children])
            outlines = edges(array[family])
            both = join(
                Edges(chain.a, chain.b, above[children][chain.owner].astype(np.int32)),
                Edges(outlines.b, outlines.a, family[outlines.owner].astype(np.int32)),
            )
            left = cancel(both, both.owner.astype(np.int64))
            unmatched += np.bincount(left.owner, minlength=len(array))
            seen += len(chain)
        valid = asked.result()
    return FamilyProof(seen, valid, unmatched)


def _batches(polygons: Geometries, above: Integers) -> Iterator[Integers]:
    """Positions of whole sets of siblings, about `BATCH` vertices together."""
    order = np.argsort(above, kind="stable")
    order = order[np.searchsorted(above[order], 0) :]
    for run in in_order(polygons[order], BATCH, above[order]):
        yield order[run]
