"""``/healthz``: the process lives. ``/readyz``: database, migrations and assets are ready."""

from __future__ import annotations

from apiflask import APIBlueprint
from flask import Response, current_app, jsonify
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

from core.actor import Actor
from core.db.migrate import current, newest
from core.db.session import reading
from web import slots
from web.assets import AssetError, manifest

bp = APIBlueprint("health", __name__, enable_openapi=False)

PROBE = Actor("system", "system:health", "health")


@bp.get("/healthz")
def healthz() -> Response:
    """The process answers, and says which plugins it has loaded."""
    return jsonify(status="ok", plugin_epoch=slots.loaded_epoch(current_app))


@bp.get("/readyz")
def readyz() -> tuple[Response, int]:
    """200 only when database, migrations and assets are ready; else 503 with what is missing."""
    checks = {"database": False, "migrations": False, "assets": _has_assets()}
    epoch = None
    try:
        with reading(PROBE) as session:
            checks["database"] = True
            checks["migrations"] = current(session.connection()) == newest()
            epoch = session.scalar(text("select plugin_epoch from core.instance"))
    except SQLAlchemyError:
        checks["database"] = False
    ready = all(checks.values())
    return jsonify(status="ok" if ready else "unready", checks=checks, plugin_epoch=epoch), 200 if ready else 503


def _has_assets() -> bool:
    try:
        return bool(manifest())
    except AssetError:
        return False
