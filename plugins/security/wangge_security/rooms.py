"""The mediation rooms: read from a table, located, shown on the map."""

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

from wangge_security.models import Room

IMPORT: Final = Action("security.import", _("load the list of mediation rooms"), frozenset({"officer", "desk"}))
TITLES: Final = {
    "street": _("Street mediation rooms"),
    "community": _("Community mediation rooms"),
    "industry": _("Industry mediation rooms"),
}
CHINESE: Final = {"街道调解室": "street", "社区调解室": "community", "行业调解室": "industry"}
"""How tables name the kinds of place."""
DEMO: Final = (
    ("community", "社区调解室", "09:00-20:00"),
    ("street", "街道调解室", "08:30-17:30"),
    ("community", "百姓说事屋", "14:00-20:00"),
    ("industry", "物业纠纷调解室", "08:30-17:30"),
)
"""Made-up rooms: kind, end of the name, hours."""
COLUMNS: Final = {
    "category": ("类型", "场所类型"),
    "address": ("地址",),
    "hours": ("开放时间", "服务时间"),
    "office_phone": ("联系电话", "值班电话"),
}


class RoomRow(PlaceRow):
    """One line of the table."""

    category: Literal["street", "community", "industry"]
    address: str = Field("", max_length=200)
    hours: str = Field("", max_length=100)
    office_phone: str = Field("", max_length=40)

    @field_validator("category", mode="before")
    @classmethod
    def _slug(cls, value: Any) -> Any:
        return CHINESE.get(value, value)


ROOMS: Final = PlaceList("security", Room, RoomRow, COLUMNS, IMPORT)


def load_demo(session: WorkSession, places: Sequence[DemoPlace]) -> None:
    """One made-up place at each spot, unless there are places already."""
    rows = [
        RoomRow(
            name=f"{spot.name}{suffix}",
            lon=spot.lon,
            lat=spot.lat,
            category=category,
            hours=hours,
            address=f"示范数据·{spot.name}",
        )
        for spot, (category, suffix, hours) in zip(places, cycle(DEMO), strict=False)
    ]
    ROOMS.plant(session, rows)


def features(session: WorkSession, category: str) -> Iterable[Feature]:
    """The places of one kind as a layer."""
    for place in session.scalars(select(Room).where(Room.category == category).order_by(Room.name)):
        text = " · ".join(part for part in (place.hours, place.office_phone, place.address) if part)
        yield Feature(point(place.place), place.name, text, "/p/security/")
