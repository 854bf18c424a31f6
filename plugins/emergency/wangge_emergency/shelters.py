"""Shelters: read from a table, located, shown on the map."""

from __future__ import annotations

from typing import Final

from wangge import Action
from wangge import noop as _
from wangge.forms import field
from wangge.places import PlaceList, PlaceRow

from wangge_emergency.models import Shelter


class ShelterRow(PlaceRow):
    """One line of the table."""

    capacity: int = field("容纳人数", "Capacity", ge=0, le=1_000_000, headings=["容量"])
    address: str = field("地址", "Address", default="", max_length=200)
    office_phone: str = field("联系电话", "Office phone", default="", max_length=40, headings=["值班电话"])


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
