"""The grids' part of API v1 on a planted city."""

from __future__ import annotations

import datetime as dt
import json
import re

import numpy as np
import pytest
import shapely
from flask.testing import FlaskClient
from pyproj import Transformer

from core.grids.codes import RESERVED
from tests.e2e.clients import admin_client, found, stranger_of
from tests.integration.grids.planting import node, plant, recode, rename

BASE = "/api/v1/grids"


@pytest.fixture
def client(database: str) -> FlaskClient:
    plant()
    return admin_client()


def test_a_point_has_exactly_one_grid(client: FlaskClient) -> None:
    answer = found(client, f"{BASE}/at?lon=116.05&lat=39.05")
    assert answer == {
        "code": "139901001001",
        "name": "和平社区",
        "level": "community",
        "path": ["139900", "139901", "139901001", "139901001001"],
    }


def test_a_shared_corner_has_exactly_one_grid(client: FlaskClient) -> None:
    lon, lat = node(1, 1)
    owner = found(client, f"{BASE}/at?lon={lon}&lat={lat}")["code"]
    east_and_north = found(client, f"{BASE}/at?lon={lon + 2e-5}&lat={lat + 1e-5}")["code"]
    assert owner == east_and_north, "a point counts as moved east first, then north"


@pytest.mark.parametrize(("east", "north"), [(0.0, 0.0), (1e-4, 0.0), (-5e-5, 2e-4), (2e-4, -2e-4), (3e-3, 3e-3)])
def test_both_sides_of_a_close_border_are_told(client: FlaskClient, east: float, north: float) -> None:
    """Against distances in a plane that touches the ellipsoid at the point."""
    corner = node(1, 1)
    lon, lat = corner[0] + east, corner[1] + north
    near = found(client, f"{BASE}/near?lon={lon}&lat={lat}")["items"]
    owner = found(client, f"{BASE}/at?lon={lon}&lat={lat}")
    assert {name: near[0][name] for name in owner} == owner
    assert [leaf["owner"] for leaf in near] == [True, *[False] * (len(near) - 1)]
    plane = Transformer.from_crs("EPSG:4490", f"+proj=aeqd +lat_0={lat} +lon_0={lon} +ellps=GRS80", always_xy=True)
    away = {}
    for row in found(client, f"{BASE}/tree")["items"]:
        if row["leaves"] == 0 or row["level"] == "community":
            drawn = shapely.from_geojson(json.dumps(found(client, f"{BASE}/{row['code']}/shape")))
            flat = shapely.transform(drawn, lambda xy: np.column_stack(plane.transform(*xy.T)))
            if (metres := shapely.distance(flat, shapely.Point(0, 0))) <= 30:
                away[row["code"]] = metres
    assert {leaf["code"]: leaf["metres"] for leaf in near} == pytest.approx(away, abs=0.02)


def test_a_point_in_gcj02_is_taken_back_first(client: FlaskClient) -> None:
    plain = found(client, f"{BASE}/at?lon=116.1003&lat=39.05&crs=EPSG:4490")["code"]
    shifted = found(client, f"{BASE}/at?lon=116.1003&lat=39.05&crs=gcj02")["code"]
    assert plain != shifted, "GCJ-02 lies some 600 m to the east here"


def test_outside_the_city_is_404(client: FlaskClient) -> None:
    problem = found(client, f"{BASE}/at?lon=100&lat=39.05", 404)
    assert problem["type"] == "/problems/not-found"


@pytest.mark.parametrize(
    "query",
    ["lon=116", "lon=x&lat=39", "lon=nan&lat=39", "lon=inf&lat=1", "lon=200&lat=39", "lon=1&lat=2&crs=EPSG:1",
     "lon=1&lat=2&crs=%00", "lon=1&lat=2&as_of=tomorrow", "lon=1&lat=2&more=1"],
)  # fmt: skip
def test_a_bad_point_is_a_422_that_says_why(client: FlaskClient, query: str) -> None:
    problem = found(client, f"{BASE}/at?{query}", 422)
    assert problem["detail"]


def test_one_grid_tells_all_facts(client: FlaskClient) -> None:
    answer = found(client, f"{BASE}/139901001")
    assert answer["name"] == "东街街道"
    assert answer["level"] == "street"
    assert answer["parent"] == "139901"
    assert answer["path"] == ["139900", "139901", "139901001"]
    assert answer["path_names"] == ["试验市", "西县", "东街街道"]
    assert (answer["children"], answer["leaves"], answer["leaf"]) == (4, 4, False)
    assert answer["bbox"][1] == 39.0
    assert answer["bbox"][3] == 39.4
    assert answer["area_m2"] == pytest.approx(379e6, rel=0.01)
    assert answer["valid_from"] == "2026-01-05T04:00:00Z"
    assert answer["version"] == 1


def test_the_root_has_no_parent(client: FlaskClient) -> None:
    assert found(client, f"{BASE}/139900")["parent"] is None


def test_as_of_gives_the_past(client: FlaskClient) -> None:
    rename("139902", "滨海县", 2, dt.datetime(2026, 2, 1, tzinfo=dt.UTC), all_tiles=False)
    assert found(client, f"{BASE}/139902")["name"] == "滨海县"
    assert found(client, f"{BASE}/139902?as_of=2026-01-20")["name"] == "东县"
    assert found(client, f"{BASE}/139902?as_of=2026-01-20T08:00:00%2B08:00")["version"] == 1
    found(client, f"{BASE}/139902?as_of=2020-01-01", 404)


def test_a_former_code_answers_with_the_present_one(client: FlaskClient) -> None:
    recode("139902", "139912", 2, dt.datetime(2026, 2, 1, tzinfo=dt.UTC))
    for code in ("139902", "139912"):
        assert found(client, f"{BASE}/{code}")["code"] == "139912"
        assert found(client, f"{BASE}/{code}?as_of=2026-01-20")["code"] == "139902"
        assert found(client, f"{BASE}/{code}/shape")["id"] == "139912"
        assert found(client, f"{BASE}/{code}/children")["items"] == []
    (hit,) = found(client, f"{BASE}/search?q=139902")["items"]
    assert (hit["code"], hit["former_code"]) == ("139912", "139902")
    (hit,) = found(client, f"{BASE}/search?q=139912")["items"]
    assert hit["former_code"] is None


@pytest.mark.parametrize("path", ["/nix", "/nix/children", "/nix/shape", "/nix/history", "/tree?code=nix", "/%00"])
def test_an_unknown_code_is_404(client: FlaskClient, path: str) -> None:
    assert found(client, BASE + path, 404)["status"] == 404


def test_children_and_tree(client: FlaskClient) -> None:
    below = found(client, f"{BASE}/139900/children")["items"]
    assert [(grid["code"], grid["leaf"]) for grid in below] == [("139901", False), ("139902", True)]
    rows = found(client, f"{BASE}/tree?code=139901002")["items"]
    assert rows[0] == {"code": "139901002", "name": "南街街道", "level": "street", "parent": "139901", "leaves": 4}
    assert len(found(client, f"{BASE}/tree")["items"]) == 13


def test_shape_is_geojson(client: FlaskClient) -> None:
    answer = client.get(f"{BASE}/139901001001/shape")
    assert answer.content_type == "application/geo+json"
    shape = answer.get_json()
    assert shape["properties"]["name"] == "和平社区"
    assert {tuple(corner) for corner in shape["geometry"]["coordinates"][0]} == {
        node(0, 0), node(1, 0), node(1, 1), node(0, 1)
    }  # fmt: skip


def test_search_and_coverage(client: FlaskClient) -> None:
    hits = found(client, f"{BASE}/search?q=hpsq&limit=1")["items"]
    assert [hit["code"] for hit in hits] == ["139901001001"]
    found(client, f"{BASE}/search?q=a&limit=0", 422)
    state = found(client, f"{BASE}/coverage")
    assert state["levels"] == {"city": 1, "county": 2, "street": 2, "community": 8}
    assert state["tiles"][0] == {"zoom": 9, "level": "county"}
    assert (state["version"], state["root"], state["leaves"]) == (1, "139900", 9)


def test_history(client: FlaskClient) -> None:
    items = found(client, f"{BASE}/139902/history")["items"]
    assert [(item["name"], item["version"], item["valid_to"], item["reason"]) for item in items] == [
        ("东县", 1, None, "planted")
    ]


def test_nobody_signed_in_gets_nothing(client: FlaskClient) -> None:
    assert stranger_of(client).get(f"{BASE}/139900").status_code == 401


def test_the_description_names_every_operation_with_its_answer(client: FlaskClient) -> None:
    spec = found(client, "/api/v1/openapi.json")
    for path in ("/at", "/search", "/tree", "/coverage", "/{code}", "/{code}/children", "/{code}/history"):
        operation = spec["paths"][f"{BASE}{path}"]["get"]
        assert operation["summary"], path
        assert operation["responses"]["200"]["content"]["application/json"]["schema"], path
    names = {part["name"]: part["in"] for part in spec["paths"][f"{BASE}/at"]["get"]["parameters"]}
    assert names == {"lon": "query", "lat": "query", "crs": "query", "as_of": "query"}


def test_no_code_can_be_an_address_of_the_system(client: FlaskClient) -> None:
    rules = [str(rule) for rule in client.application.url_map.iter_rules()]
    words = {found[1] for rule in rules if (found := re.match(r"(?:/api/v1)?/grids/([a-z]+)(?:/|$)", rule))}
    assert {"at", "plans", "search"} <= words <= RESERVED


@pytest.mark.parametrize("moment", ["2026", "-1", "1764000000"])
def test_a_number_is_no_moment(client: FlaskClient, moment: str) -> None:
    assert client.get(f"{BASE}/139900?as_of={moment}").status_code == 422
