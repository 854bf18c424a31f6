"""Shelters: read from a table, located, shown on the map."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from pydantic import BaseModel, Field
from sqlalchemy import func, select
from wangge import Action, DemoPlace, Feature, Health, WorkSession, now, require
from wangge import noop as _
from wangge.grids import locate, point
from wangge.importing import read_csv

from wangge_emergency.models import Shelter

IMPORT: Final = Action("emergency.import", _("load the list of shelters"), frozenset({"officer", "desk"}))
DEMO_KINDS: Final = ("中心避难场所", "中学操场", "体育馆", "公园绿地")
HEADINGS: Final = {
    "name": ("名称", "场所名称"),
    "lon": ("经度", "longitude"),
    "lat": ("纬度", "latitude"),
    "capacity": ("容纳人数", "容量"),
    "address": ("地址",),
    "office_phone": ("联系电话", "值班电话"),
}


class ShelterRow(BaseModel):
    """One line of the table; coordinates are CGCS2000 degrees."""

    name: str = Field(min_length=1, max_length=100)
    lon: float = Field(ge=-180, le=180)
    lat: float = Field(ge=-90, le=90)
    capacity: int = Field(ge=0, le=1_000_000)
    address: str = Field("", max_length=200)
    office_phone: str = Field("", max_length=40)


@dataclass(frozen=True)
class Imported:
    """What an import did."""

    added: int
    changed: int
    outside: int


def import_shelters(session: WorkSession, data: bytes, *, dry_run: bool = False) -> Imported:
    """Add the shelters of a CSV file, or change those of the same name; nothing when a line has a fault.

    :raises Invalid: when the file is no table, or lines have faults (each is listed).
    """
    require(session.actor, IMPORT.name)
    rows = {row.name: row for row in read_csv(data, ShelterRow, HEADINGS).all_good()}
    places = locate(session, [(row.lon, row.lat) for row in rows.values()])
    known = {shelter.name: shelter for shelter in session.scalars(select(Shelter).where(Shelter.name.in_(rows)))}
    outside = sum(grid_id is None for _place, grid_id in places)
    if not dry_run:
        for row, (place, grid_id) in zip(rows.values(), places, strict=True):
            shelter = known.get(row.name)
            if shelter is None:
                shelter = Shelter(name=row.name)
                session.add(shelter)
            shelter.address, shelter.office_phone, shelter.capacity = row.address, row.office_phone, row.capacity
            shelter.place, shelter.grid_id, shelter.changed_at = place, grid_id, now()
    return Imported(len(rows) - len(known), len(known), outside)


def load_demo(session: WorkSession, places: Sequence[DemoPlace]) -> None:
    """One made-up shelter at each place, unless there are shelters already."""
    if all_shelters(session):
        return
    found = locate(session, [(place.lon, place.lat) for place in places])
    for number, (where, (spot, grid_id)) in enumerate(zip(places, found, strict=True)):
        name = f"{where.name}{DEMO_KINDS[number % len(DEMO_KINDS)]}"
        shelter = Shelter(
            name=name, address=f"示范数据·{where.name}", office_phone="", capacity=300 + 150 * (number % 7)
        )
        shelter.place, shelter.grid_id, shelter.changed_at = spot, grid_id, now()
        session.add(shelter)


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
