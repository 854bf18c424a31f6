"""What is wrong with polygons that shall tile, told by the codes of their grids."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import shapely

from core.gistext import phrase
from core.text import Text
from gis.defects import Defect
from gis.lattice import to_degrees

Translate = Callable[[Text], Any]
"""What a report has in the place of a text: the reader's words, or what ``Text.to_json`` keeps until they are known."""


@dataclass(frozen=True)
class Finding:
    """One defect of the layer, with the codes of its rows instead of their positions.

    :param kind: a defect kind of ``gis.defects`` (gap overlap missing outside sliver invalid empty unnoded duplicate
        tiny_part), of the rows (duplicate_code empty_name blanks_in_name), or of what is recorded (stale outline).
    :param geometry: lattice geometry of the defect, when it has one.
    """

    kind: str
    codes: tuple[str, ...]
    area_m2: float | None = None
    width_m: float | None = None
    lon: float | None = None
    lat: float | None = None
    geometry: Any = None
    detail: Text | None = None

    @property
    def place(self) -> tuple[float, float] | None:
        """Longitude and latitude, where it has a place."""
        return None if self.lon is None or self.lat is None else (self.lon, self.lat)

    @property
    def shape(self) -> Any:
        """What is drawn of it, in degrees: its geometry, else its place, else nothing."""
        if self.geometry is not None and not self.geometry.is_empty:
            return to_degrees(self.geometry)[0]
        return None if self.place is None else shapely.Point(self.place)

    def as_json(self, translate: Translate = str) -> dict[str, Any]:
        """Members of the report; the geometry stays out."""
        return {
            "kind": self.kind,
            "codes": list(self.codes),
            "area_m2": None if self.area_m2 is None else round(self.area_m2, 3),
            "width_m": None if self.width_m is None else round(self.width_m, 3),
            "lon": self.lon,
            "lat": self.lat,
            "detail": translate(self.detail) if self.detail else "",
        }


def findings_of(found: Sequence[Defect], codes: Sequence[str]) -> list[Finding]:
    """Defects with the codes of their members, ``codes`` being those of the polygons position by position."""
    return [
        Finding(
            kind=defect.kind,
            codes=tuple(codes[member] for member in defect.members),
            area_m2=defect.area_m2,
            width_m=defect.width_m,
            lon=defect.lon,
            lat=defect.lat,
            geometry=defect.geometry,
            detail=phrase(defect.detail) if defect.detail else None,
        )
        for defect in found
    ]
