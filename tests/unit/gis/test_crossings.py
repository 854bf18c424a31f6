"""How often lines may cross each other, and how often those that stand."""

from __future__ import annotations

import pytest
import shapely

from gis.crossings import refuse_crossings
from gis.errors import EditError
from gis.lattice import SCALE

ORIGIN = (116 * SCALE, 39 * SCALE)
LINES = 200


def across() -> list[shapely.LineString]:
    """Lines from west to east, that cross those along 40,000 times."""
    x, y = ORIGIN
    return [shapely.LineString([(x - 100, y + at * 100), (x + LINES * 100, y + at * 100)]) for at in range(LINES)]


def along() -> list[shapely.LineString]:
    """Lines from south to north."""
    x, y = ORIGIN
    return [shapely.LineString([(x + at * 100, y - 100), (x + at * 100, y + LINES * 100)]) for at in range(LINES)]


def test_those_that_stand_may_be_crossed_more_often_than_lines_each_other() -> None:
    refuse_crossings(along(), across(), in_all=40_000)
    with pytest.raises(EditError) as raised:
        refuse_crossings(along(), across(), in_all=39_999)
    assert raised.value.params["most"] == 39_999
    with pytest.raises(EditError) as raised:
        refuse_crossings([*along(), *across()], [], in_all=1_000_000)
    assert raised.value.params["most"] == 25_000


def test_lines_that_cross_what_they_share_with_those_standing_are_counted() -> None:
    refuse_crossings(across(), across())
    with pytest.raises(EditError):
        refuse_crossings([*along(), *across()], across(), in_all=1_000_000)
