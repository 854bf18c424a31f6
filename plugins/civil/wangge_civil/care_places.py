"""The canteens and day care: read from a table, located, shown on the map."""

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

from wangge_civil.models import CarePlace

IMPORT: Final = Action("civil.import", _("load the list of canteens and day care"), frozenset({"officer", "desk"}))
TITLES: Final = {"canteen": _("Canteens for elders"), "day_care": _("Day care")}
CHINESE: Final = {"助老食堂": "canteen", "日间照料": "day_care"}
"""How tables name the kinds of place."""
DEMO: Final = (
    ("canteen", "助老食堂", 60, "11:00-13:00"),
    ("day_care", "日间照料中心", 35, "08:00-18:00"),
    ("canteen", "长者饭堂", 80, "10:30-18:30"),
)
"""Made-up places: kind, end of the name, seats, hours."""
COLUMNS: Final = {
    "category": ("类型", "场所类型"),
    "address": ("地址",),
    "hours": ("开放时间", "服务时间"),
    "office_phone": ("联系电话", "值班电话"),
    "capacity": ("容纳人数", "座位数", "床位数"),
}


class CarePlaceRow(PlaceRow):
    """One line of the table."""

    category: Literal["canteen", "day_care"]
    capacity: int = Field(ge=0, le=100_000)
    address: str = Field("", max_length=200)
    hours: str = Field("", max_length=100)
    office_phone: str = Field("", max_length=40)

    @field_validator("category", mode="before")
    @classmethod
    def _slug(cls, value: Any) -> Any:
        return CHINESE.get(value, value)


CARE_PLACES: Final = PlaceList("civil", CarePlace, CarePlaceRow, COLUMNS, IMPORT)


def load_demo(session: WorkSession, places: Sequence[DemoPlace]) -> None:
    """One made-up place at each spot, unless there are places already."""
    rows = [
        CarePlaceRow(
            name=f"{spot.name}{suffix}",
            lon=spot.lon,
            lat=spot.lat,
            category=category,
            capacity=capacity,
            hours=hours,
            address=f"示范数据·{spot.name}",
        )
        for spot, (category, suffix, capacity, hours) in zip(places, cycle(DEMO), strict=False)
    ]
    CARE_PLACES.plant(session, rows)


def features(session: WorkSession, category: str) -> Iterable[Feature]:
    """The places of one kind as a layer."""
    for place in session.scalars(select(CarePlace).where(CarePlace.category == category).order_by(CarePlace.name)):
        text = " · ".join(part for part in (str(place.capacity), place.hours, place.address) if part)
        yield Feature(point(place.place), place.name, text, "/p/civil/", {"capacity": place.capacity})
