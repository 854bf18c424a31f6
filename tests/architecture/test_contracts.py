"""Import contracts, types and picture cover every room that there is; no script of the pages imports in a circle."""

from __future__ import annotations

import re
import tomllib
from configparser import ConfigParser
from graphlib import TopologicalSorter
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def test_every_room_is_watched_for_circles() -> None:
    contracts = ConfigParser()
    contracts.read(ROOT / ".importlinter")
    watched = set(contracts["importlinter:contract:no-circles"]["ancestors"].split())
    found = (path.parent for floor in ("core", "gis", "web") for path in (ROOT / floor).rglob("__init__.py"))
    rooms = {".".join(path.relative_to(ROOT).parts) for path in found if "node_modules" not in path.parts}
    assert watched - {"wangge"} == rooms


def test_types_are_checked_in_every_package() -> None:
    checked = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["mypy"]["packages"]
    assert set(checked) == {"wangge", *(path.parent.name for path in ROOT.glob("*/__init__.py"))}


def test_the_picture_of_the_architecture_shows_every_room() -> None:
    picture = (ROOT / "docs" / "architecture.md").read_text().split("```")[1]
    for floor in ("core", "web"):
        rooms = {path.parent.name for path in (ROOT / floor).glob("*/__init__.py")}
        assert rooms <= set(re.findall(r"\w+", picture)), floor


def test_no_script_imports_in_a_circle() -> None:
    scripts = (ROOT / "web" / "ts").rglob("*.ts")
    imports = {
        path: {(path.parent / f"{name}.ts").resolve() for name in re.findall(r'from "(\.[^"]+)"', path.read_text())}
        for path in scripts
    }
    assert len(imports) > 1
    TopologicalSorter(imports).prepare()
