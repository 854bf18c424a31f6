"""Proof of a whole coverage against shapely's `coverage_is_valid` + `is_valid` (which see no gaps)."""

from __future__ import annotations

import argparse

import numpy as np
import shapely

from bench.common import coverage, interleave, report
from gis.chain import dissolve
from gis.coverage import prove


def main() -> None:
    """Time both ways and print the table."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--leaves", type=int, default=50_000)
    options.add_argument("--rounds", type=int, default=3)
    chosen = options.parse_args()
    leaves = coverage(chosen.leaves)
    parent = dissolve(leaves)
    proof = prove(leaves, parent)
    assert proof.exact

    def peer() -> None:
        assert shapely.coverage_is_valid(leaves)
        assert shapely.is_valid(leaves).all()

    def peer_with_gaps() -> None:
        peer()
        assert shapely.coverage_union_all(leaves).area == parent.area

    vertices = int(np.sum(shapely.get_num_coordinates(leaves)))
    ways = {
        "prove (overlaps and gaps, exact)": lambda: prove(leaves, parent),
        "shapely coverage_is_valid + is_valid (no gaps)": peer,
        "the same + coverage_union_all (gaps)": peer_with_gaps,
    }
    timings = interleave(ways, chosen.rounds)
    report(f"Proof of {chosen.leaves:,} leaves, {vertices:,} vertices", timings, next(iter(ways)))


if __name__ == "__main__":
    main()
