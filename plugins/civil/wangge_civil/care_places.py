"""The canteens and day care: read from a table, located, shown on the map."""

from __future__ import annotations

from typing import Final, Literal

from wangge import Action, places
from wangge import noop as _
from wangge.forms import field
from wangge.places import PlaceList, PlaceRow

from wangge_civil.models import CarePlace

CATEGORIES: Final = {"canteen": ("助老食堂", "Canteens for elders"), "day_care": ("日间照料", "Day care")}


class CarePlaceRow(PlaceRow):
    """One line of the table."""

    category: Literal["canteen", "day_care"] = field("类型", "Kind of place", choices=CATEGORIES, headings=["场所类型"])
    capacity: int = field("容纳人数", "Seats", ge=0, le=100_000, headings=["座位数", "床位数"])
    hours: str = places.opening_hours()
    address: str = places.address()
    office_phone: str = places.office_phone()


CARE_PLACES: Final = PlaceList(
    "civil",
    _("Civil affairs"),
    CarePlace,
    CarePlaceRow,
    Action("civil.import", _("load the list of canteens and day care"), frozenset({"officer", "desk"})),
    told=("capacity", "hours", "address"),
)
DEMO: Final = (
    {"name": "助老食堂", "category": "canteen", "capacity": 60, "hours": "11:00-13:00"},
    {"name": "日间照料中心", "category": "day_care", "capacity": 35, "hours": "08:00-18:00"},
    {"name": "长者饭堂", "category": "canteen", "capacity": 80, "hours": "10:30-18:30"},
)
