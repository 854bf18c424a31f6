"""The page at ``/p/security/``: the mediation rooms, and loading them from a table."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from flask_babel import gettext

from wangge_security.models import Room
from wangge_security.rooms import ROOMS, TITLES


def _facts(_places: Sequence[Room]) -> dict[str, Any]:
    return {"titles": {category: gettext(title) for category, title in TITLES.items()}}


bp = ROOMS.pages(__name__, _facts)
