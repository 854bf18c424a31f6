"""Coordinates in the order of a system's own axes, and boxes given so."""

from __future__ import annotations

import numpy as np
import pytest
import shapely

from gis.axes import area_in_degrees, in_axis_order, north_first
from gis.crs import Crs
from gis.errors import CrsError

BOX = (116.1, 39.0, 116.4, 39.2)


@pytest.mark.parametrize(
    ("name", "first"), [("EPSG:4490", True), ("EPSG:4326", True), ("EPSG:4548", True), ("EPSG:3857", False)]
)
def test_which_axis_comes_first_is_the_systems_own_word(name: str, first: bool) -> None:
    assert north_first(Crs(name)) is first


@pytest.mark.parametrize("name", ["EPSG:4490", "EPSG:4548", "EPSG:3857"])
def test_a_box_in_any_system_holds_what_it_held(name: str) -> None:
    there = in_axis_order(np.array([shapely.box(*BOX)], dtype=object), Crs(name))
    area = area_in_degrees(tuple(shapely.bounds(there[0]).tolist()), Crs(name))
    assert shapely.covers(shapely.buffer(area, 1e-6), shapely.box(*BOX))
    assert area.area < shapely.box(*BOX).area * 1.1


def test_a_box_over_the_180th_meridian_is_two() -> None:
    assert area_in_degrees((179, -1, -179, 1), None).area == pytest.approx(4)


def test_a_box_that_the_system_does_not_have_is_refused() -> None:
    with pytest.raises(CrsError):
        area_in_degrees((1e30, 1e30, 1e31, 1e31), Crs("EPSG:3857"))
