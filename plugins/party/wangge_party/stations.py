"""The red stations and parlours: read from a table, located, shown on the map."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import cycle
from typing import Any, Final, Literal

from pydantic import Field, field_validator
from sqlalchemy import select
from wangge import Action, DemoPlace, Feature, WorkSession
from wangge import noop as _
from wangge.grids import point
from wangge.places import PlaceList, PlaceRow

from wangge_party.models import Station

IMPORT: Final = Action("party.import", _("load the list of stations"), frozenset({"officer", "desk"}))
TITLES: Final = {"station": _("Red stations"), "parlour": _("Party and people parlours")}
CHINESE: Final = {"红色驿站": "station", "党群会客厅": "parlour"}
"""How tables name the kinds of place."""
DEMO: Final = (
    ("station", "红色驿站", "歇脚、饮水、充电、应急药品", "06:00-22:00"),
    ("parlour", "党群会客厅", "议事、咨询、调解", "09:00-20:00"),
    ("station", "骑手驿站", "换电、热饭、法律咨询", "全天"),
)
"""Made-up stations: kind, end of the name, services, hours."""
COLUMNS: Final = {
    "category": ("类型", "场所类型"),
    "address": ("地址",),
    "hours": ("开放时间", "服务时间"),
    "office_phone": ("联系电话", "值班电话"),
    "services": ("服务内容", "服务项目"),
}


class StationRow(PlaceRow):
    """One line of the table."""

    category: Literal["station", "parlour"]
    address: str = Field("", max_length=200)
    hours: str = Field("", max_length=100)
    office_phone: str = Field("", max_length=40)
    services: str = Field("", max_length=300)

    @field_validator("category", mode="before")
    @classmethod
    def _slug(cls, value: Any) -> Any:
        return CHINESE.get(value, value)


STATIONS: Final = PlaceList("party", Station, StationRow, COLUMNS, IMPORT)


def load_demo(session: WorkSession, places: Sequence[DemoPlace]) -> None:
    """One made-up place at each spot, unless there are places already."""
    rows = [
        StationRow(
            name=f"{spot.name}{suffix}",
            lon=spot.lon,
            lat=spot.lat,
            category=category,
            services=services,
            hours=hours,
            address=f"示范数据·{spot.name}",
        )
        for spot, (category, suffix, services, hours) in zip(places, cycle(DEMO), strict=False)
    ]
    STATIONS.plant(session, rows)


def features(session: WorkSession, category: str) -> Iterable[Feature]:
    """The places of one kind as a layer."""
    for place in session.scalars(select(Station).where(Station.category == category).order_by(Station.name)):
        text = " · ".join(part for part in (place.services, place.hours, place.address) if part)
        yield Feature(point(place.place), place.name, text, "/p/party/", {"services": place.services})
