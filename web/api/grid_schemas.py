"""What the grids' part of API v1 takes and gives."""

from __future__ import annotations

import datetime as dt
from typing import Annotated, Any

from pydantic import BaseModel, Field, field_validator

from core import clock
from core.grids.asof import is_ahead
from core.grids.views import Level
from core.text import noop as _
from web import media
from web.api.describing import Responses
from web.api.inputs import Input
from web.context import zone

GEOJSON: Responses = {200: {"description": "GeoJSON, EPSG:4490", "content": {media.GEOJSON: {}}}}


class Moment(Input):
    """Which moment is asked for."""

    as_of: dt.datetime | dt.date | None = Field(
        None, description="A moment, or a day, whose end is meant; without it: now."
    )

    @field_validator("as_of", mode="before")
    @classmethod
    def _bare_date(cls, value: object) -> object:
        if isinstance(value, str) and ("-" not in value[1:] or "W" in value):
            raise ValueError(_("Give a day as 2026-03-03 or a moment as 2026-03-03T08:00:00+08:00"))
        return clock.day(value) if isinstance(value, str) and len(value) == 10 else value

    @field_validator("as_of")
    @classmethod
    def _known(cls, value: dt.datetime | dt.date | None) -> dt.datetime | dt.date | None:
        if value is not None and is_ahead(value, zone().key):
            raise ValueError(_("This is yet to come: leave as_of out for the grids of now"))
        return value


class Place(Moment):
    """A point and its coordinate system."""

    lon: float = Field(description="Longitude in degrees; easting in metres for a projected `crs`.")
    lat: float = Field(description="Latitude in degrees; northing in metres for a projected `crs`.")
    crs: str = Field("EPSG:4490", max_length=20, description="`EPSG:<number>`, `gcj02` or `bd09`.")


class Near(BaseModel):
    """A point, its coordinate system, and how far around it is looked."""

    lon: float = Field(description="Longitude in degrees; easting in metres for a projected `crs`.")
    lat: float = Field(description="Latitude in degrees; northing in metres for a projected `crs`.")
    crs: str = Field("EPSG:4490", max_length=20, description="`EPSG:<number>`, `gcj02` or `bd09`.")
    metres: float = Field(30, gt=0, le=1000)


class Typed(Moment):
    """What a person typed."""

    q: str = Field(
        max_length=100, description="Code, name, former code or name, pinyin or initials; words are parted by blanks."
    )
    limit: int = Field(20, ge=1, le=200)


class Part(Moment):
    """Which part of the tree."""

    code: str | None = Field(None, max_length=64, description="Top of the part; without it: everything.")


class PointOut(BaseModel):
    """A point in degrees, EPSG:4490."""

    lon: float
    lat: float


class HitOut(BaseModel):
    """The leaf that owns a point; ``path`` is the codes from the root."""

    code: str
    name: str
    level: Level
    path: list[str]


class NearOut(HitOut):
    """A leaf near a point."""

    metres: float = Field(description="Geodesic distance; 0 inside it and on its border.")
    owner: bool = Field(description="The point falls into it.")


class NearList(BaseModel):
    """Leaves near a point: the one that owns it first, then the nearest."""

    items: list[NearOut]


class GridOut(HitOut):
    """One grid in a list."""

    kind: str
    parent: str | None
    path_names: list[str]
    area_m2: float = Field(description="Geodesic area on GRS80.")
    label: PointOut
    leaf: bool
    valid_from: dt.datetime
    version: int = Field(description="Coverage version this was read at.")


class GridDetail(GridOut):
    """One grid with what lies below it."""

    bbox: Annotated[list[float], Field(min_length=4, max_length=4, description="West, south, east, north.")]
    children: int
    leaves: int


class GridList(BaseModel):
    """Grids in order."""

    items: list[GridOut]


class FoundOut(GridOut):
    """One grid that the search found."""

    former_code: str | None = Field(description="The code it bore before, where it was found by that.")
    former_name: str | None = Field(description="The name it bore before, where it was found by that.")


class HitList(BaseModel):
    """Grids, best first."""

    items: list[FoundOut]


class TreeRowOut(BaseModel):
    """A line of the tree."""

    code: str
    name: str
    level: Level
    parent: str | None
    leaves: int


class TreeOut(BaseModel):
    """Lines of the tree, parents before children."""

    items: list[TreeRowOut]


class PeriodOut(BaseModel):
    """One period of a grid's life."""

    code: str
    name: str
    kind: str
    area_m2: float
    valid_from: dt.datetime
    valid_to: dt.datetime | None
    version: int
    change: str
    change_kind: str
    reason: str
    actor: str
    noded: bool = Field(description="Only vertices were added, where a neighbour's border meets the outline.")
    effective_on: dt.date | None = Field(description="The legal date of the change, where one was given.")
    plan: str | None = Field(description="Id of the plan that became the change.")
    born_below: int = Field(description="How many grids began right below it with the change.")
    ended_below: int


class HistoryOut(BaseModel):
    """Periods, newest first."""

    items: list[PeriodOut]


class ZoomLevel(BaseModel):
    """Up to this zoom the tiles show this level."""

    zoom: int
    level: Level


class CoverageOut(BaseModel):
    """The whole coverage."""

    version: int
    root: str | None
    levels: dict[Level, int]
    leaves: int
    extent: list[float] | None
    tiles: list[ZoomLevel]
    proof: dict[str, Any] | None = Field(description="What the last full proof said.")
