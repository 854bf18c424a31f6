"""Fitting under an outline at the scale of the lattice, where rounding pinches rings: valid and exact, or a defect."""

from __future__ import annotations

import numpy as np
import pytest
import shapely
from numpy.random import Generator, default_rng

from gis.clean import clean
from gis.coverage import is_valid
from gis.lattice import SCALE

CORNER = np.array([1_163_000_000, 393_000_000])
SIDES = [(0, 0), (2, -0.2), (4, 0), (4, 2), (4, 4), (2, 4), (0, 4), (0, 2)]


def shaken(polygon: shapely.Polygon, rng: Generator, by: float) -> shapely.Polygon:
    """Every vertex moved by itself, so that neighbours part, overlap and cross themselves."""
    ring = shapely.get_coordinates(polygon)
    ring = ring + rng.normal(0, by, ring.shape)
    ring[-1] = ring[0]
    return shapely.Polygon(ring)


def outline_of(rng: Generator, side: int) -> shapely.Polygon:
    while True:
        ring = np.rint((np.array(SIDES) + rng.normal(0, 0.25, (len(SIDES), 2))) * side)
        found = shapely.Polygon(ring)
        if found.is_valid and found.area >= 4:
            return found


@pytest.mark.parametrize("side", [6, 12, 30, 200])
@pytest.mark.parametrize("gap_width_m", [0.0, 0.05, 1.0, 100.0])
def test_what_pinches_to_points_is_dealt_with(side: int, gap_width_m: float) -> None:
    rng = default_rng(side)
    for _again in range(8):
        seeds = shapely.MultiPoint(rng.uniform(0, 4 * side, (int(rng.integers(3, 8)), 2)))
        cells = shapely.get_parts(
            shapely.voronoi_polygons(seeds, extend_to=shapely.box(-side, -side, 5 * side, 5 * side))
        )
        by = float(rng.choice([0.05, 0.3, 2.0]))
        layer = [shapely.transform(shaken(cell, rng, by), lambda xy: (xy + CORNER) / SCALE) for cell in cells]
        outline = shapely.transform(outline_of(rng, side), lambda xy: xy + CORNER)
        made = clean(layer, outline, gap_width_m)
        assert is_valid(made.polygons[~shapely.is_empty(made.polygons)]).all()
        assert made.exact or made.uncovered
