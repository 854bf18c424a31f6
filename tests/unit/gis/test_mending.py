"""Invalid shapes mended in the limited process: what becomes of them, and that none takes longer than it may."""

from __future__ import annotations

import time

import numpy as np
import pytest
import shapely

from gis.errors import FormatError
from gis.mending import mended_in_subprocess
from tests.unit.gis.layers import comb

SQUARE = shapely.box(0, 0, 1, 1)
BOW = shapely.Polygon([(0, 0), (1, 1), (1, 0), (0, 1)])
SPIKE = shapely.Polygon([(0, 0), (1, 1), (0, 0)])


def test_what_is_invalid_is_mended_and_nothing_else_touched() -> None:
    shapes = np.array([SQUARE, BOW, SPIKE], dtype=object)
    made, changed, seconds = mended_in_subprocess(shapes, np.arange(1, 4))
    assert changed.tolist() == [False, True, True]
    assert made[0] is SQUARE
    assert made[1].is_valid
    assert made[1].area == pytest.approx(0.5)
    assert made[2] is None, "a line is no area"
    assert seconds > 0


def test_a_shape_that_would_take_for_ever_is_named() -> None:
    shapes = np.array([SQUARE, comb(300, 119.7, 38.9, 119.8, 39.0)], dtype=object)
    began = time.monotonic()
    with pytest.raises(FormatError) as caught:
        mended_in_subprocess(shapes, np.array([7, 9]), seconds=2)
    assert time.monotonic() - began < 30
    assert caught.value.code == "too_tangled"
    assert caught.value.params == {"row": 9, "lon": 119.7495, "lat": 38.95, "memory_mb": 2048, "seconds": 2}
