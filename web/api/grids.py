"""API v1: grids, the tree, the coverage; today or as of any past moment."""

from __future__ import annotations

from typing import Any

import numpy as np
from apiflask import APIBlueprint
from flask import Response, jsonify

from core.errors import NotFound
from core.grids import queries
from core.grids.bordering import leaves_near
from core.grids.formers import find_grids, known_bearer
from core.grids.locating import locate
from core.grids.tiles import levels_by_zoom
from core.grids.views import GridView
from core.text import noop as _
from gis.crs import named_crs, to_cgcs2000
from gis.lattice import point
from web import media
from web.actor_words import actor_words
from web.api.describing import problems
from web.api.grid_schemas import (
    GEOJSON,
    CoverageOut,
    GridDetail,
    GridList,
    HistoryOut,
    HitList,
    HitOut,
    Moment,
    Near,
    NearList,
    Part,
    Place,
    TreeOut,
    Typed,
)
from web.db import read

bp = APIBlueprint("api_grids", __name__, url_prefix="/api/v1", tag="grids")


@bp.get("/grids/at")
@bp.input(Place, location="query")
@bp.output(HitOut)
@bp.doc(summary="The leaf that owns a point", responses=problems(404))
def grid_at(query_data: Place) -> dict[str, Any]:
    """Exactly one grid owns each point inside the city; outside it is 404."""
    lonlat = to_cgcs2000(np.array([[query_data.lon, query_data.lat]]), named_crs(query_data.crs))
    x, y = point(float(lonlat[0, 0]), float(lonlat[0, 1]))
    with read() as session:
        found = locate(session, x, y, query_data.as_of)
    if found is None:
        raise NotFound(_("No grid holds this point: it lies outside the city"))
    return hit_values(found)


@bp.get("/grids/near")
@bp.input(Near, location="query")
@bp.output(NearList)
@bp.doc(summary="The leaves close to a point", operation_id="grids_near")
def grids_near(query_data: Near) -> dict[str, Any]:
    """Close to a border both sides, so that a person sees before reporting which of them is meant."""
    asked = query_data
    lonlat = to_cgcs2000(np.array([[asked.lon, asked.lat]]), named_crs(asked.crs))
    x, y = point(float(lonlat[0, 0]), float(lonlat[0, 1]))
    with read() as session:
        found = leaves_near(session, x, y, asked.metres)
    return {"items": [{**hit_values(one.grid), "metres": round(one.metres, 2), "owner": one.owner} for one in found]}


@bp.get("/grids/search")
@bp.input(Typed, location="query")
@bp.output(HitList)
@bp.doc(summary="Find grids by code, name, former code or name, pinyin or initials")
def search(query_data: Typed) -> dict[str, Any]:
    """Best first."""
    with read() as session:
        found = find_grids(session, query_data.q, query_data.limit, query_data.as_of)
    hits = [{**grid_values(hit.grid), "former_code": hit.former, "former_name": hit.former_name} for hit in found]
    return {"items": hits}


@bp.get("/grids/tree")
@bp.input(Part, location="query")
@bp.output(TreeOut)
@bp.doc(summary="The grid tree, parents before children", responses=problems(404))
def tree(query_data: Part) -> dict[str, Any]:
    """Every line with the number of leaves at or below it."""
    with read() as session:
        rows = queries.tree(session, query_data.code, query_data.as_of)
        if not rows and query_data.code is not None:
            raise NotFound(queries.NO_SUCH_GRID, code=query_data.code)
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
@bp.doc(summary="One grid", responses=problems(404))
def grid(code: str, query_data: Moment) -> dict[str, Any]:
    """With its parents, area, label point, bounds and the numbers below it.

    A code that the grid bore before answers too. `code` is the one it bears at the moment asked for: where that is
    not the code in the address, the grid was given another, and a script should keep the new one.
    """
    with read() as session:
        view = known_bearer(session, code, query_data.as_of)
        children, leaves = queries.numbers_below(session, view.code, query_data.as_of)
        extent = queries.extent_of(session, view.code, query_data.as_of)
    return {**grid_values(view), "bbox": list(extent or ()), "children": children, "leaves": leaves}


@bp.get("/grids/<code>/children")
@bp.input(Moment, location="query")
@bp.output(GridList)
@bp.doc(summary="The grids right below", responses=problems(404))
def grid_children(code: str, query_data: Moment) -> dict[str, Any]:
    """By code; of a grid that bore the code before, too."""
    with read() as session:
        view = known_bearer(session, code, query_data.as_of)
        below = queries.children(session, view.code, query_data.as_of)
    return {"items": [grid_values(child) for child in below]}


@bp.get("/grids/<code>/shape")
@bp.input(Moment, location="query")
@bp.doc(
    summary="The outline as a GeoJSON feature",
    responses={**GEOJSON, **problems(404)},
)
def grid_shape(code: str, query_data: Moment) -> Response:
    """On the lattice: seven decimals say all; EPSG:4490. A code that the grid bore before answers too."""
    with read() as session:
        view = known_bearer(session, code, query_data.as_of)
        geometry = queries.outline(session, view.code, query_data.as_of)
    properties = {"code": view.code, "name": view.name, "level": view.level, "title": view.name}
    answer = jsonify(type="Feature", id=view.code, properties=properties, geometry=geometry)
    answer.mimetype = media.GEOJSON
    return answer


@bp.get("/grids/<code>/history")
@bp.output(HistoryOut)
@bp.doc(summary="Every period of the grid's life", responses=problems(404))
def grid_history(code: str) -> dict[str, Any]:
    """Newest first, each with the change that began it; also of a retired grid."""
    with read() as session:
        periods = queries.history(session, queries.known_last_bearer(session, code))
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
                "actor": actor_words(period.actor_name, period.actor),
                "noded": period.noded,
                "effective_on": period.effective_on,
                "plan": str(period.plan_id) if period.plan_id else None,
                "born_below": period.born_below,
                "ended_below": period.ended_below,
            }
            for period in periods
        ]
    }


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
