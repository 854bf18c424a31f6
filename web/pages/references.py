"""`/map/references`: the reference layers under every map, and what of them was clicked."""

from __future__ import annotations

import math
from typing import Any, Final

from apiflask import APIBlueprint
from flask import render_template, request
from flask_babel import gettext

from core.errors import Invalid
from core.layers.kinds import ABOUT
from core.layers.queries import features_near, layers
from core.layers.views import MOST_ZOOM
from core.text import noop as _
from web import context
from web.db import read
from web.layer_values import tile_address

bp = APIBlueprint("references", __name__, enable_openapi=False)

CLICK_PIXELS: Final = 4
LEAST_ZOOM: Final = 10
"""From farther away a click is no wider than at this zoom."""
MOST_FEATURES: Final = 3


def shown_layers() -> list[dict[str, Any]]:
    """The layers as the map draws them, the lowest first, in the reader's language."""
    with read() as session:
        return [
            {
                "code": layer.code,
                "kind": layer.kind,
                "title": layer.title(context.language()),
                "url": tile_address(layer),
                "attribution": layer.attribution,
                "min_zoom": layer.min_zoom,
                "max_zoom": MOST_ZOOM,
                "shown": layer.shown,
            }
            for layer in layers(session)
        ]


@bp.get("/map/references")
def references() -> dict[str, Any]:
    """The reference layers under every map, the lowest first, in the reader's language."""
    return {"title": gettext("Reference layers"), "layers": shown_layers()}


@bp.get("/map/references/at")
def reference_card() -> str:
    """Fragment for the map's right pane: the things of reference layers under a click, with what was kept of them."""
    lon, lat, zoom = (request.args.get(name, type=float) for name in ("lon", "lat", "z"))
    if lon is None or lat is None or zoom is None or not all(map(math.isfinite, (lon, lat, zoom))):
        raise Invalid(_("Say the place by lon and lat, and the zoom by z"))
    reach = CLICK_PIXELS * 360 / 256 / 2 ** min(max(zoom, LEAST_ZOOM), MOST_ZOOM)
    with read() as session:
        found = features_near(session, request.args.getlist("of"), lon, lat, reach, MOST_FEATURES)
    features = [
        {
            "title": each.layer.title(context.language()),
            "name": each.name,
            "kind": gettext(ABOUT[each.layer.kind].title),
            "klass": each.klass,
            "facts": [(name, str(value)) for name, value in each.attributes.items() if value not in (None, "")],
        }
        for each in found
    ]
    return render_template("map/reference_card.html", features=features)
