"""The page at ``/p/emergency/``: the shelters, and loading them from a table."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from wangge_emergency.models import Shelter
from wangge_emergency.shelters import SHELTERS


def _facts(places: Sequence[Shelter]) -> dict[str, Any]:
    return {"capacity": sum(place.capacity for place in places)}


bp = SHELTERS.pages(__name__, _facts)
