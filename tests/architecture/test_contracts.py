"""The import contracts cover every room that there is."""

from __future__ import annotations

from configparser import ConfigParser
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def test_every_room_is_watched_for_circles() -> None:
    contracts = ConfigParser()
    contracts.read(ROOT / ".importlinter")
    watched = set(contracts["importlinter:contract:no-circles"]["ancestors"].split())
    found = (path.parent for floor in ("core", "gis", "web") for path in (ROOT / floor).rglob("__init__.py"))
    rooms = {".".join(path.relative_to(ROOT).parts) for path in found if "node_modules" not in path.parts}
    assert watched - {"wangge"} == rooms
