"""Where on earth a delivered layer lies: its coordinate system, said, missing or contradicted."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import shapely

from core.grids.draft import ImportOptions
from core.grids.gistext import explain
from core.grids.rows import Refusal
from core.text import Text
from core.text import noop as _
from gis.crs import Crs, better_crs, parse_crs, suggest_crs, transform_geometries
from gis.errors import GisError
from gis.lattice import SCALE, Geometries

if TYPE_CHECKING:
    from gis.formats import Layer


@dataclass(frozen=True)
class Framed:
    """The layer's geometries in degrees.

    :param insisted: the person named the system, so it is not doubted.
    """

    crs: Crs
    insisted: bool
    degrees: Geometries


def frame(layer: Layer, options: ImportOptions, parent: Any) -> Framed:
    """Bring the layer into degrees; refuses without a coordinate system, suggesting some.

    :param parent: lattice polygon of the parent, near which the layer should lie; ``None`` when there is none.
    """
    stated = options.crs or layer.crs
    if not stated:
        likely = _suggested(layer, parent) or ["EPSG:4490"]
        raise Refusal(
            _("The file does not say its coordinate system. State it with --crs; most likely it is one of: %(crs)s"),
            suggested={"crs": likely[0]},
            crs=", ".join(likely),
        )
    try:
        crs = parse_crs(stated)
        return Framed(crs, options.crs is not None, transform_geometries(layer.geometries, crs))
    except GisError as error:
        zone = error.params.get("suggested")
        raise Refusal(explain(error), suggested={"crs": zone} if zone else None) from error


def doubt(layer: Layer, framed: Framed, parent: Any) -> None:
    """Refuse a file whose stated system fits the parent clearly worse than another one; ``--crs`` insists."""
    if framed.insisted:
        return
    better = better_crs(layer.geometries, framed.crs, parent)
    if better is not None:
        raise Refusal(
            _(
                "The file says %(stated)s, but its shapes fit the parent grid far better as %(better)s. "
                "Import it with --crs %(better)s, or insist with --crs %(stated)s"
            ),
            suggested={"crs": str(better)},
            stated=str(framed.crs),
            better=str(better),
        )


def unchecked(framed: Framed) -> Text | None:
    """Without a grid to compare with, a shifted file cannot be told from an honest one."""
    if framed.insisted:
        return None
    return Text(
        _(
            "The coordinate system %(crs)s stands in the file and could not be checked: there is no grid to "
            "compare with"
        ),
        {"crs": str(framed.crs)},
    )


def _suggested(layer: Layer, parent: Any) -> list[str]:
    bounds = shapely.total_bounds(layer.geometries)
    if not np.isfinite(bounds).all():
        return []
    near = None if parent is None else float(shapely.centroid(parent).x) / SCALE
    west, south, east, north = (float(value) for value in bounds)
    return [str(crs) for crs in suggest_crs((west, south, east, north), near)]
