"""Many proofs in one: every set of siblings of a tree against its parent, all edges sorted at once."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from gis.chain import Edges, cancel, edges, join
from gis.coverage import is_valid
from gis.lattice import Integers, as_array


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
    with ThreadPoolExecutor(1) as beside:  # GEOS lets go of the interpreter: validity costs no waiting
        asked = beside.submit(is_valid, array)
        chain = edges(array)
        family = above[chain.owner]
        below = family >= 0
        outlines = chain[np.isin(chain.owner, np.unique(above[above >= 0]))].reversed()
        children = Edges(chain.a[below], chain.b[below], family[below].astype(np.int32))
        both = join(children, outlines)
        left = cancel(both, both.owner.astype(np.int64))
        valid = asked.result()
    return FamilyProof(len(children), valid, np.bincount(left.owner, minlength=len(array)))
