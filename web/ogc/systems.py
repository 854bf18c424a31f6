"""Coordinate systems by the addresses that the standard gives them."""

from __future__ import annotations

import math
import re
from typing import Final

from gis.crs import Crs
from gis.zones import zones

CRS84: Final = "http://www.opengis.net/def/crs/OGC/1.3/CRS84"
EPSG: Final = "http://www.opengis.net/def/crs/EPSG/0/"
STORED: Final = f"{EPSG}4490"
EVERYWHERE: Final = (CRS84, STORED, f"{EPSG}4326", f"{EPSG}3857")
NEAR_DEGREES: Final = 3
"""A zone is offered to a city whose middle lies no farther from its meridian."""


def system_of(address: str) -> Crs | None:
    """The system that an address names; ``None`` is CRS84: longitude, then latitude."""
    found = re.fullmatch(re.escape(EPSG) + r"(\d+)", address)
    return Crs(f"EPSG:{found[1]}") if found else None


def offered(extent: tuple[float, float, float, float] | None) -> list[str]:
    """The addresses of the systems in which a city can be asked for: those of the whole world, and its zones.

    :param extent: west, south, east, north of the city in degrees.
    """
    if extent is None:
        return list(EVERYWHERE)
    middle = (extent[0] + extent[2]) / 2
    near = [
        f"{EPSG}{zone.code}"
        for degrees in (3, 6)
        for prefixed in (False, True)
        for zone in zones(degrees, prefixed=prefixed)
        if math.fabs(zone.meridian - middle) <= NEAR_DEGREES
    ]
    return [*EVERYWHERE, *near]
