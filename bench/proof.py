"""Proof of a whole coverage, all levels: three ways of ours against what shapely offers for the same question."""

from __future__ import annotations

import argparse

import numpy as np
import shapely
from numpy.typing import NDArray

from bench.cities import LEVELS, City, city
from bench.common import interleave, report
from core.grids.acts import Birth
from gis.chain import fingerprints
from gis.coverage import is_valid
from gis.families import prove_families

Family = tuple[NDArray[np.int64], NDArray[np.object_]]
"""Where the children of each parent begin, they standing in the parents' order; and the parents' outlines."""


class Layers:
    """The outlines level by level, with the parents of each level."""

    def __init__(self, made: City, births: tuple[Birth, ...]) -> None:
        by_level: dict[str, list[object]] = {}
        for birth in births:
            by_level.setdefault(birth.level, []).append(birth.polygon)
        self.outlines = [np.array(by_level[name], dtype=object) for name in ("city", *LEVELS, "grid")]
        self.starts = [
            np.zeros(1, np.int64),
            *(_starts(made.parents[:, n], made.parents[:, n + 1]) for n in range(len(LEVELS) - 1)),
            np.flatnonzero(np.diff(made.parents[:, -1], prepend=-1)),
        ]
        first = np.cumsum([0, *map(len, self.outlines)])
        counts = [np.diff(np.append(s, len(c))) for s, c in zip(self.starts, self.outlines[1:], strict=True)]
        above = [np.repeat(np.arange(len(n)) + at, n) for n, at in zip(counts, first[:-2].tolist(), strict=True)]
        self.parents = np.concatenate([[-1], *above])
        self.stored = [fingerprints(outlines) for outlines in self.outlines]

    def exact_sort(self) -> None:
        """Every set of siblings against its parent, all edges of all levels sorted, as `wangge grid check` does."""
        proof = prove_families(np.concatenate(self.outlines), self.parents)
        assert proof.valid.all()
        assert not proof.unmatched.any()

    def from_shapes(self) -> None:
        """Fingerprints of all outlines anew, validity of all, sums."""
        self._sum([fingerprints(outlines) for outlines in self.outlines])
        assert all(is_valid(outlines).all() for outlines in self.outlines)

    def from_store(self) -> None:
        """Sums of the fingerprints that stand beside the shapes."""
        self._sum(self.stored)

    def shapely_alone(self) -> None:
        """Validity, overlaps level by level, and gaps by the union of each set of siblings."""
        for starts, parents, children in zip(self.starts, self.outlines, self.outlines[1:], strict=False):
            assert shapely.is_valid(children).all()
            assert shapely.coverage_is_valid(children)
            for parent, own in zip(parents, np.split(children, starts[1:]), strict=True):
                assert shapely.coverage_union_all(own).area == parent.area

    def shapely_leaves(self) -> None:
        """The same of the leaves alone, as one set."""
        leaves = self.outlines[-1]
        assert shapely.is_valid(leaves).all()
        assert shapely.coverage_is_valid(leaves)
        assert shapely.coverage_union_all(leaves).area == self.outlines[0][0].area

    def _sum(self, numbers: list[NDArray[np.int64]]) -> None:
        for starts, parents, children in zip(self.starts, numbers, numbers[1:], strict=False):
            assert (np.add.reduceat(children, starts) == parents).all()


def _starts(parents: NDArray[np.int64], children: NDArray[np.int64]) -> NDArray[np.int64]:
    first = np.flatnonzero(np.diff(children, prepend=-1))
    return np.flatnonzero(np.diff(parents[first], prepend=-1))


def main() -> None:
    """Time all ways and print the table."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--leaves", type=int, default=50_000)
    options.add_argument("--rounds", type=int, default=3)
    chosen = options.parse_args()
    made = city(chosen.leaves)
    layers = Layers(made, made.births())
    vertices = int(np.sum(shapely.get_num_coordinates(made.leaves)))
    ways = {
        "exact sort": layers.exact_sort,
        "fingerprints from shapes": layers.from_shapes,
        "stored fingerprints": layers.from_store,
        "shapely, all levels": layers.shapely_alone,
        "shapely, leaves alone": layers.shapely_leaves,
    }
    timings = interleave(ways, chosen.rounds)
    report(f"Proof of {chosen.leaves:,} leaves, {vertices:,} vertices, and of all levels", timings, *tuple(ways)[:3])


if __name__ == "__main__":
    main()
