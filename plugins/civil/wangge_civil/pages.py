"""The page at ``/p/civil/``: the canteens and day care, and loading them from a table."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from flask_babel import gettext

from wangge_civil.care_places import CARE_PLACES, TITLES
from wangge_civil.models import CarePlace


def _facts(_places: Sequence[CarePlace]) -> dict[str, Any]:
    return {"titles": {category: gettext(title) for category, title in TITLES.items()}}


bp = CARE_PLACES.pages(__name__, _facts)
