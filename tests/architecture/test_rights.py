"""Whatever of the core may write asks for a right, or stands in the list of open ones with its reason."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

from core.access.open import OPEN

ROOT = Path(__file__).resolve().parents[2]
ASKS = {"require", "may", "sees_all", "visible", "allowed_to", "visible_file", "find_matter"}
STATEMENTS = {"insert", "update", "delete"}
WRITES = re.compile(r"insert into|update \w|delete from|for update", re.IGNORECASE)


def services() -> Iterator[tuple[str, ast.FunctionDef, dict[str, ast.FunctionDef]]]:
    """Public functions of the core's modules that take a session and may write by it; services are all of theirs."""
    for path in sorted((ROOT / "core").rglob("*.py")):
        tree = ast.parse(path.read_text())
        functions = {node.name: node for node in tree.body if isinstance(node, ast.FunctionDef)}
        module = ".".join(path.relative_to(ROOT).with_suffix("").parts)
        for name, node in functions.items():
            is_one = path.stem == "service" or (takes_a_session(node) and writes(node, functions, changing(tree)))
            if is_one and not name.startswith("_"):
                yield f"{module}.{name}", node, functions


def takes_a_session(node: ast.FunctionDef) -> bool:
    return any(argument.arg == "session" for argument in node.args.args)


def changing(tree: ast.Module) -> set[str]:
    """Names that change rows: calls of the session, the journal and SQLAlchemy, and the module's own statements."""
    imports = [node for node in tree.body if isinstance(node, ast.ImportFrom) and "sqlalchemy" in (node.module or "")]
    named = {alias.name for node in imports for alias in node.names} & STATEMENTS
    return {"add", "add_all", "record"} | named | {name for node in tree.body for name in statement_named(node)}


def statement_named(node: ast.stmt) -> set[str]:
    """The name of a module's constant that is a writing statement."""
    if not isinstance(node, ast.Assign | ast.AnnAssign) or node.value is None:
        return set()
    texts = [part.value for part in ast.walk(node.value) if isinstance(part, ast.Constant)]
    goals = node.targets if isinstance(node, ast.Assign) else [node.target]
    found = any(isinstance(text, str) and WRITES.search(text) for text in texts)
    return {goal.id for goal in goals if isinstance(goal, ast.Name)} if found else set()


def writes(
    node: ast.FunctionDef, functions: dict[str, ast.FunctionDef], acts: set[str], seen: frozenset[str] = frozenset()
) -> bool:
    """Whether a function, or a helper of its module that it calls, changes rows."""
    for part in ast.walk(node):
        if isinstance(part, ast.Assign) and any(isinstance(goal, ast.Attribute) for goal in part.targets):
            return True
        if isinstance(part, ast.Constant) and isinstance(part.value, str) and WRITES.search(part.value):
            return True
        if isinstance(part, ast.Name) and part.id.isupper() and part.id in acts:
            return True
        if isinstance(part, ast.Call):
            name = called(part)
            if name in acts:
                return True
            if name in functions and name not in seen and writes(functions[name], functions, acts, seen | {name}):
                return True
    return False


def called(call: ast.Call) -> str:
    if isinstance(call.func, ast.Name):
        return call.func.id
    return call.func.attr if isinstance(call.func, ast.Attribute) else ""


def asks(node: ast.FunctionDef, functions: dict[str, ast.FunctionDef], seen: frozenset[str] = frozenset()) -> bool:
    """Whether a function, or a helper of its module that it calls, asks for a right."""
    for call in ast.walk(node):
        if not isinstance(call, ast.Call):
            continue
        name = called(call)
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
