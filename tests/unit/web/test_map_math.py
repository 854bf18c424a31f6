"""What the map's scripts compute, against the server's: coordinates as shown, lengths, areas."""

from __future__ import annotations

import numpy as np
import pytest
import shapely
from numpy.typing import NDArray

from gis.crs import from_cgcs2000, parse_crs
from gis.lattice import SCALE
from gis.measure import area_m2, length_m
from tests.unit.web.scripts import run

MODULES = ["projection", "geodesy"]
ZONES = [4513 + zone - 25 for zone in range(25, 46)]


def places(seed: int, count: int = 200) -> NDArray[np.float64]:
    """Places over the whole country, a few beyond its box."""
    random = np.random.default_rng(seed)
    return np.column_stack([random.uniform(70, 140, count), random.uniform(3, 56, count)])


@pytest.mark.parametrize("system", ["gcj02", "bd09"])
def test_shifted_degrees(system: str) -> None:
    given = places(1)
    expected = from_cgcs2000(given, parse_crs(system))
    assert (expected == given).all(axis=1).any(), "some lie outside, where nothing moves"
    assert np.abs(expected - given).max() > 0.005
    found = np.array(run(MODULES, [[system, lon, lat] for lon, lat in given.tolist()]))
    assert np.abs(found - expected).max() <= 1e-9


def test_gauss_krueger_metres() -> None:
    random = np.random.default_rng(2)
    codes = [*ZONES, *(code + 21 for code in ZONES), *range(4491, 4513)]
    zones = run(MODULES, [["zoneOf", code] for code in codes])
    assert len(codes) * 4 > 200
    calls, expected = [], []
    for code, (meridian, easting) in zip(codes, zones, strict=True):
        half = 3 if code < 4513 else 1.5
        given = np.column_stack([meridian + random.uniform(-half, half, 4), random.uniform(3, 54, 4)])
        expected.append(from_cgcs2000(given, parse_crs(f"EPSG:{code}")))
        calls += [["gaussKrueger", lon, lat, meridian, easting] for lon, lat in given.tolist()]
    assert np.abs(np.array(run(MODULES, calls)) - np.vstack(expected)).max() <= 0.001


def test_lengths_and_areas() -> None:
    random = np.random.default_rng(3)
    lines, rings = [], []
    for centre, size in zip(places(4), 10 ** random.uniform(-4, 0, 200), strict=True):
        angles = np.sort(random.uniform(0, 2 * np.pi, 7))
        ring = centre + size * np.column_stack([np.cos(angles), np.sin(angles)])
        ring = np.round(np.vstack([ring, ring[:1]]) * SCALE) / SCALE
        lines.append(ring[:-1])
        rings.append(ring)
    length = length_m(np.array([shapely.LineString(np.rint(line * SCALE)) for line in lines], object))
    area = area_m2(np.array([shapely.Polygon(np.rint(ring * SCALE)) for ring in rings], object))
    found = run(
        MODULES, [["lengthOf", line.tolist()] for line in lines] + [["areaOf", ring.tolist()] for ring in rings]
    )
    assert np.abs(np.array(found[:200]) / length - 1).max() <= 1e-3
    assert np.abs(np.array(found[200:]) / area - 1).max() <= 1e-3
