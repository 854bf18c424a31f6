"""A plugin imports `wangge` and nothing else of ours; the host imports neither `wangge` nor a plugin."""

from __future__ import annotations

import ast
import importlib
import pkgutil
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
import wangge

ROOT = Path(__file__).resolve().parents[2]
README = ROOT / "plugins" / "sdk" / "README.md"
ROW = re.compile(r"^\| `(wangge[\w.]*)` \| `(\w+)` \| .+ \|$", re.MULTILINE)
HOST = {"core", "gis", "web"}


def imported(path: Path) -> set[str]:
    tops = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            tops |= {alias.name.split(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module and node.level == 0:
            tops.add(node.module.split(".")[0])
    return tops


def plugin_files() -> Iterator[Path]:
    for package in sorted((ROOT / "plugins").glob("*/wangge_*")):
        yield from sorted(package.rglob("*.py"))


@pytest.mark.parametrize("path", list(plugin_files()), ids=lambda p: str(p.relative_to(ROOT)))
def test_a_plugin_enters_by_the_front_door(path: Path) -> None:
    own = path.relative_to(ROOT).parts[2]
    assert not imported(path) & HOST
    assert {top for top in imported(path) if top.startswith("wangge_")} <= {own}


@pytest.mark.parametrize("folder", sorted(HOST))
def test_the_host_knows_no_plugin(folder: str) -> None:
    for path in (ROOT / folder).rglob("*.py"):
        assert not {top for top in imported(path) if top == "wangge" or top.startswith("wangge_")}, path


def test_the_manual_names_all_that_the_door_gives_and_nothing_else() -> None:
    modules = ["wangge", *(f"wangge.{module.name}" for module in pkgutil.iter_modules(wangge.__path__))]
    given = [(name, each) for name in modules for each in importlib.import_module(name).__all__]
    assert sorted(ROW.findall(README.read_text())) == sorted(given)
