"""Statements in strings keep to the tables of their own room, as imports of models do."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path
from types import MappingProxyType

import pytest

ROOT = Path(__file__).resolve().parents[2]
ALLOWED = MappingProxyType(
    {
        "core/access/granting.py": "locks the grids in which it grants; this room stands below theirs",
        "core/demo/clearing.py": "empties every room of an instance that holds the demonstration alone",
        "core/demo/queries.py": "asks every room whether there is anything beside the demonstration",
        "core/demo/service.py": "fills every room, and sets back the clocks of what it made",
        "core/org/queries.py": "lists posts with their holders and grids, found by the names of either",
    }
)
"""Files that read tables of other rooms, each with the reason."""
COMMON = frozenset({"db"})
"""The instance's own row and settings are every room's."""
STATEMENT = re.compile(r"\b(select|insert\s+into|update|delete\s+from|join)\b", re.IGNORECASE)


def tables() -> dict[str, str]:
    """Each table with its room."""
    found = {}
    for path in ROOT.glob("core/**/models.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "__tablename__":
                found[ast.literal_eval(node.value)] = path.relative_to(ROOT).parts[1]
    return found


TABLES = tables()
NAMED = re.compile(rf"\bcore\.({'|'.join(TABLES)})\b")


def texts(tree: ast.Module) -> Iterator[str]:
    """String constants, those with values in them as one, docstrings left out."""
    bodies = (node.body for node in ast.walk(tree) if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef))
    passed = {id(part.value) for body in bodies for part in body if isinstance(part, ast.Expr)}
    for node in ast.walk(tree):
        if isinstance(node, ast.JoinedStr):
            passed |= {id(piece) for piece in node.values}
            yield "".join(str(piece.value) if isinstance(piece, ast.Constant) else "{}" for piece in node.values)
        elif isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in passed:
            yield node.value


def foreign(path: Path) -> set[str]:
    """Tables of other rooms that statements of a file name."""
    place = path.relative_to(ROOT).parts
    own = {place[1] if place[0] == "core" else place[0]} | COMMON
    named = (NAMED.findall(each) for each in texts(ast.parse(path.read_text())) if STATEMENT.search(each))
    return {table for found in named for table in found if TABLES[table] not in own}


def test_statements_keep_to_the_tables_of_their_room() -> None:
    files = (path for floor in ("core", "web") for path in sorted((ROOT / floor).rglob("*.py")))
    found = {str(path.relative_to(ROOT)): named for path in files if (named := foreign(path))}
    assert {name: named for name, named in found.items() if name not in ALLOWED} == {}


@pytest.mark.parametrize("name", ALLOWED)
def test_what_is_allowed_is_needed(name: str) -> None:
    assert foreign(ROOT / name)
