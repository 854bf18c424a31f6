"""API v1: grids, the tree, the coverage; today or as of any past moment."""

from __future__ import annotations

import datetime as dt
from typing import Annotated, Any, Literal

import numpy as np
from apiflask import APIBlueprint
from flask import Response, jsonify
from pydantic import BaseModel, ConfigDict, Field, field_validator

from core.db.session import WorkSession
from core.errors import NotFound
from core.grids import queries
from core.grids.locating import locate
from core.grids.queries import AsOf
from core.grids.search import search_grids
from core.grids.tiles import levels_by_zoom
from core.grids.views import GridView
from core.text import noop as _
from gis.crs import parse_crs, to_cgcs2000
from gis.lattice import point
from web.db import read

bp = APIBlueprint("api_grids", __name__, url_prefix="/api/v1", tag="grids")

Level = Literal["city", "county", "street", "community", "grid", "micro"]
PROBLEM: dict[str, str | dict[str, dict[str, Any]]] = {
    "description": "Not found",
    "content": {"application/problem+json": {}},
}


class Moment(BaseModel):
    """Which moment is asked for."""

    model_config = ConfigDict(extra="forbid")

    as_of: dt.datetime | dt.date | None = Field(
        None, description="A moment, or a day, whose end is meant; without it: now."
    )

    @field_validator("as_of", mode="before")
    @classmethod
    def _bare_date(cls, value: object) -> object:
        return dt.date.fromisoformat(value) if isinstance(value, str) and len(value) == 10 else value


class Place(Moment):
    """A point and its coordinate system."""

    lon: float = Field(description="Longitude in degrees; easting in metres for a projected `crs`.")
    lat: float = Field(description="Latitude in degrees; northing in metres for a projected `crs`.")
    crs: str = Field("EPSG:4490", max_length=20, description="`EPSG:<number>`, `gcj02` or `bd09`.")


class Typed(BaseModel):
    """What a person typed."""

    model_config = ConfigDict(extra="forbid")

    q: str = Field(max_length=100, description="Code, name, pinyin or initials; words are parted by blanks.")
    limit: int = Field(20, ge=1, le=200)


class Part(Moment):
    """Which part of the tree."""

    code: str | None = Field(None, max_length=64, description="Top of the part; without it: everything.")


class PointOut(BaseModel):
    """A point in degrees, EPSG:4490."""

    lon: float
    lat: float


class HitOut(BaseModel):
    """The leaf that owns a point; ``path`` is the codes from the root."""

    code: str
    name: str
    level: Level
    path: list[str]


class GridOut(HitOut):
    """One grid in a list."""

    kind: str
    parent: str | None
    path_names: list[str]
    area_m2: float = Field(description="Geodesic area on GRS80.")
    label: PointOut
    leaf: bool
    valid_from: dt.datetime
    version: int = Field(description="Coverage version this was read at.")


class GridDetail(GridOut):
    """One grid with what lies below it."""

    bbox: Annotated[list[float], Field(min_length=4, max_length=4, description="West, south, east, north.")]
    children: int
    leaves: int


class GridList(BaseModel):
    """Grids in order."""

    items: list[GridOut]


class TreeRowOut(BaseModel):
    """A line of the tree."""

    code: str
    name: str
    level: Level
    parent: str | None
    leaves: int


class TreeOut(BaseModel):
    """Lines of the tree, parents before children."""

    items: list[TreeRowOut]


class PeriodOut(BaseModel):
    """One period of a grid's life."""

    code: str
    name: str
    kind: str
    area_m2: float
    valid_from: dt.datetime
    valid_to: dt.datetime | None
    version: int
    change: str
    change_kind: str
    reason: str
    actor: str


class HistoryOut(BaseModel):
    """Periods, newest first."""

    items: list[PeriodOut]


class ZoomLevel(BaseModel):
    """Up to this zoom the tiles show this level."""

    zoom: int
    level: Level


class CoverageOut(BaseModel):
    """The whole coverage."""

    version: int
    root: str | None
    levels: dict[Level, int]
    leaves: int
    extent: list[float] | None
    tiles: list[ZoomLevel]
    proof: dict[str, Any] | None = Field(description="What the last full proof said.")


@bp.get("/grids/at")
@bp.input(Place, location="query")
@bp.output(HitOut)
@bp.doc(summary="The leaf that owns a point", responses={404: PROBLEM})
def grid_at(query_data: Place) -> dict[str, Any]:
    """Exactly one grid owns each point inside the city; outside it is 404."""
    lonlat = to_cgcs2000(np.array([[query_data.lon, query_data.lat]]), parse_crs(query_data.crs))
    x, y = point(float(lonlat[0, 0]), float(lonlat[0, 1]))
    with read() as session:
        found = locate(session, x, y, query_data.as_of)
    if found is None:
        raise NotFound(_("No grid holds this point: it lies outside the city"))
    return hit_values(found)


@bp.get("/grids/search")
@bp.input(Typed, location="query")
@bp.output(GridList)
@bp.doc(summary="Find grids by code, name, pinyin or initials")
def search(query_data: Typed) -> dict[str, Any]:
    """Best first."""
    with read() as session:
        return {"items": [grid_values(grid) for grid in search_grids(session, query_data.q, query_data.limit)]}


@bp.get("/grids/tree")
@bp.input(Part, location="query")
@bp.output(TreeOut)
@bp.doc(summary="The grid tree, parents before children", responses={404: PROBLEM})
def tree(query_data: Part) -> dict[str, Any]:
    """Every line with the number of leaves at or below it."""
    with read() as session:
        rows = queries.tree(session, query_data.code, query_data.as_of)
        if not rows and query_data.code is not None:
            raise _unknown(query_data.code)
    return {
        "items": [
            {"code": row.code, "name": row.name, "level": row.level, "parent": row.parent, "leaves": row.leaves}
            for row in rows
        ]
    }


@bp.get("/grids/coverage")
@bp.output(CoverageOut)
@bp.doc(summary="Version, levels, extent and proof of the coverage")
def coverage() -> dict[str, Any]:
    """The state of the whole."""
    with read() as session:
        state = queries.coverage_state(session)
    return {
        "version": state.version,
        "root": state.root.code if state.root else None,
        "levels": dict(state.levels),
        "leaves": state.leaves,
        "extent": list(state.extent) if state.extent else None,
        "tiles": [{"zoom": zoom, "level": level} for zoom, level in levels_by_zoom(list(state.levels))],
        "proof": dict(state.proof) if state.proof else None,
    }


@bp.get("/grids/<code>")
@bp.input(Moment, location="query")
@bp.output(GridDetail)
@bp.doc(summary="One grid", responses={404: PROBLEM})
def grid(code: str, query_data: Moment) -> dict[str, Any]:
    """With its parents, area, label point, bounds and the numbers below it."""
    with read() as session:
        view = wanted_grid(session, code, query_data.as_of)
        children, leaves = queries.numbers_below(session, code, query_data.as_of)
        extent = queries.extent_of(session, code, query_data.as_of)
    return {**grid_values(view), "bbox": list(extent or ()), "children": children, "leaves": leaves}


@bp.get("/grids/<code>/children")
@bp.input(Moment, location="query")
@bp.output(GridList)
@bp.doc(summary="The grids right below", responses={404: PROBLEM})
def grid_children(code: str, query_data: Moment) -> dict[str, Any]:
    """By code."""
    with read() as session:
        wanted_grid(session, code, query_data.as_of)
        below = queries.children(session, code, query_data.as_of)
    return {"items": [grid_values(child) for child in below]}


@bp.get("/grids/<code>/shape")
@bp.input(Moment, location="query")
@bp.doc(
    summary="The outline as a GeoJSON feature",
    responses={200: {"description": "A feature", "content": {"application/geo+json": {}}}, 404: PROBLEM},
)
def grid_shape(code: str, query_data: Moment) -> Response:
    """On the lattice: seven decimals say all; EPSG:4490."""
    with read() as session:
        view = wanted_grid(session, code, query_data.as_of)
        geometry = queries.outline(session, code, query_data.as_of)
    properties = {"code": view.code, "name": view.name, "level": view.level, "title": view.name}
    answer = jsonify(type="Feature", id=view.code, properties=properties, geometry=geometry)
    answer.mimetype = "application/geo+json"
    return answer


@bp.get("/grids/<code>/history")
@bp.output(HistoryOut)
@bp.doc(summary="Every period of the grid's life", responses={404: PROBLEM})
def grid_history(code: str) -> dict[str, Any]:
    """Newest first, each with the change that began it."""
    with read() as session:
        periods = queries.history(session, wanted_grid(session, code).id)
    return {
        "items": [
            {
                "code": period.code,
                "name": period.name,
                "kind": period.kind,
                "area_m2": period.area_m2,
                "valid_from": period.valid_from,
                "valid_to": period.valid_to,
                "version": period.version,
                "change": str(period.change_id),
                "change_kind": period.change_kind,
                "reason": period.reason,
                "actor": period.actor_name,
            }
            for period in periods
        ]
    }


def wanted_grid(session: WorkSession, code: str, as_of: AsOf = None) -> GridView:
    """The grid of that code, else ``NotFound``."""
    view = queries.grid_by_code(session, code, as_of)
    if view is None:
        raise _unknown(code)
    return view


def hit_values(view: GridView) -> dict[str, Any]:
    """What a located point's answer says of its grid."""
    return {"code": view.code, "name": view.name, "level": view.level, "path": list(view.path_codes)}


def grid_values(view: GridView) -> dict[str, Any]:
    """A grid as the API lists it."""
    return {
        **hit_values(view),
        "kind": view.kind,
        "parent": view.path_codes[-2] if len(view.path_codes) > 1 else None,
        "path_names": list(view.path_names),
        "area_m2": view.area_m2,
        "label": {"lon": view.lon, "lat": view.lat},
        "leaf": view.leaf,
        "valid_from": view.valid_from,
        "version": view.version,
    }


def _unknown(code: str) -> NotFound:
    return NotFound(_("There is no grid with the code %(code)s"), code=code)
