"""Shelters: read from a table, located, shown on the map."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final

from pydantic import Field
from sqlalchemy import func, select
from wangge import Action, DemoPlace, Feature, Health, WorkSession, require
from wangge import noop as _
from wangge.grids import point
from wangge.importing import read_csv
from wangge.places import HEADINGS, Imported, PlaceRow, save_places

from wangge_emergency.models import Shelter

IMPORT: Final = Action("emergency.import", _("load the list of shelters"), frozenset({"officer", "desk"}))
DEMO_KINDS: Final = ("中心避难场所", "中学操场", "体育馆", "公园绿地")
COLUMNS: Final = {
    **HEADINGS,
    "capacity": ("容纳人数", "容量"),
    "address": ("地址",),
    "office_phone": ("联系电话", "值班电话"),
}


class ShelterRow(PlaceRow):
    """One line of the table."""

    capacity: int = Field(ge=0, le=1_000_000)
    address: str = Field("", max_length=200)
    office_phone: str = Field("", max_length=40)


def import_shelters(session: WorkSession, data: bytes, *, dry_run: bool = False) -> Imported:
    """Add the shelters of a CSV file, or change those of the same name; nothing when a line has a fault.

    :raises Invalid: when the file is no table, or lines have faults (each is listed).
    """
    require(session.actor, IMPORT.name)
    return save_places(session, Shelter, read_csv(data, ShelterRow, COLUMNS).all_good(), dry_run=dry_run)


def load_demo(session: WorkSession, places: Sequence[DemoPlace]) -> None:
    """One made-up shelter at each place, unless there are shelters already."""
    if all_shelters(session):
        return
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
    save_places(session, Shelter, rows)


def all_shelters(session: WorkSession) -> list[Shelter]:
    """Every shelter by name."""
    return list(session.scalars(select(Shelter).order_by(Shelter.name)))


def features(session: WorkSession) -> Iterable[Feature]:
    """The shelters as a layer."""
    for shelter in all_shelters(session):
        yield Feature(
            point(shelter.place),
            shelter.name,
            f"{shelter.capacity} · {shelter.address}".rstrip(" ·"),
            "/p/emergency/",
            {"capacity": shelter.capacity},
        )


def check_located(session: WorkSession) -> Health:
    """Whether every shelter lies in the city."""
    total = session.scalar(select(func.count()).select_from(Shelter)) or 0
    outside = session.scalar(select(func.count()).where(Shelter.grid_id.is_(None))) or 0
    return Health(outside == 0, f"{total - outside} / {total}")
