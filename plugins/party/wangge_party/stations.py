"""The red stations and parlours: read from a table, located, shown on the map."""

from __future__ import annotations

from typing import Final, Literal

from wangge import Action, places
from wangge import noop as _
from wangge.forms import field
from wangge.places import PlaceList, PlaceRow

from wangge_party.models import Station

CATEGORIES: Final = {"station": ("红色驿站", "Red stations"), "parlour": ("党群会客厅", "Party and people parlours")}


class StationRow(PlaceRow):
    """One line of the table."""

    category: Literal["station", "parlour"] = field("类型", "Kind of place", choices=CATEGORIES, headings=["场所类型"])
    services: str = field("服务内容", "Services", default="", max_length=300, headings=["服务项目"])
    hours: str = places.opening_hours()
    address: str = places.address()
    office_phone: str = places.office_phone()


STATIONS: Final = PlaceList(
    "party",
    _("Party building"),
    Station,
    StationRow,
    Action("party.import", _("load the list of stations"), frozenset({"officer", "desk"})),
    told=("services", "hours", "address"),
)
DEMO: Final = (
    {"name": "红色驿站", "category": "station", "services": "歇脚、饮水、充电、应急药品", "hours": "06:00-22:00"},
    {"name": "党群会客厅", "category": "parlour", "services": "议事、咨询、调解", "hours": "09:00-20:00"},
    {"name": "骑手驿站", "category": "station", "services": "换电、热饭、法律咨询", "hours": "全天"},
)
