"""Shelters: read from a table, located, shown on the map."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final

from pydantic import Field
from wangge import Action, DemoPlace, Feature, WorkSession
from wangge import noop as _
from wangge.grids import point
from wangge.places import PlaceList, PlaceRow

from wangge_emergency.models import Shelter

IMPORT: Final = Action("emergency.import", _("load the list of shelters"), frozenset({"officer", "desk"}))
DEMO_KINDS: Final = ("中心避难场所", "中学操场", "体育馆", "公园绿地")
COLUMNS: Final = {
    "capacity": ("容纳人数", "容量"),
    "address": ("地址",),
    "office_phone": ("联系电话", "值班电话"),
}


class ShelterRow(PlaceRow):
    """One line of the table."""

    capacity: int = Field(ge=0, le=1_000_000)
    address: str = Field("", max_length=200)
    office_phone: str = Field("", max_length=40)


SHELTERS: Final = PlaceList("emergency", Shelter, ShelterRow, COLUMNS, IMPORT)


def load_demo(session: WorkSession, places: Sequence[DemoPlace]) -> None:
    """One made-up shelter at each place, unless there are shelters already."""
    rows = [
        ShelterRow(
            name=f"{spot.name}{DEMO_KINDS[number % len(DEMO_KINDS)]}",
            lon=spot.lon,
            lat=spot.lat,
            capacity=300 + 150 * (number % 7),
            address=f"示范数据·{spot.name}",
        )
        for number, spot in enumerate(places)
    ]
    SHELTERS.plant(session, rows)


def features(session: WorkSession) -> Iterable[Feature]:
    """The shelters as a layer."""
    for shelter in SHELTERS.all(session):
        yield Feature(
            point(shelter.place),
            shelter.name,
            f"{shelter.capacity} · {shelter.address}".rstrip(" ·"),
            "/p/emergency/",
            {"capacity": shelter.capacity},
        )
