"""Every public function of a service asks for a right, or stands in the list of open ones with its reason."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

from core.access.open import OPEN

ROOT = Path(__file__).resolve().parents[2]
SERVICES = ("service", "granting", "sessions")
ASKS = {"require", "may", "sees_all", "visible", "allowed_to", "visible_file", "find_matter"}


def services() -> Iterator[tuple[str, ast.FunctionDef, dict[str, ast.FunctionDef]]]:
    for path in sorted(path for name in SERVICES for path in (ROOT / "core").glob(f"*/{name}.py")):
        tree = ast.parse(path.read_text())
        functions = {node.name: node for node in tree.body if isinstance(node, ast.FunctionDef)}
        module = ".".join(path.relative_to(ROOT).with_suffix("").parts)
        for name, node in functions.items():
            if not name.startswith("_"):
                yield f"{module}.{name}", node, functions


def asks(node: ast.FunctionDef, functions: dict[str, ast.FunctionDef], seen: frozenset[str] = frozenset()) -> bool:
    """Whether a function, or a helper of its module that it calls, asks for a right."""
    for call in ast.walk(node):
        if not isinstance(call, ast.Call):
            continue
        name = (
            call.func.id
            if isinstance(call.func, ast.Name)
            else call.func.attr
            if isinstance(call.func, ast.Attribute)
            else ""
        )
        if name in ASKS:
            return True
        if name in functions and name not in seen and asks(functions[name], functions, seen | {name}):
            return True
    return False


def test_every_service_asks_for_a_right() -> None:
    silent = [name for name, node, functions in services() if not asks(node, functions)]
    assert sorted(set(silent) - set(OPEN)) == []


def test_the_list_of_open_functions_is_true() -> None:
    known = {name for name, _node, _functions in services()}
    assert sorted(set(OPEN) - known) == []
