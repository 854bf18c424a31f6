"""How much mending may move before a person has to look at it, and that nobody approves more unseen."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from core.errors import Invalid, Objection
from core.text import Text
from core.text import noop as _

UNSEEN_M: Final = 5
UNSEEN_M2: Final = 10_000
"""How far from the borders of before, and how much area, may change hands until a person has to look at it."""
LOOK_FIRST: Final = _("Look at what mending moved, tick that you have, and approve it then")


def moves_much(report: Mapping[str, Any]) -> bool:
    """Whether mending moved more than a person would approve unseen."""
    return bool((report.get("max_shift_m") or 0) > UNSEEN_M or report.get("changed_area_m2", 0) > UNSEEN_M2)


def check_seen(report: Mapping[str, Any], *, seen: bool) -> None:
    """What moves much is approved only by who says that they looked.

    :raises Invalid: otherwise.
    """
    if seen or not moves_much(report):
        return
    moved = Text(
        _("%(area)s m² change hands, up to %(metres)s m from the borders of before"),
        {"metres": f"{report['max_shift_m'] or 0:,.1f}", "area": f"{report['changed_area_m2']:,.0f}"},
    )
    raise Invalid(LOOK_FIRST, objections=(Objection(moved, Text(LOOK_FIRST), code="look-first", pointer="/seen"),))
