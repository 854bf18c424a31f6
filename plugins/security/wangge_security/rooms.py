"""The mediation rooms: read from a table, located, shown on the map."""

from __future__ import annotations

from typing import Final, Literal

from wangge import Action, places
from wangge import noop as _
from wangge.forms import field
from wangge.places import PlaceList, PlaceRow

from wangge_security.models import Room

CATEGORIES: Final = {
    "street": ("街道调解室", "Street mediation rooms"),
    "community": ("社区调解室", "Community mediation rooms"),
    "industry": ("行业调解室", "Industry mediation rooms"),
}


class RoomRow(PlaceRow):
    """One line of the table."""

    category: Literal["street", "community", "industry"] = field(
        "类型", "Kind of place", choices=CATEGORIES, headings=["场所类型"]
    )
    hours: str = places.opening_hours()
    address: str = places.address()
    office_phone: str = places.office_phone()


ROOMS: Final = PlaceList(
    "security",
    _("Safety and order"),
    Room,
    RoomRow,
    Action("security.import", _("load the list of mediation rooms"), frozenset({"officer", "desk"})),
    told=("hours", "office_phone", "address"),
)
DEMO: Final = (
    {"name": "社区调解室", "category": "community", "hours": "09:00-20:00"},
    {"name": "街道调解室", "category": "street", "hours": "08:30-17:30"},
    {"name": "百姓说事屋", "category": "community", "hours": "14:00-20:00"},
    {"name": "物业纠纷调解室", "category": "industry", "hours": "08:30-17:30"},
)
