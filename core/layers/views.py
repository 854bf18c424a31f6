"""Values of reference layers that other rooms and the doors see."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, Final, Literal

Kind = Literal["water", "buildings", "roads", "housenumbers", "other"]
KINDS: Final = ("water", "buildings", "roads", "housenumbers", "other")
"""In the order in which they lie over each other."""
Family = Literal["point", "line", "polygon"]

MOST_ZOOM: Final = 16
"""The deepest zoom that has tiles of its own; the map enlarges them beyond."""


@dataclass(frozen=True)
class LayerView:
    """One layer as it stands.

    :param left_out: rows of the file that are not drawn, by reason (``REASONS`` of ``core.layers.kinds``).
    :param extent: west, south, east, north in degrees.
    """

    id: int
    code: str
    kind: Kind
    title_zh: str
    title_en: str
    source: str
    licence: str
    min_zoom: int
    shown: bool
    position: int
    version: int
    features: int
    left_out: Mapping[str, int]
    geometry_type: str
    extent: tuple[float, float, float, float]
    crs: str
    file_name: str
    imported_at: dt.datetime
    imported_by_name: str

    @property
    def mark(self) -> str:
        """Names the layer with what it holds: another once its content is another, or it was made anew."""
        return f"{self.id}.{self.version}"

    @property
    def attribution(self) -> str:
        """What the map says of where the layer comes from."""
        return " · ".join(filter(None, (self.source, self.licence)))

    def title(self, language: str) -> str:
        """Its title in a language, else in the other one."""
        return (self.title_en or self.title_zh) if language == "en" else (self.title_zh or self.title_en)


@dataclass(frozen=True)
class FeatureView:
    """Something of a layer, with the attributes that were chosen to be kept of it, if any."""

    layer: LayerView
    name: str | None
    klass: str | None
    attributes: Mapping[str, Any]


@dataclass(frozen=True)
class LayerOptions:
    """What a file shall become.

    A title or zoom left ``None`` stays as the layer has it; source and licence are the file's own: unset is none.

    :param code: of the layer; unset: that of the layer with the title given, or a new one; without a title the kind's.
    :param replace: whether the file takes the place of whatever a layer of that code holds.
    :param replaces: ``mark`` of the only layer whose place the file takes.
    :param layer: of a file that has several.
    :param name_field: field of names or house numbers; unset: recognised by usual names (``class_field`` likewise).
    :param attributes: further fields to keep with each feature.
    :param crs: insists on a coordinate system; unset: the file's own.
    """

    kind: Kind
    code: str | None = None
    replace: bool = False
    replaces: str | None = None
    title_zh: str | None = None
    title_en: str | None = None
    source: str | None = None
    licence: str | None = None
    min_zoom: int | None = None
    shown: bool | None = None
    layer: str | None = None
    name_field: str | None = None
    class_field: str | None = None
    attributes: tuple[str, ...] = ()
    crs: str | None = None
    encoding: str | None = None

    def as_json(self) -> dict[str, Any]:
        """JSON values, as kept with an upload."""
        return {**asdict(self), "attributes": list(self.attributes)}

    @classmethod
    def from_json(cls, values: Mapping[str, Any]) -> LayerOptions:
        """The options that ``as_json`` gave."""
        return cls(**{**values, "attributes": tuple(values.get("attributes") or ())})
