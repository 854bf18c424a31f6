"""The description of the interface in OpenAPI 3.0, as the standard asks."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from core.grids.features import FILTERS
from core.grids.views import LEVELS
from web.media import GEOJSON
from web.ogc.asking import MOST, USUAL


def document(base: str, collections: Sequence[str], systems: Sequence[str]) -> dict[str, Any]:
    """The document of this server.

    :param base: absolute address of the landing page.
    """
    return {
        "openapi": "3.0.3",
        "info": {
            "title": "Wangge, OGC API - Features",
            "version": "1.0",
            "description": "Grids of a city. Authenticate by `Authorization: Bearer <token>`, or by HTTP Basic with "
            "any user name and the token as password.",
        },
        "servers": [{"url": base}],
        "security": [{"bearer": []}, {"basic": []}],
        "paths": _paths(),
        "components": {
            "securitySchemes": {
                "bearer": {"type": "http", "scheme": "bearer"},
                "basic": {"type": "http", "scheme": "basic"},
            },
            "parameters": _parameters(collections, systems),
            "responses": {
                "problem": {
                    "description": "A refusal or fault (RFC 9457)",
                    "content": {"application/problem+json": {"schema": {"type": "object"}}},
                }
            },
        },
    }


def _paths() -> dict[str, Any]:
    some = ["limit", "bbox", "bbox-crs", "datetime", "crs", "after", *FILTERS]
    return {
        "/": _get("The way in", "landing"),
        "/conformance": _get("What of the standard is kept", "conformance"),
        "/collections": _get("The collections", "collections"),
        "/collections/{collectionId}": _get("One collection", "collection", ["collectionId"]),
        "/collections/{collectionId}/items": _get("Grids", "items", ["collectionId", *some], GEOJSON),
        "/collections/{collectionId}/items/{featureId}": _get(
            "One grid", "item", ["collectionId", "featureId", "datetime", "crs"], GEOJSON
        ),
    }


def _get(summary: str, name: str, parameters: Sequence[str] = (), media_type: str = "application/json") -> Any:
    headers = {"Content-Crs": {"description": "The system of the coordinates, in <>.", "schema": {"type": "string"}}}
    done = {
        "description": summary,
        "content": {media_type: {"schema": {"type": "object"}}},
        **({"headers": headers} if media_type == GEOJSON else {}),
    }
    problem = {"$ref": "#/components/responses/problem"}
    return {
        "get": {
            "summary": summary,
            "operationId": name,
            "parameters": [{"$ref": f"#/components/parameters/{parameter}"} for parameter in parameters],
            "responses": {"200": done, "400": problem, "401": problem, "404": problem, "default": problem},
        }
    }


def _parameters(collections: Sequence[str], systems: Sequence[str]) -> dict[str, Any]:
    system = {"type": "string", "format": "uri", "enum": list(systems)}
    numbers = {"type": "array", "items": {"type": "number"}, "minItems": 4, "maxItems": 6}
    levels = {"type": "string", "enum": list(LEVELS)}
    return {
        "collectionId": _path("collectionId", {"type": "string", "enum": list(collections)}),
        "featureId": _path("featureId", {"type": "string"}, "A grid's code, present or former, or its id."),
        "limit": _query("limit", {"type": "integer", "minimum": 1, "maximum": MOST, "default": USUAL}),
        "after": _query("after", {"type": "integer", "minimum": 0}, "Where a page begins: follow the link `next`."),
        "bbox": {**_query("bbox", numbers, "Lower corner, upper corner, in `bbox-crs`."), "explode": False},
        "bbox-crs": _query("bbox-crs", system),
        "crs": _query("crs", system, "The system of the coordinates that are answered, in its own order of axes."),
        "datetime": _query(
            "datetime",
            {"type": "string"},
            "The city at that moment; of a date its end; of an interval the latest state inside it. Without it: now.",
        ),
        **{name: _query(name, levels if name == "level" else {"type": "string"}) for name in FILTERS},
    }


def _query(name: str, schema: Any, description: str = "") -> dict[str, Any]:
    return {
        "name": name,
        "in": "query",
        "required": False,
        "schema": schema,
        "style": "form",
        **({"description": description} if description else {}),
    }


def _path(name: str, schema: Any, description: str = "") -> dict[str, Any]:
    return {"name": name, "in": "path", "required": True, "schema": schema, "description": description or name}
