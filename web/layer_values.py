"""Reference layers as the API and the command line answer them."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from core.layers.service import Brought
from core.layers.views import LayerView
from web.i18n import translate_text


def tile_address(layer: LayerView) -> str:
    """Template of the addresses of a layer's tiles."""
    return f"/tiles/layers/{layer.code}/{layer.version}/{{z}}/{{x}}/{{y}}.mvt"


def layer_values(layer: LayerView) -> dict[str, Any]:
    """One layer."""
    values = {name: value for name, value in asdict(layer).items() if name != "id"}
    return {**values, "extent": list(layer.extent), "left_out": dict(layer.left_out), "url": tile_address(layer)}


def brought_values(brought: Brought) -> dict[str, Any]:
    """The answer of ``wangge layer import --json``."""
    return {
        **layer_values(brought.layer),
        "read": brought.read,
        "replaced": brought.replaced,
        "mended": brought.mended,
        "fields": brought.found,
        "warnings": [translate_text(text) for text in brought.warnings],
    }
