"""`/api/v1/plugins`: what is installed, switching on and off; `/api/v1/layers`: the plugins' layers as GeoJSON."""

from __future__ import annotations

from typing import Any

from apiflask import APIBlueprint
from pydantic import BaseModel

from core.access.policy import require
from core.errors import NotFound, Unusable
from core.plugin import queries, service
from core.plugin.failure import Broken
from core.settings import get_settings
from core.text import noop as _
from web import slots
from web.db import actor, read
from web.hooks import Feature
from web.i18n import translate_text
from web.plugin_site import plugin_site

bp = APIBlueprint("api_plugins", __name__, url_prefix="/api/v1", tag="plugins")


class PluginOut(BaseModel):
    """One plugin."""

    name: str
    distribution: str
    version: str
    state: str
    reason: str
    kinds: list[str]
    layers: list[str]
    panels: list[str]


class PluginsOut(BaseModel):
    """Every plugin."""

    items: list[PluginOut]


class LayerOut(BaseModel):
    """A GeoJSON feature collection."""

    type: str
    features: list[dict[str, Any]]


@bp.get("/plugins")
@bp.output(PluginsOut)
def list_plugins() -> dict[str, Any]:
    """Every plugin, by name."""
    require(actor(), service.MANAGE)
    with read() as session:
        return {"items": [view.to_json(translate_text) for view in queries.plugins(session, get_settings())]}


@bp.get("/plugins/<name>")
@bp.output(PluginOut)
def show_plugin(name: str) -> dict[str, Any]:
    """One plugin."""
    require(actor(), service.MANAGE)
    with read() as session:
        return queries.plugin(session, get_settings(), name).to_json(translate_text)


@bp.post("/plugins/<name>/enable")
@bp.output(PluginOut)
def enable_plugin(name: str) -> dict[str, Any]:
    """Switch on; twice is the same as once. The workers renew themselves right after the answer."""
    return service.enable_plugin(actor(), plugin_site(), name).to_json(translate_text)


@bp.post("/plugins/<name>/disable")
@bp.output(PluginOut)
def disable_plugin(name: str) -> dict[str, Any]:
    """Switch off at once; data stays."""
    return service.disable_plugin(actor(), plugin_site(), name).to_json(translate_text)


@bp.get("/layers/<name>")
@bp.output(LayerOut)
def layer(name: str) -> dict[str, Any]:
    """A plugin's layer, as far as this person may see it."""
    try:
        found = slots.layer_features(name, actor())
    except Broken as broken:
        raise Unusable(
            _("The layer %(name)s does not answer: %(error)s"), name=name, error=broken.failure.error
        ) from None
    if found is None:
        raise NotFound(_("There is no layer %(name)s"), name=name)
    _layer, features = found
    return {"type": "FeatureCollection", "features": [_feature(feature) for feature in features]}


def _feature(feature: Feature) -> dict[str, Any]:
    properties = {**feature.values, "title": feature.title, "text": feature.text, "href": feature.href}
    return {"type": "Feature", "geometry": dict(feature.geometry), "properties": properties}
