"""Where on earth a delivered layer lies: its coordinate system, said, missing or contradicted."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
import shapely

from core.intake.options import ReadOptions
from core.intake.refusals import Refusal, Remedy, refusal_of
from core.intake.systems import system_text, systems_text
from core.text import Text
from core.text import noop as _
from gis.crs import Crs, named_crs, parse_crs, suggest_crs, transform_geometries
from gis.errors import GisError
from gis.fits import better_crs, shares
from gis.lattice import SCALE, Geometries

if TYPE_CHECKING:
    from gis.formats import Layer


HALF = 0.5
"""Of a layer, or of what it shall tile: with less in common it lies beside."""


@dataclass(frozen=True)
class Framed:
    """The layer's geometries in degrees.

    :param by: who named the system: what a person insists on is not doubted.
    """

    crs: Crs
    by: Literal["person", "file", "standard"]
    degrees: Geometries


def frame(layer: Layer, options: ReadOptions, parent: Any) -> Framed:
    """Bring the layer into degrees; refuses without a coordinate system, suggesting some.

    :param parent: lattice polygon of the parent, near which the layer should lie; ``None`` when there is none.
    """
    stated = options.crs or layer.crs
    if not stated:
        likely = _suggested(layer, parent) or ["EPSG:4490"]
        unclear = next((note.params["stated"] for note in layer.notes if note.code == "crs_unclear"), None)
        raise Refusal(
            _("The file does not say its coordinate system; most likely it is one of: %(crs)s")
            if unclear is None
            else _(
                "The file names the coordinate system %(stated)s, which is not known; most likely it is one of: %(crs)s"
            ),
            stated=unclear,
            remedies=[Remedy("crs", {"crs": likely[0]})],
            suggested={"crs": likely[0]},
            crs=systems_text(likely),
        )
    try:
        crs = named_crs(stated) if options.crs else parse_crs(stated)
        by = "person" if options.crs else layer.crs_by
        return Framed(crs, by, transform_geometries(layer.geometries, crs))
    except GisError as error:
        raise refusal_of(error) from error


def doubt(layer: Layer, framed: Framed, parent: Any, called: str) -> bool:
    """Refuse a layer that lies beside its parent, and a file whose stated system fits it clearly worse than another.

    A person who insists on a system is believed wherever the layer still lies on the parent.
    Gives whether the layer lies mostly beside the parent though it covers it: then cleaning would cut most of it off.

    :param called: code and name of the parent.
    """
    own, covered = shares(framed.degrees, parent)
    beside = max(own, covered) < HALF
    if framed.by == "person" and not beside:
        return own < HALF
    better = better_crs(layer.geometries, framed.crs, parent)
    if better is not None:
        insist = () if beside else (Remedy("insist_crs", {"crs": str(framed.crs)}),)
        raise Refusal(
            _("The file says %(stated)s, but its shapes fit the parent grid %(parent)s far better as %(better)s")
            if framed.by != "person"
            else _(
                "As %(stated)s, which was chosen, the layer lies beside the parent grid %(parent)s; it fits as "
                "%(better)s"
            ),
            remedies=[Remedy("crs", {"crs": str(better)}), *insist],
            suggested={"crs": str(better)},
            parent=called,
            stated=system_text(str(framed.crs)),
            better=system_text(str(better)),
        )
    if beside:
        raise Refusal(
            _("As %(stated)s the layer lies beside the parent grid %(parent)s: less than half of it lies there"),
            remedies=[Remedy("parent"), Remedy("true_crs")],
            parent=called,
            stated=system_text(str(framed.crs)),
        )
    return own < HALF


def unchecked(framed: Framed) -> Text | None:
    """Without a grid to compare with, a shifted file cannot be told from an honest one."""
    if framed.by == "person":
        return None
    if framed.by == "standard":
        return Text(
            _(
                "The file does not say its coordinate system; by the standard of its format it is %(crs)s. That could "
                "not be checked: there is no grid to compare with"
            ),
            {"crs": system_text(str(framed.crs))},
        )
    return Text(
        _(
            "The coordinate system %(crs)s stands in the file and could not be checked: there is no grid to "
            "compare with"
        ),
        {"crs": system_text(str(framed.crs))},
    )


def _suggested(layer: Layer, parent: Any) -> list[str]:
    bounds = shapely.total_bounds(layer.geometries)
    if not np.isfinite(bounds).all():
        return []
    near = None if parent is None else float(shapely.centroid(parent).x) / SCALE
    west, south, east, north = (float(value) for value in bounds)
    return [str(crs) for crs in suggest_crs((west, south, east, north), near)]
