"""The coverage as it stands, or the part below a grid: what a repair looks at and what it may change."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import text

from core.access.policy import EVERYWHERE, require
from core.db.session import WorkSession
from core.errors import Refused
from core.grids.queries import known_grid
from core.grids.reading import NO_PARENT, Shapes, coverage_version, load_shapes
from core.text import noop as _
from gis.chain import fingerprints
from gis.families import prove_families
from gis.lattice import Geometries, Integers


@dataclass(frozen=True)
class Standing:
    """Living grids position by position.

    :param above: int64[n], position of the parent, ``NO_PARENT`` for the top.
    :param leaves: int64[m], positions of the leaves.
    :param top: position of the root, or of the grid below which is repaired.
    :param stale: bool[n], whether the outline is another than the one recorded with its fingerprint.
    :param unmatched: int64[n], edges of the children that do not add up to the outline.
    """

    version: int
    shapes: Shapes
    above: Integers
    leaves: Integers
    top: int
    stale: NDArray[np.bool_]
    unmatched: Integers

    @property
    def outlines(self) -> Geometries:
        """Lattice polygons of the leaves, object[m]."""
        return np.asarray(self.shapes.polygons[self.leaves], dtype=object)

    @property
    def codes(self) -> list[str]:
        """Codes of the leaves."""
        return [self.shapes.codes[position] for position in self.leaves.tolist()]

    def ancestors(self, position: int) -> Iterator[int]:
        """The grids above one, the nearest first, the top included."""
        while (position := int(self.above[position])) != NO_PARENT:
            yield position

    def leaves_below(self) -> dict[int, list[int]]:
        """Of each grid that has some below it the places among ``leaves`` of its leaves."""
        below: dict[int, list[int]] = {}
        for place, position in enumerate(self.leaves.tolist()):
            for higher in self.ancestors(position):
                below.setdefault(higher, []).append(place)
        return below


def standing(session: WorkSession, under: str | None) -> Standing:
    """Read the whole coverage, or what lies at and below ``under``.

    :raises NotFound: when there is no such grid.
    :raises Refused: when it is a leaf, there are no grids, or a parent is missing.
    """
    where, values, path = "true", {}, EVERYWHERE
    if under is not None:
        grid = known_grid(session, under)
        if grid.leaf:
            raise Refused(_("Grid %(code)s is a leaf: name the grid above it"), code=grid.code)
        where, values, path = "s.path <@ cast(:path as ltree)", {"path": grid.path}, grid.path
    require(session.actor, "grid.repair", path)
    version = coverage_version(session)
    shapes = load_shapes(session, where, values)
    place = {grid_id: position for position, grid_id in enumerate(shapes.grid_ids.tolist())}
    above = np.array([place.get(parent, NO_PARENT) for parent in shapes.parent_ids.tolist()], np.int64)
    tops = np.flatnonzero(above == NO_PARENT).tolist()
    if len(tops) != 1:
        raise Refused(
            _("There are no grids yet") if not tops else _("Several grids have no grid above them: restore a backup")
        )
    parents = np.zeros(len(shapes), bool)
    parents[above[above >= 0]] = True
    return Standing(
        version, shapes, above, np.flatnonzero(~parents), tops[0],
        fingerprints(shapes.polygons) != shapes.fingerprints, prove_families(shapes.polygons, above).unmatched,
    )  # fmt: skip


def names_of(session: WorkSession, codes: set[str]) -> dict[str, str]:
    """Names of living grids by code."""
    sql = "select code, name from core.grid_state where code = any(:codes) and upper_inf(valid)"
    return {row[0]: row[1] for row in session.execute(text(sql), {"codes": sorted(codes)})}
