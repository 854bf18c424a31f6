"""What is answered, in the forms of the standard."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final
from urllib.parse import quote, urlencode

import shapely
from flask import Response, request
from flask_babel import gettext

from core import clock
from core.grids.features import LEAVES, FeaturePage
from core.grids.levels import TITLES
from core.text import noop as _
from gis.axes import in_axis_order
from web.media import GEOJSON
from web.ogc.systems import CRS84, STORED, system_of

OPENAPI: Final = "application/vnd.oai.openapi+json;version=3.0"
ALL: Final = "grids"
CONFORMS: Final = (
    "http://www.opengis.net/spec/ogcapi-features-1/1.0/conf/core",
    "http://www.opengis.net/spec/ogcapi-features-1/1.0/conf/oas30",
    "http://www.opengis.net/spec/ogcapi-features-1/1.0/conf/geojson",
    "http://www.opengis.net/spec/ogcapi-features-2/1.0/conf/crs",
)
Extent = tuple[float, float, float, float]


def address(*steps: str, **parameters: Any) -> str:
    """An absolute address below the landing page."""
    path = "/".join(["ogc", *(quote(step, safe="") for step in steps)])
    return f"{request.url_root}{path}{f'?{urlencode(parameters)}' if parameters else ''}"


def link(href: str, rel: str, media_type: str = "application/json", title: str = "") -> dict[str, str]:
    """A link of a document."""
    return {"href": href, "rel": rel, "type": media_type, **({"title": title} if title else {})}


def landing(title: str) -> dict[str, Any]:
    """The way in."""
    return {
        "title": title,
        "description": gettext(_("The grids of the city, today or on any past day, for QGIS and other programs")),
        "links": [
            link(address(), "self"),
            link(address("api"), "service-desc", OPENAPI),
            link(address(f=HTML), "service-doc", "text/html"),
            link(address("conformance"), "conformance"),
            link(address("collections"), "data"),
        ],
    }


HTML: Final = "html"


def collections(levels: Iterable[str]) -> dict[str, str]:
    """The collections there are, with their titles: all grids, the leaves, and one for each level."""
    named = {ALL: gettext(_("Grids of all levels")), LEAVES: gettext(_("Grids at the lowest level"))}
    return {**named, **{level: gettext(TITLES[level]) for level in levels}}


def collection(
    name: str, title: str, extent: Extent | None, since: dt.datetime | None, systems: Sequence[str]
) -> dict[str, Any]:
    """One collection."""
    spatial = {"spatial": {"bbox": [list(extent)], "crs": CRS84}} if extent else {}
    interval = [since.isoformat().replace("+00:00", "Z") if since else None, None]
    return {
        "id": name,
        "title": title,
        "itemType": "feature",
        "extent": {**spatial, "temporal": {"interval": [interval]}},
        "crs": list(systems),
        "storageCrs": STORED,
        "links": [
            link(address("collections", name), "self"),
            link(address("collections", name, "items"), "items", GEOJSON, title),
        ],
    }


def feature_page(name: str, page: FeaturePage, crs: str, parameters: Mapping[str, str]) -> Response:
    """A page of features; the next one is of the same moment, whatever changes meanwhile."""
    here = address("collections", name, "items", **parameters)
    links = [link(here, "self", GEOJSON), link(address("collections", name), "collection")]
    if page.following is not None:
        at = {"datetime": clock.now().isoformat().replace("+00:00", "Z")}
        further = {**at, **parameters, "after": str(page.following)}
        links.append(link(address("collections", name, "items", **further), "next", GEOJSON))
    head = {
        "type": "FeatureCollection",
        "timeStamp": clock.now().isoformat(timespec="seconds").replace("+00:00", "Z"),
        "numberMatched": page.matched,
        "numberReturned": len(page.rows),
        "links": links,
    }
    body = f'{json.dumps(head, ensure_ascii=False)[:-1]}, "features": [{", ".join(_features(page, crs))}]}}'
    return _geojson(body, crs)


def feature(name: str, page: FeaturePage, crs: str) -> Response:
    """The one feature of a page."""
    code = page.rows[0]["code"]
    links = [
        link(address("collections", name, "items", code), "self", GEOJSON),
        link(address("collections", name), "collection"),
    ]
    (body,) = _features(page, crs, {"links": links})
    return _geojson(body, crs)


def _features(page: FeaturePage, crs: str, more: Mapping[str, Any] | None = None) -> list[str]:
    system = system_of(crs)
    moved = page.geometries if system is None else in_axis_order(page.geometries, system)
    texts = shapely.to_geojson(moved)
    features = []
    for row, geometry in zip(page.rows, texts, strict=True):
        properties = {key: row[key] for key in row if key != "shape"}
        properties["valid_from"] = row["valid_from"].astimezone(dt.UTC).isoformat().replace("+00:00", "Z")
        head = {"type": "Feature", "id": row["code"], **(more or {}), "properties": properties}
        features.append(f'{json.dumps(head, ensure_ascii=False)[:-1]}, "geometry": {geometry}}}')
    return features


def _geojson(body: str, crs: str) -> Response:
    answer = Response(body, mimetype=GEOJSON)
    answer.headers["Content-Crs"] = f"<{crs}>"
    return answer
