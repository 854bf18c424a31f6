"""The page at ``/p/party/``: the red stations and parlours, and loading them from a table."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from flask_babel import gettext

from wangge_party.models import Station
from wangge_party.stations import STATIONS, TITLES


def _facts(_places: Sequence[Station]) -> dict[str, Any]:
    return {"titles": {category: gettext(title) for category, title in TITLES.items()}}


bp = STATIONS.pages(__name__, _facts)
