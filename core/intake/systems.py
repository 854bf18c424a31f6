"""Coordinate systems by the words of an office."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from core.text import Text
from core.text import noop as _
from gis.zones import zone_of

SYSTEMS: Final = {
    "EPSG:4490": _("CGCS2000, longitude and latitude"),
    "EPSG:4326": _("WGS 84, longitude and latitude (GPS)"),
    "gcj02": _("Amap, Tencent (GCJ-02)"),
    "bd09": _("Baidu (BD-09)"),
    "EPSG:3857": _("Web Mercator"),
}
NAMED: Final = "%(name)s · %(value)s"
BARE: Final = "%(value)s"


def system_text(value: str) -> Text:
    """A system with its name and its code: what a person reads, and what they may type."""
    if value in SYSTEMS:
        return Text(NAMED, {"name": Text(SYSTEMS[value]), "value": value})
    zone = zone_of(value)
    if zone is None:
        return Text(BARE, {"value": value})
    return Text(
        _("CGCS2000, %(degrees)s° zone, central meridian %(meridian)s° · EPSG:%(code)s"),
        {"degrees": zone.degrees, "meridian": zone.meridian, "code": zone.code},
    )


def systems_text(values: Sequence[str]) -> Text:
    """Several systems in one line."""
    message = "; ".join(f"%(system{number})s" for number in range(len(values)))
    return Text(message, {f"system{number}": system_text(value) for number, value in enumerate(values)})
