from __future__ import annotations

import shapely

from gis.clean import clean
from gis.coverage import mended
from gis.lattice import from_degrees


def areas(*wkts: str) -> list[float]:
    return [polygon.area for polygon in mended([shapely.from_wkt(wkt) for wkt in wkts])]


def test_what_two_parts_of_one_polygon_cover_is_kept() -> None:
    assert areas("MULTIPOLYGON (((0 0, 60 0, 60 60, 0 60, 0 0)), ((40 0, 100 0, 100 60, 40 60, 40 0)))") == [6000]


def test_a_hole_that_sticks_out_only_takes_away() -> None:
    assert areas("POLYGON ((0 0, 90 0, 90 90, 0 90, 0 0), (60 30, 120 30, 120 60, 60 60, 60 30))") == [8100 - 900]


def test_both_wings_of_a_bow_tie_are_kept() -> None:
    assert areas("POLYGON ((0 0, 20 20, 20 0, 0 20, 0 0))") == [200]


def test_cleaning_loses_nothing_of_a_grid_whose_parts_overlap() -> None:
    parts = "MULTIPOLYGON (((116 39, 116.2 39, 116.2 39.1, 116 39.1, 116 39)), "
    parts += "((116.1 39, 116.3 39, 116.3 39.1, 116.1 39.1, 116.1 39)))"
    made = clean([shapely.from_wkt(parts)])
    assert made.exact
    assert shapely.equals(made.polygons[0], from_degrees([shapely.box(116, 39, 116.3, 39.1)])[0])
