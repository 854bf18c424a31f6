"""Shelters: read from a table, located, shown on the map."""

from __future__ import annotations

from typing import Final

from wangge import Action, places
from wangge import noop as _
from wangge.forms import field
from wangge.places import PlaceList, PlaceRow

from wangge_emergency.models import Shelter


class ShelterRow(PlaceRow):
    """One line of the table."""

    capacity: int = field("容纳人数", "Capacity", ge=0, le=1_000_000, headings=["容量"])
    address: str = places.address()
    office_phone: str = places.office_phone()


SHELTERS: Final = PlaceList(
    "emergency",
    _("Emergency management"),
    Shelter,
    ShelterRow,
    Action("emergency.import", _("load the list of shelters"), frozenset({"officer", "desk"})),
    told=("capacity", "address"),
)
DEMO: Final = (
    {"name": "中心避难场所", "capacity": 1200},
    {"name": "中学操场", "capacity": 750},
    {"name": "体育馆", "capacity": 450},
    {"name": "公园绿地", "capacity": 900},
)
