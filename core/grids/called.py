"""How a grid is called in a report: by its code, and by its name where it has one."""

from __future__ import annotations


def called(code: str, name: str) -> str:
    """Code and name; the code alone where that stands in for the name."""
    return code if name in {"", code} else f"{code} {name}"
