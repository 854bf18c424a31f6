"""API v1: reference layers under the grids, as maps list them; their shapes come as tiles."""

from __future__ import annotations

import datetime as dt
from typing import Any, Literal

from apiflask import APIBlueprint
from pydantic import BaseModel, Field

from core.layers import queries
from core.layers.views import MOST_ZOOM, LayerView
from web.api.describing import problems
from web.context import language
from web.db import read
from web.layer_values import layer_values

bp = APIBlueprint("api_layers", __name__, url_prefix="/api/v1", tag="reference layers")


class ReferenceLayerOut(BaseModel):
    """One reference layer."""

    code: str
    kind: Literal["water", "buildings", "roads", "housenumbers", "other"]
    title: str = Field(description="In the reader's language.")
    title_zh: str
    title_en: str
    source: str
    licence: str
    attribution: str
    min_zoom: int = Field(description="From which zoom there are tiles.")
    max_zoom: int = Field(description="The deepest zoom that has tiles of its own.")
    shown: bool = Field(description="Whether maps show it at first.")
    position: int = Field(description="The lower, the deeper under the others.")
    version: int
    features: int
    left_out: dict[str, int] = Field(description="Rows of the file that are not drawn, by reason.")
    geometry_type: Literal["point", "line", "polygon", "mixed"]
    extent: list[float] = Field(description="West, south, east, north.")
    imported_at: dt.datetime
    imported_by: str
    url: str = Field(description="Of its vector tiles, with `{z}`, `{x}`, `{y}`; new with every import.")


class ReferenceLayersOut(BaseModel):
    """All reference layers, the lowest on the map first."""

    items: list[ReferenceLayerOut]


@bp.get("/reference-layers")
@bp.output(ReferenceLayersOut)
@bp.doc(summary="Roads, water, buildings and house numbers under the grids")
def all_layers() -> dict[str, Any]:
    """Open to everybody who is signed in, as the map is."""
    with read() as session:
        return {"items": [_values(view) for view in queries.layers(session)]}


@bp.get("/reference-layers/<code>")
@bp.output(ReferenceLayerOut)
@bp.doc(summary="One reference layer", responses=problems(404))
def one_layer(code: str) -> dict[str, Any]:
    """By its code."""
    with read() as session:
        return _values(queries.layer_by_code(session, code))


def _values(view: LayerView) -> dict[str, Any]:
    return {
        **layer_values(view),
        "title": view.title(language()),
        "attribution": view.attribution,
        "max_zoom": MOST_ZOOM,
        "imported_by": view.imported_by_name,
    }
