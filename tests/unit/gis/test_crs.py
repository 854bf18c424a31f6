"""Coordinate systems: both ways, against published values and formulas written apart from the code."""

from __future__ import annotations

import math

import numpy as np
import pyproj
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from gis.crs import Crs, from_cgcs2000, named_crs, parse_crs, suggest_crs, to_cgcs2000, transform_geometries
from gis.errors import CrsError
from gis.fits import better_crs
from gis.lattice import SCALE

BEIJING = np.array([[116.404, 39.915]])
CHINA = st.tuples(st.floats(73.6, 134.9), st.floats(18.1, 53.5))


def kruger(lon: float, lat: float, meridian: float) -> tuple[float, float]:
    """Transverse Mercator on GRS80 by Krüger's series in the third flattening (to n⁴), k = 1, x0 = 500 km."""
    a, f = 6378137.0, 1 / 298.257222101
    n = f / (2 - f)
    e = math.sqrt(f * (2 - f))
    big_a = a / (1 + n) * (1 + n**2 / 4 + n**4 / 64)
    alpha = (
        n / 2 - 2 * n**2 / 3 + 5 * n**3 / 16 + 41 * n**4 / 180,
        13 * n**2 / 48 - 3 * n**3 / 5 + 557 * n**4 / 1440,
        61 * n**3 / 240 - 103 * n**4 / 140,
        49561 * n**4 / 161280,
    )
    phi, lam = math.radians(lat), math.radians(lon - meridian)
    t = math.sinh(math.atanh(math.sin(phi)) - e * math.atanh(e * math.sin(phi)))
    xi, eta = math.atan2(t, math.cos(lam)), math.atanh(math.sin(lam) / math.sqrt(1 + t * t))
    x = eta + sum(k * math.cos(2 * j * xi) * math.sinh(2 * j * eta) for j, k in enumerate(alpha, 1))
    y = xi + sum(k * math.sin(2 * j * xi) * math.cosh(2 * j * eta) for j, k in enumerate(alpha, 1))
    return 500_000 + big_a * x, big_a * y


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("EPSG:4548", "EPSG:4548"),
        ("epsg:4490", "EPSG:4490"),
        (" 4527 ", "EPSG:4527"),
        ("GCJ-02", "gcj02"),
        ("gcj02", "gcj02"),
        ("BD_09", "bd09"),
        ("urn:ogc:def:crs:EPSG::4490", "EPSG:4490"),
        ("OGC:CRS84", "EPSG:4326"),
    ],
)
def test_names_are_read(text: str, value: str) -> None:
    assert parse_crs(text) == Crs(value)


def test_the_wkt_of_a_prj_file_is_recognised() -> None:
    assert parse_crs(pyproj.CRS(4548).to_wkt("WKT1_ESRI")) == Crs("EPSG:4548")


def test_a_wkt_without_code_keeps_working() -> None:
    local = pyproj.CRS.from_proj4("+proj=tmerc +lon_0=116.35 +x_0=50000 +y_0=-4000000 +ellps=GRS80").to_wkt()
    crs = parse_crs(local)
    there = from_cgcs2000(BEIJING, crs)
    assert abs(there[0, 0] - 50_000) < 10_000
    assert to_cgcs2000(there, crs) == pytest.approx(BEIJING, abs=1e-10)


@pytest.mark.parametrize("text", ["", "EPSG:99999999999", "west of here", "EPSG:1", "0"])
def test_an_unknown_name_is_refused(text: str) -> None:
    with pytest.raises(CrsError) as caught:
        parse_crs(text)
    assert caught.value.code == "unknown_crs"


def test_wgs84_and_cgcs2000_are_taken_as_equal() -> None:
    for name in ("EPSG:4326", "EPSG:4490"):
        assert to_cgcs2000(BEIJING, Crs(name)).tolist() == BEIJING.tolist()


def test_the_meridian_arc_has_its_published_length() -> None:
    """From the equator to 45° on GRS80: 4,984,944.378 m, to 40°: 4,429,529.030 m (geodetic tables)."""
    there = from_cgcs2000(np.array([[117.0, 45.0], [117.0, 40.0]]), Crs("EPSG:4548"))
    assert there == pytest.approx(np.array([[500_000, 4_984_944.378], [500_000, 4_429_529.030]]), abs=2e-3)


def test_zone_4548_agrees_with_kruger_series() -> None:
    points = np.array([[116.11, 38.5], [116.7, 39.5], [117.26, 40.05], [118.4, 39.0]])
    series = np.array([kruger(lon, lat, 117.0) for lon, lat in points])
    assert from_cgcs2000(points, Crs("EPSG:4548")) == pytest.approx(series, abs=1e-5)
    assert to_cgcs2000(series, Crs("EPSG:4548")) == pytest.approx(points, abs=1e-10)


@pytest.mark.parametrize("code", range(4491, 4555))
def test_every_zone_has_its_meridian_and_both_eastings(code: int) -> None:
    six = code <= 4512
    place = (code - 4491) % 11 if six else (code - 4513) % 21
    number, meridian = (13 + place, 75 + 6 * place) if six else (25 + place, 75 + 3 * place)
    lon, lat = meridian + 0.8, 31.25
    x, y = kruger(lon, lat, meridian)
    for easting in (x, x + number * 1e6):
        found = to_cgcs2000(np.array([[easting, y]]), Crs(f"EPSG:{code}"))
        assert found == pytest.approx(np.array([[lon, lat]]), abs=1e-10)


def test_the_number_of_another_zone_is_refused_and_the_true_code_named() -> None:
    x, y = kruger(116.7, 39.5, 117.0)
    with pytest.raises(CrsError) as caught:
        to_cgcs2000(np.array([[39e6 + x, y]]), Crs("EPSG:4547"))
    assert caught.value.code == "zone_mismatch"
    assert caught.value.params["suggested"] == "EPSG:4527"


def test_web_mercator_and_nad83_go_through_proj() -> None:
    x = 6378137.0 * math.radians(116.404)
    y = 6378137.0 * math.log(math.tan(math.pi / 4 + math.radians(39.915) / 2))
    assert to_cgcs2000(np.array([[x, y]]), Crs("EPSG:3857")) == pytest.approx(BEIJING, abs=1e-9)
    chicago = np.array([[-87.63, 41.88]])
    assert to_cgcs2000(chicago, Crs("EPSG:4269")) == pytest.approx(chicago, abs=3e-5)


def test_the_shifted_systems_give_the_values_published_with_their_formulas() -> None:
    """Tiananmen, as in the examples of coordtransform: WGS 84 to GCJ-02, and GCJ-02 to BD-09."""
    gcj02 = from_cgcs2000(BEIJING, Crs("gcj02"))
    assert gcj02 == pytest.approx(np.array([[116.41024449916938, 39.91640428150164]]), abs=1e-9)
    bd09 = from_cgcs2000(to_cgcs2000(BEIJING, Crs("gcj02")), Crs("bd09"))
    assert bd09 == pytest.approx(np.array([[116.41036949371029, 39.92133699351022]]), abs=1e-9)


@given(st.lists(CHINA, min_size=1, max_size=20))
def test_shifted_systems_come_back_to_1e_10_degree(points: list[tuple[float, float]]) -> None:
    there = np.array(points)
    for name in ("gcj02", "bd09"):
        back = to_cgcs2000(from_cgcs2000(there, Crs(name)), Crs(name))
        assert np.abs(back - there).max() <= 1e-10


def test_a_vertex_comes_back_the_same_whatever_stands_beside_it() -> None:
    rng = np.random.default_rng(7)
    cloud = np.column_stack([rng.uniform(100, 120, 1001), rng.uniform(25, 45, 1001)])
    for name in ("gcj02", "bd09"):
        whole = to_cgcs2000(cloud, Crs(name))
        alone = np.vstack([to_cgcs2000(cloud[i : i + 1], Crs(name)) for i in range(0, 1001, 50)])
        assert np.abs(whole[::50] - alone).max() < 1e-13


def test_outside_china_nothing_is_shifted() -> None:
    abroad = np.array([[2.35, 48.85], [-87.6, 41.9], [139.7, 35.7]])
    for name in ("gcj02", "bd09"):
        assert from_cgcs2000(abroad, Crs(name)).tolist() == abroad.tolist()
        assert to_cgcs2000(abroad, Crs(name)).tolist() == abroad.tolist()


@pytest.mark.parametrize(
    ("xy", "crs", "code"),
    [
        ([[116.0, 39.0], [float("nan"), 39.0]], "EPSG:4490", "not_finite"),
        ([[116.0, 39.0], [float("inf"), 39.0]], "EPSG:4548", "not_finite"),
        ([[116.0, 39.0], [116.0, 91.0]], "EPSG:4326", "not_degrees"),
        ([[116.0, 39.0], [480_000.0, 4.4e6]], "gcj02", "not_degrees"),
        ([[116.0, 39.0], [116.1, 39.0]], "EPSG:4548", "degrees_in_metres"),
        ([[500_000.0, 4.4e6], [1e300, 4.4e6]], "EPSG:3857", "outside_crs"),
        ([[500_000.0, 4.4e6], [5e7, 4.4e6]], "EPSG:3857", "outside_crs"),
        ([[500_000.0, 4.4e6], [500_000.0, 4.4e30]], "EPSG:4548", "outside_crs"),
    ],
)
def test_unusable_coordinates_are_named(xy: list[list[float]], crs: str, code: str) -> None:
    with pytest.raises(CrsError) as caught:
        to_cgcs2000(np.array(xy), Crs(crs))
    assert caught.value.code == code
    assert caught.value.params.get("index", 1) == 1


def test_geometries_are_moved_and_flattened_and_none_stays() -> None:
    x, y = kruger(117.0, 40.0, 117.0)
    solid = shapely.Polygon([(x, y, 9.0), (x + 1000, y, 9.0), (x, y + 1000, 9.0)])
    moved = transform_geometries(np.array([solid, None], dtype=object), Crs("EPSG:4548"))
    assert moved[1] is None
    assert not moved[0].has_z
    assert moved[0].exterior.coords[0] == pytest.approx((117.0, 40.0), abs=1e-10)


def box_of(crs: str, west: float, south: float, east: float, north: float) -> tuple[float, ...]:
    corners = from_cgcs2000(np.array([[west, south], [east, north]]), Crs(crs))
    return (*corners[0], *corners[1])


@pytest.mark.parametrize("crs", ["EPSG:4490", "EPSG:4548", "EPSG:4527", "EPSG:4498", "EPSG:3857"])
def test_the_true_system_is_suggested_for_langfang(crs: str) -> None:
    found = suggest_crs(box_of(crs, 116.1, 38.5, 117.25, 40.05))
    assert found[0] == Crs(crs)
    assert len(found) <= 5


def test_degrees_in_china_may_be_shifted_and_elsewhere_not() -> None:
    assert suggest_crs((116.1, 38.5, 117.2, 40.0)) == [Crs("EPSG:4490"), Crs("gcj02"), Crs("bd09")]
    assert suggest_crs((-5.0, 42.0, 8.0, 51.0)) == [Crs("EPSG:4490")]


def test_a_longitude_near_by_decides_between_zones() -> None:
    found = suggest_crs(box_of("EPSG:4545", 107.5, 30.0, 108.2, 31.0), near_lon=107.9)
    assert found[0] == Crs("EPSG:4545")
    assert set(found[1:3]) == {Crs("EPSG:4544"), Crs("EPSG:4546")}


@pytest.mark.parametrize("bounds", [(math.nan, 0, 1, 1), (1e9, 1e9, 2e9, 2e9), (5e5, -9e6, 6e5, -8e6)])
def test_hopeless_numbers_get_no_suggestion(bounds: tuple[float, float, float, float]) -> None:
    assert suggest_crs(bounds) == []


ROOT = shapely.Polygon([(116.2, 39.0), (116.9, 39.1), (117.1, 39.8), (116.5, 40.0), (116.1, 39.5)])
ROOT_LATTICE = shapely.transform(ROOT, lambda xy: np.floor(xy * SCALE + 0.5))


def layer_in(crs: str) -> np.ndarray:
    west, east = (
        shapely.clip_by_rect(ROOT, 116, 38, 116.6, 41),
        shapely.clip_by_rect(ROOT, 116.6, 38, 118, 41),
    )
    parts = np.array([west, east, None], dtype=object)
    return np.asarray(shapely.transform(parts, lambda xy: from_cgcs2000(xy, Crs(crs))))


@pytest.mark.parametrize(
    ("true", "stated"),
    [
        ("gcj02", "EPSG:4490"),
        ("bd09", "EPSG:4326"),
        ("EPSG:4490", "gcj02"),
        ("EPSG:4548", "EPSG:4547"),
        ("EPSG:4548", "EPSG:4549"),
    ],
)
def test_a_lying_system_is_seen_and_the_true_one_named(true: str, stated: str) -> None:
    assert better_crs(layer_in(true), Crs(stated), ROOT_LATTICE) == Crs(true)


@pytest.mark.parametrize("crs", ["EPSG:4490", "gcj02", "bd09", "EPSG:4548", "EPSG:4527", "EPSG:3857"])
def test_an_honest_system_is_left_alone(crs: str) -> None:
    assert better_crs(layer_in(crs), Crs(crs), ROOT_LATTICE) is None


def test_a_layer_without_shapes_has_no_better_system() -> None:
    assert better_crs(np.array([None], dtype=object), Crs("EPSG:4490"), ROOT_LATTICE) is None


@pytest.mark.parametrize("name", ["EPSG:5773", "EPSG:5737", "EPSG:4978"])
def test_heights_and_geocentric_systems_name_no_place(name: str) -> None:
    with pytest.raises(CrsError) as refused:
        parse_crs(name)
    assert refused.value.code == "unknown_crs"


@pytest.mark.parametrize("name", ["EPSG:4490", "4548", "EPSG:3857", "gcj02", "BD-09", "urn:ogc:def:crs:EPSG::4490"])
def test_a_person_states_flat_systems_by_name(name: str) -> None:
    assert named_crs(name) == parse_crs(name)


@pytest.mark.parametrize("name", ["EPSG:4979", "EPSG:4480", "+proj=longlat +datum=WGS84", "EPSG:4326+5773", "WGS 84"])
def test_a_person_states_no_projection_string_and_no_third_dimension(name: str) -> None:
    with pytest.raises(CrsError) as refused:
        named_crs(name)
    assert refused.value.code in ("crs_not_flat", "unknown_crs")
