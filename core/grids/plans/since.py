"""Which grids of a file were changed after it was written: what it says of their moments, however that came back.

Programs store a moment with its zone, without it, to the second or the thousandth, or only its day.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any, Final
from zoneinfo import ZoneInfo

from sqlalchemy import text

from core.db.session import WorkSession
from core.instance import instance_values

STANDING: Final = """
select code, lower(valid) from core.grid_state
where code = any(:codes) and upper_inf(valid) and not noded order by code
"""
STEPS: Final = {0: dt.timedelta(seconds=1), 3: dt.timedelta(milliseconds=1)}
"""By the digits of a fraction that a program wrote, how much it may have cut off or rounded."""


def newer_than_said(session: WorkSession, said: Mapping[str, Any]) -> list[str]:
    """Codes of living grids that are of a later moment than a file says.

    :param said: by code the moment as the file has it; what is none says nothing. One without a zone is either in UTC
        or in the instance's zone; a bare day is over at its end.
    """
    zone = instance_values(session).zone
    known = {code: read for code, value in said.items() if (read := _read(value)) is not None}
    rows = session.execute(text(STANDING), {"codes": list(known)})
    return [code for code, since in rows if _is_later(since, *known[code], zone)]


def _read(value: Any) -> tuple[dt.datetime | dt.date, dt.timedelta] | None:
    """A moment or a day, and how exactly it is told."""
    words = str(value).strip().replace("/", "-")
    try:
        if len(words) <= len("2026-01-01"):
            return dt.date.fromisoformat(words), dt.timedelta(0)
        moment = dt.datetime.fromisoformat(words)
    except ValueError:
        return None
    digits = len(words.partition(".")[2].partition("+")[0].partition("-")[0].removesuffix("Z"))
    return moment, STEPS.get(digits, STEPS[3] if digits < 6 else dt.timedelta(microseconds=1))


def _is_later(since: dt.datetime, said: dt.datetime | dt.date, step: dt.timedelta, zone: ZoneInfo) -> bool:
    if not isinstance(said, dt.datetime):
        return min(since.astimezone(dt.UTC).date(), since.astimezone(zone).date()) > said
    if said.tzinfo is not None:
        return since - said >= step
    meant = [said.replace(tzinfo=dt.UTC), said.replace(tzinfo=zone)]
    return since > min(meant) and all(abs(since - moment) >= step for moment in meant)
