"""Reads of the demonstration."""

from __future__ import annotations

from typing import Final

from sqlalchemy import text

from core.db.session import WorkSession
from core.demo.people import PREFIX
from core.instance import is_demo

COUNTS: Final = {
    "grids": "select count(*) from core.grid_state where upper_inf(valid)",
    "people": "select count(*) from core.user_account where login like :made",
    "matters": "select count(*) from core.matter",
    "reported_by_others": "select count(*) from core.matter where reporter not in"
    " (select id::text from core.user_account where login like :made)",
}


def counts(session: WorkSession) -> dict[str, int]:
    """How many living grids, made-up people and matters there are, and matters of people who are not made up."""
    made = {"made": f"{PREFIX}%"}
    return {name: int(session.scalar(text(sql), made if ":made" in sql else {}) or 0) for name, sql in COUNTS.items()}


def to_be_cleared(session: WorkSession) -> dict[str, int] | None:
    """What clearing would remove; ``None`` when this instance does not hold demonstration data."""
    return counts(session) if is_demo(session) else None
