"""Where grids stand in the tree once a change holds."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class Paths:
    """Paths, worked out from those that hold now.

    :param now: ``ltree`` path of each grid that lives already.
    :param parents: the parent of each grid that is born or moves; ``None`` for a root.
    """

    now: Mapping[int, str]
    parents: Mapping[int, int | None]

    def path(self, grid_id: int) -> str:
        """The grid's path; below a grid that moves it follows."""
        if grid_id in self.parents:
            parent = self.parents[grid_id]
            return str(grid_id) if parent is None else f"{self.path(parent)}.{grid_id}"
        steps = self.now[grid_id].split(".")
        for place in reversed(range(len(steps) - 1)):
            if int(steps[place]) in self.parents:
                return ".".join([self.path(int(steps[place])), *steps[place + 1 :]])
        return self.now[grid_id]

    def parent(self, grid_id: int) -> int | None:
        """The grid's parent; ``None`` for a root."""
        *_above, parent, _own = [None, *self.path(grid_id).split(".")]
        return None if parent is None else int(parent)
