"""Plans on real boundaries: after every operation the whole city is proven anew, from its shapes."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import shapely
from sqlalchemy import text

from core.db.session import reading
from core.errors import DomainError
from core.grids.queries import tree
from core.grids.reading import Shapes, load_leaves, load_shapes
from core.matters.places import Place
from gis.lattice import SCALE
from gis.measure import area_m2
from tests.integration.grids.bringing import TESTER, bring, proven
from tests.integration.grids.plans import run
from tests.integration.matters.people import matter

pytestmark = pytest.mark.real

Data = Callable[[str], Path]
CITY = "131000"
GUANGYANG = "131003"


@pytest.fixture
def langfang(database: str, real_data: Data) -> Data:
    """Langfang with its ten counties."""
    assert not bring(real_data("admin/langfang_city_tianditu_4490.geojson"), "city").refused
    assert not bring(real_data("admin/langfang_counties_tianditu_4490.geojson"), "county").refused
    return real_data


def leaves(where: str = "true") -> Shapes:
    with reading(TESTER) as session:
        return load_leaves(session, where=where)


def outline() -> Any:
    with reading(TESTER) as session:
        return load_shapes(session, "s.parent_id is null").polygons[0]


def below(code: str) -> list[str]:
    with reading(TESTER) as session:
        return [row.code for row in tree(session, code) if row.leaf and row.code != code]


def lines_across(polygon: Any, count: int) -> list[list[list[float]]]:
    """Crooked lines from west to east, through the polygon's box at even heights."""
    west, south, east, north = (np.array(shapely.bounds(polygon)) / SCALE).tolist()
    steps = np.linspace(west - 0.01, east + 0.01, 12)
    heights = np.linspace(south, north, count + 2)[1:-1]
    return [[[float(x), float(h + 0.002 * np.sin(9 * n))] for n, x in enumerate(steps)] for h in heights]


def test_a_county_is_divided_by_a_net_and_by_lines(langfang: Data) -> None:
    before = outline()
    done = run(CITY, {"op": "subdivide", "grid": GUANGYANG, "net_m": 3000})
    assert 50 <= len(done.born) <= 80
    assert proven().exact
    [county] = leaves("s.code = '131002'").polygons
    drawn = run(CITY, {"op": "subdivide", "grid": "131002", "lines": lines_across(county, 10)})
    assert len(drawn.born) >= 11
    check = proven()
    assert check.exact
    assert check.area_m2 == pytest.approx(6_384_186_704, rel=1e-6), "a vertex in mid-edge bends a geodesic"
    assert shapely.hausdorff_distance(before, outline()) <= 1


class Driver:
    """Random operations on a living city, by a seed."""

    def __init__(self, seed: int) -> None:
        self.rng = np.random.default_rng(seed)

    def operation(self) -> dict[str, Any]:
        found = leaves()
        index = int(self.rng.integers(len(found)))
        code, polygon = found.codes[index], found.polygons[index]
        kind = str(self.rng.choice(["split", "merge", "reshape", "move_vertex", "insert_vertex", "carve", "rename"]))
        return {"op": kind, **getattr(self, f"_{kind}")(code, polygon, found)}

    def _places(self, polygon: Any, count: int, wide: float = 0.2) -> list[list[float]]:
        box = np.array(shapely.bounds(polygon)).reshape(2, 2) / SCALE
        size = box[1] - box[0]
        points = box[0] - wide * size + self.rng.random((count, 2)) * size * (1 + 2 * wide)
        return [[float(x), float(y)] for x, y in points]

    def _split(self, code: str, polygon: Any, _found: Shapes) -> dict[str, Any]:
        return {"grid": code, "line": self._places(polygon, 2, wide=1.0)}

    def _merge(self, code: str, polygon: Any, found: Shapes) -> dict[str, Any]:
        near = np.flatnonzero(shapely.intersects(found.polygons, polygon)).tolist()
        other = found.codes[int(self.rng.choice(near))]
        return {"grids": [code, other]}

    def _reshape(self, code: str, polygon: Any, _found: Shapes) -> dict[str, Any]:
        return {"grid": code, "line": self._places(polygon, 3)}

    def _vertex(self, polygon: Any) -> list[float]:
        xy = shapely.get_coordinates(polygon) / SCALE
        return [float(c) for c in xy[int(self.rng.integers(len(xy)))]]

    def _move_vertex(self, _code: str, polygon: Any, _found: Shapes) -> dict[str, Any]:
        lon, lat = self._vertex(polygon)
        dx, dy = (self.rng.normal(0, 3e-4, 2)).tolist()
        return {"from": [lon, lat], "to": [lon + dx, lat + dy]}

    def _insert_vertex(self, _code: str, polygon: Any, _found: Shapes) -> dict[str, Any]:
        ring = shapely.get_rings(shapely.get_parts(polygon))[0]
        place = shapely.line_interpolate_point(ring, float(self.rng.random()), normalized=True)
        return {"at": [place.x / SCALE, place.y / SCALE]}

    def _carve(self, code: str, polygon: Any, _found: Shapes) -> dict[str, Any]:
        centre = shapely.point_on_surface(polygon)
        wide = float(np.sqrt(polygon.area)) * 0.1
        turns = np.arange(6) * np.pi / 3
        ring = np.stack([centre.x + wide * np.cos(turns), centre.y + wide * np.sin(turns)], axis=1) / SCALE
        area = {"type": "Polygon", "coordinates": [[*ring.tolist(), ring[0].tolist()]]}
        return {"from": [code], "polygon": area, "name": "专属网格"}

    def _rename(self, code: str, _polygon: Any, _found: Shapes) -> dict[str, Any]:
        return {"grid": code, "name": f"网格{int(self.rng.integers(1000))}"}


@pytest.mark.parametrize("count", [25, pytest.param(200, marks=pytest.mark.long)])
def test_random_operations_leave_the_city_exact_after_each(langfang: Data, count: int) -> None:
    run(CITY, {"op": "subdivide", "grid": GUANGYANG, "net_m": 6000})
    before = outline()
    area = float(area_m2(before)[0])
    places = [matter(TESTER, Place(float(x) / SCALE, float(y) / SCALE)) for x, y in _inside(before, 40)]
    driver = Driver(7)
    done = refused = 0
    while done < count:
        operation = driver.operation()
        try:
            applied = run(CITY, operation)
        except DomainError:
            refused += 1
            assert refused < 20 * count, "the driver must find operations that fit"
            continue
        done += 1
        assert applied.exact
        check = proven()
        assert check.exact, operation
        assert check.area_m2 == pytest.approx(area, rel=1e-6)
        found = leaves()
        assert float(area_m2(found.polygons).sum()) == pytest.approx(check.area_m2, rel=1e-9)
    assert shapely.hausdorff_distance(before, outline()) <= 1
    assert _homes(places) == {1}, "every located matter lies in exactly one leaf"


def _inside(polygon: Any, count: int) -> Any:
    rng = np.random.default_rng(1)
    west, south, east, north = shapely.bounds(polygon).tolist()
    points = rng.uniform((west, south), (east, north), (count * 9, 2)).round()
    return points[shapely.contains_xy(polygon, points)][:count]


def _homes(matters: list[Any]) -> set[int]:
    """How many leaves own each matter, by the ring walk of the leaves' own polygons."""
    found = leaves()
    with reading(TESTER) as session:
        rows = session.execute(
            text("select st_x(place), st_y(place), grid_id from core.matter where id = any(:ids)"), {"ids": matters}
        ).all()
    counts = set()
    for lon, lat, grid_id in rows:
        owner = shapely.intersects(found.polygons, shapely.Point(round(lon * SCALE), round(lat * SCALE)))
        counts.add(int(grid_id in found.grid_ids[owner].tolist()))
    return counts
