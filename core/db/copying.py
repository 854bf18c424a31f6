"""Rows written in bulk, by COPY: thousands in one statement, made as they are asked for."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from core.db.session import WorkSession

BLOCK = 1 << 20
"""Bytes sent to the database at a time."""


def copy_rows(session: WorkSession, target: str, rows: Iterable[tuple[Any, ...]]) -> None:
    """Bulk insert by COPY into a table of schema ``core``."""
    raw = session.connection().connection.cursor()
    raw.copy_expert(f"copy core.{target} from stdin", _Rows(rows), BLOCK)
    raw.close()


class _Rows:
    """Rows as a file to be read: as many at a time as fill what is asked for."""

    def __init__(self, rows: Iterable[tuple[Any, ...]]) -> None:
        self._rows = iter(rows)

    def read(self, size: int) -> bytes:
        """Whole lines of about ``size`` bytes or more; none at the end."""
        lines, length = [], 0
        for row in self._rows:
            lines.append("\t".join(map(_field, row)) + "\n")
            length += len(lines[-1])
            if length >= size:
                break
        return "".join(lines).encode()


def _field(value: Any) -> str:
    if value is None:
        return "\\N"
    words = str(value)
    for plain, escaped in (("\\", "\\\\"), ("\t", "\\t"), ("\n", "\\n"), ("\r", "\\r")):
        words = words.replace(plain, escaped)
    return words
