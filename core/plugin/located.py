"""Tables of a plugin whose rows have a place: those that follow the grids, and what they need for that."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from geoalchemy2 import Geometry
from sqlalchemy import BigInteger, Column, MetaData, Table, Uuid

from core.text import Text
from core.text import noop as _
from gis.lattice import SRID

COLUMNS: Final = frozenset({"id", "place", "grid_id"})


def located_tables(metadata: MetaData | None) -> list[Table]:
    """The tables that have an id, a geometry named place, and a grid."""
    tables = metadata.tables.values() if metadata is not None else ()
    return [
        table for table in tables if set(table.columns.keys()) >= COLUMNS and isinstance(table.c.place.type, Geometry)
    ]


def located_faults(metadata: MetaData) -> Iterator[Text]:
    """Columns of such tables whose type is not the one by which their rows follow the grids."""
    for table in located_tables(metadata):
        place = table.c.place.type
        assert isinstance(place, Geometry)
        fits = {
            ("id", "uuid"): isinstance(table.c.id.type, Uuid),
            ("place", f"geometry(POINT,{SRID})"): (place.geometry_type, place.srid) == ("POINT", SRID),
            ("grid_id", "bigint"): isinstance(table.c.grid_id.type, BigInteger),
        }
        for (name, wanted), is_so in fits.items():
            if not is_so:
                named = {"column": f"{table}.{name}", "wanted": wanted, "found": _type_name(table.c[name])}
                yield Text(
                    _("column %(column)s must be %(wanted)s, not %(found)s, so that its rows follow the grids"), named
                )


def _type_name(column: Column[object]) -> str:
    found = column.type
    if isinstance(found, Geometry):
        return f"geometry({found.geometry_type},{found.srid})"
    return type(found).__name__.lower()
