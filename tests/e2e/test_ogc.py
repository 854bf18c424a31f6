"""OGC API – Features: what the standard asks, by its own schemas."""

from __future__ import annotations

import base64
import datetime as dt
from typing import Any
from urllib.parse import urlencode
from xml.etree import ElementTree

import numpy as np
import pyproj
import pytest
import shapely
from flask.testing import FlaskClient
from openapi_spec_validator import validate

from core import clock
from core.db.base import new_id
from core.db.session import work
from core.grids.plans import service
from core.grids.plans.drafts import NewPlan
from tests.e2e import ogcschemas
from tests.e2e.clients import TESTER, admin_client, found, stranger_of
from tests.integration.grids.planting import FIRST_DAY, plant

CRS84 = "http://www.opengis.net/def/crs/OGC/1.3/CRS84"
EPSG = "http://www.opengis.net/def/crs/EPSG/0/"


@pytest.fixture
def client(database: str) -> FlaskClient:
    plant()
    return admin_client(ACCEPT="application/json")


def items(client: FlaskClient, of: str = "grids", status: int = 200, **parameters: Any) -> Any:
    values = {key.replace("_", "-"): value for key, value in parameters.items()}
    return found(client, f"/ogc/collections/{of}/items?{urlencode(values)}", status)


def codes(page: Any) -> list[str]:
    return sorted(feature["properties"]["code"] for feature in page["features"])


def test_the_way_in_leads_to_every_document_and_all_keep_the_schemas(client: FlaskClient) -> None:
    landing = found(client, "/ogc")
    ogcschemas.check("landingPage", landing)
    links = {link["rel"]: link["href"] for link in landing["links"]}
    ogcschemas.check("confClasses", found(client, links["conformance"]))
    listed = found(client, links["data"])
    ogcschemas.check("collections", listed)
    assert [one["id"] for one in listed["collections"]] == ["grids", "leaves", "city", "county", "street", "community"]
    for one in listed["collections"]:
        ogcschemas.check("collection", one)
        assert found(client, one["links"][0]["href"]) == one
        page = found(client, one["links"][1]["href"])
        ogcschemas.check("featureCollectionGeoJSON", page)
        assert page["numberReturned"] == page["numberMatched"] == len(page["features"])
    document = found(client, links["service-desc"])
    validate(document)
    assert document["openapi"].startswith("3.0")


def test_features_are_the_grids_as_the_api_tells_them(client: FlaskClient) -> None:
    (feature,) = items(client, code="139901")["features"]
    assert feature["id"] == "139901"
    assert feature["geometry"] == found(client, "/api/v1/grids/139901/shape")["geometry"]
    told = feature["properties"]
    assert (told["name"], told["level"], told["parent"], told["leaf"]) == ("西县", "county", "139900", False)
    one = client.get("/ogc/collections/county/items/139901")
    ogcschemas.check("featureGeoJSON", one.get_json())
    assert one.get_json()["properties"] == told
    assert one.headers["Content-Crs"] == f"<{CRS84}>"
    assert found(client, f"/ogc/collections/grids/items/{told['grid_id']}")["id"] == "139901"
    found(client, "/ogc/collections/street/items/139901", 404)
    found(client, "/ogc/collections/grids/items/nothing", 404)
    found(client, "/ogc/collections/nothing/items", 404)


def test_properties_places_and_collections_choose(client: FlaskClient) -> None:
    assert codes(items(client, level="county")) == codes(items(client, "county")) == ["139901", "139902"]
    assert len(codes(items(client, parent="139901001"))) == 4
    assert all(feature["properties"]["leaf"] for feature in items(client, "leaves")["features"])
    assert codes(items(client, "county", bbox="116.01,39.01,116.02,39.02")) == ["139901"]
    assert codes(items(client, "county", bbox="39.01,116.01,39.02,116.02", bbox_crs=f"{EPSG}4490")) == ["139901"]
    assert codes(items(client, "county", bbox="116.01,39.01,0,116.02,39.02,9")) == ["139901"]
    assert codes(items(client, "county", bbox="179,-1,-179,1")) == []
    assert codes(items(client, name="没有")) == []


def test_pages_follow_each_other_and_hold_every_grid_once(client: FlaskClient) -> None:
    whole = items(client)
    page, seen = items(client, limit=3), []
    while True:
        assert page["numberMatched"] == whole["numberMatched"]
        seen += [feature["id"] for feature in page["features"]]
        following = [link["href"] for link in page["links"] if link["rel"] == "next"]
        if not following:
            break
        page = found(client, following[0])
    assert sorted(seen) == codes(whole)
    assert len(seen) == len(set(seen))


def test_coordinates_come_in_the_system_and_the_order_asked_for(client: FlaskClient) -> None:
    plain = shapely.from_geojson(str(items(client, code="139901")["features"][0]["geometry"]).replace("'", '"'))
    for number in (4490, 4326, 3857, 4548):
        answer = client.get(f"/ogc/collections/grids/items?code=139901&crs={EPSG}{number}")
        assert answer.headers["Content-Crs"] == f"<{EPSG}{number}>"
        got = np.array(answer.get_json()["features"][0]["geometry"]["coordinates"][0])
        there = pyproj.Transformer.from_crs(4490, number)  # in the order of axes of both
        x, y = there.transform(*shapely.get_coordinates(plain)[:, ::-1].T)
        assert np.allclose(got, np.column_stack([x, y]), rtol=0, atol=1e-6)
    assert f"{EPSG}4548" in found(client, "/ogc/collections/grids")["crs"]


def test_a_moment_or_an_interval_shows_the_city_as_it_was(client: FlaskClient) -> None:
    later = FIRST_DAY + dt.timedelta(days=30)
    with clock.turned(lambda: later), work(TESTER) as session:
        service.run_plan(
            session, NewPlan(new_id(), "139900", "x"), [{"op": "rename", "grid": "139901", "name": "新西县"}]
        )

    def name(moment: str) -> list[str]:
        return [feature["properties"]["name"] for feature in items(client, code="139901", datetime=moment)["features"]]

    assert [feature["properties"]["name"] for feature in items(client, code="139901")["features"]] == ["新西县"]
    assert name((later - dt.timedelta(days=1)).isoformat()) == ["西县"]
    assert name(later.date().isoformat()) == ["新西县"]
    assert name("2026-01-06/2026-01-08") == ["西县"]
    assert name("2026-01-06/..") == ["新西县"]
    assert name("../2026-01-08") == ["西县"]
    assert name("2020-01-01") == []


@pytest.mark.parametrize(
    "parameters",
    [
        {"bbox": "1,2,3"}, {"bbox": "a,b,c,d"}, {"bbox": "116,39,117,nan"}, {"bbox": "116,40,117,39"},
        {"bbox": "1,2,3,4", "bbox_crs": "EPSG:4490"}, {"crs": f"{EPSG}2154"}, {"limit": "0"}, {"limit": "x"},
        {"datetime": "yesterday"}, {"datetime": "2026-01-01T00:00:00"}, {"datetime": "../.."},
        {"datetime": "2026-02-01/2026-01-01"}, {"colour": "red"}, {"f": "xml"}, {"after": "-1"},
        {"f": "html"}, {"datetime": "2026-W10-1"},
    ],
)  # fmt: skip
def test_what_cannot_be_understood_is_refused_by_name(client: FlaskClient, parameters: dict[str, str]) -> None:
    problem = items(client, status=400, **parameters)
    assert problem["type"] == "/problems/invalid"
    assert problem["detail"]


def test_more_than_the_most_gives_the_most(client: FlaskClient) -> None:
    assert items(client, limit=1_000_000)["numberReturned"] > 0


def test_who_is_not_known_is_asked_as_programs_are_and_a_token_is_a_password(client: FlaskClient) -> None:
    token = client.environ_base["HTTP_AUTHORIZATION"].removeprefix("Bearer ")
    stranger = stranger_of(client)
    refused = stranger.get("/ogc/collections")
    assert refused.status_code == 401
    assert refused.headers["WWW-Authenticate"].startswith("Basic ")
    assert stranger.get("/ogc", headers={"Accept": "text/html"}).status_code == 302

    def enter(path: str, password: str) -> int:
        basic = base64.b64encode(f"anybody:{password}".encode()).decode()
        return stranger.get(path, headers={"Authorization": f"Basic {basic}"}).status_code

    assert enter("/ogc/collections", token) == 200
    assert enter("/ogc/collections", "wrong") == 401
    assert enter("/api/v1/me", token) == 401


def test_the_way_in_is_a_page_for_people(client: FlaskClient) -> None:
    page = client.get("/ogc", headers={"Accept": "text/html,*/*;q=0.8"})
    assert page.mimetype == "text/html"
    assert "QGIS" in page.get_data(as_text=True)
    assert client.get("/ogc?f=json", headers={"Accept": "text/html"}).is_json


def test_the_project_for_qgis_has_a_layer_for_each_level_and_leads_here(client: FlaskClient) -> None:
    answer = client.get("/ogc/city.qgs")
    assert answer.headers["Content-Disposition"] == "attachment; filename=wangge-139900.qgs"
    text = answer.get_data(as_text=True)
    root = ElementTree.fromstring(text)
    layers = root.findall("./projectlayers/maplayer")
    assert [layer.findtext("layername") for layer in layers] == ["市", "县（市、区）", "乡镇（街道）", "村（社区）"]
    assert {layer.findtext("provider") for layer in layers} == {"OAPIF"}
    sources = [layer.findtext("datasource") or "" for layer in layers]
    assert all("url='http://localhost/ogc'" in source for source in sources)
    assert [node.get("source") for node in root.iter("layer-tree-layer")] == sources


def test_without_a_city_there_is_no_project(database: str) -> None:
    assert admin_client().get("/ogc/city.qgs").status_code == 404
