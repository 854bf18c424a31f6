"""The mediation rooms: read from a table, located, shown on the map."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import cycle
from typing import Any, Final, Literal

from pydantic import Field, field_validator
from sqlalchemy import func, select
from wangge import Action, DemoPlace, Feature, Health, WorkSession, require
from wangge import noop as _
from wangge.grids import point
from wangge.importing import read_csv
from wangge.places import HEADINGS, Imported, PlaceRow, save_places

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
    **HEADINGS,
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


def import_rooms(session: WorkSession, data: bytes, *, dry_run: bool = False) -> Imported:
    """Add the places of a CSV file, or change those of the same name; nothing when a line has a fault.

    :raises Invalid: when the file is no table, or lines have faults (each is listed).
    """
    require(session.actor, IMPORT.name)
    return save_places(session, Room, read_csv(data, RoomRow, COLUMNS).all_good(), dry_run=dry_run)


def load_demo(session: WorkSession, places: Sequence[DemoPlace]) -> None:
    """One made-up place at each spot, unless there are places already."""
    if all_rooms(session):
        return
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
    save_places(session, Room, rows)


def all_rooms(session: WorkSession) -> list[Room]:
    """Every place by name."""
    return list(session.scalars(select(Room).order_by(Room.name)))


def features(session: WorkSession, category: str) -> Iterable[Feature]:
    """The places of one kind as a layer."""
    for place in session.scalars(select(Room).where(Room.category == category).order_by(Room.name)):
        text = " · ".join(part for part in (place.hours, place.office_phone, place.address) if part)
        yield Feature(point(place.place), place.name, text, "/p/security/")


def check_located(session: WorkSession) -> Health:
    """Whether every place lies in the city."""
    total = session.scalar(select(func.count()).select_from(Room)) or 0
    outside = session.scalar(select(func.count()).where(Room.grid_id.is_(None))) or 0
    return Health(outside == 0, f"{total - outside} / {total}")
