"""The red stations and parlours: read from a table, located, shown on the map."""

from __future__ import annotations

from typing import Final, Literal

from wangge import Action
from wangge import noop as _
from wangge.forms import field
from wangge.places import PlaceList, PlaceRow

from wangge_party.models import Station

CATEGORIES: Final = {"station": ("红色驿站", "Red stations"), "parlour": ("党群会客厅", "Party and people parlours")}


class StationRow(PlaceRow):
    """One line of the table."""

    category: Literal["station", "parlour"] = field("类型", "Kind of place", choices=CATEGORIES, headings=["场所类型"])
    services: str = field("服务内容", "Services", default="", max_length=300, headings=["服务项目"])
    hours: str = field("开放时间", "Hours", default="", max_length=100, headings=["服务时间"])
    address: str = field("地址", "Address", default="", max_length=200)
    office_phone: str = field("联系电话", "Office phone", default="", max_length=40, headings=["值班电话"])


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
