"""Invalid shapes of one file mended in the limited process, all of them together in a limited time."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from gis.lattice import Geometries
from gis.mending import mended_in_subprocess

SECONDS = 120.0
MEMORY_MB = 1024


@dataclass
class Mender:
    """What may be spent on the shapes of a file.

    :param seconds: processor time that is left.
    """

    seconds: float = SECONDS
    memory_mb: int = MEMORY_MB

    def mend(self, shapes: Geometries, rows: NDArray[np.int64]) -> tuple[Geometries, NDArray[np.bool_]]:
        """Shapes that are valid, ``None`` where nothing was left, and which had to be mended.

        :param rows: the numbers of the shapes in the file.
        :raises FormatError: where time or memory do not suffice, naming the row.
        """
        limit = max(1, math.ceil(self.seconds))
        made, changed, spent = mended_in_subprocess(shapes, rows, memory_mb=self.memory_mb, seconds=limit)
        self.seconds -= spent
        return made, changed
