"""Lists of places that an office keeps: loaded from a table, known by their names, located."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final, TypeVar

from pydantic import BaseModel, Field
from sqlalchemy import Text, select
from sqlalchemy.orm import Mapped, mapped_column

from core.clock import now
from core.db.session import WorkSession
from wangge.grids import locate
from wangge.tables import Located, UuidKey

__all__ = ["HEADINGS", "Imported", "Place", "PlaceRow", "save_places"]

HEADINGS: Final[Mapping[str, tuple[str, ...]]] = {
    "name": ("名称", "场所名称"),
    "lon": ("经度", "longitude"),
    "lat": ("纬度", "latitude"),
}
"""Other names that the columns of a ``PlaceRow`` may have."""


class PlaceRow(BaseModel):
    """One line of such a table; coordinates are CGCS2000 degrees. A plugin's row adds its own fields."""

    name: str = Field(min_length=1, max_length=100)
    lon: float = Field(ge=-180, le=180)
    lat: float = Field(ge=-90, le=90)


class Place(Located):
    """Mixin of such a table: a row with a place that is known by its name."""

    id: Mapped[UuidKey]
    name: Mapped[str] = mapped_column(Text, unique=True)
    changed_at: Mapped[dt.datetime]


Kept = TypeVar("Kept", bound=Place)


@dataclass(frozen=True)
class Imported:
    """What an import did."""

    added: int
    changed: int
    outside: int


def save_places(
    session: WorkSession, table: type[Kept], lines: Sequence[PlaceRow], *, dry_run: bool = False
) -> Imported:
    """Add the places, or change those of the same name; of two lines with one name the last holds.

    :param table: a class with the mixin ``Place`` and an attribute for each further field of the lines.
    """
    rows = {row.name: row for row in lines}
    places = locate(session, [(row.lon, row.lat) for row in rows.values()])
    known = {kept.name: kept for kept in session.scalars(select(table).where(table.name.in_(rows)))}
    outside = sum(grid_id is None for _place, grid_id in places)
    if not dry_run:
        for row, (place, grid_id) in zip(rows.values(), places, strict=True):
            values = row.model_dump(exclude={"lon", "lat"}) | {"place": place, "grid_id": grid_id, "changed_at": now()}
            kept = known.get(row.name)
            if kept is None:
                session.add(table(**values))
            else:
                for name, value in values.items():
                    setattr(kept, name, value)
    return Imported(len(rows) - len(known), len(known), outside)
