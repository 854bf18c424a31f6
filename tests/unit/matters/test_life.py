"""The end of a matter: told when it comes, kept while it lasts, taken back when the matter goes on."""

from __future__ import annotations

import datetime as dt

from core import clock
from core.actor import command_line
from core.matters import life
from core.matters.kinds import OPTIONAL_STEPS
from core.matters.models import Matter

FIRST = dt.datetime(2026, 11, 24, 8, tzinfo=dt.UTC)


def test_a_matter_has_its_end_exactly_while_it_has_ended() -> None:
    matter = Matter(state=life.SETTLING, version=1)
    ends = []
    for hours, state in enumerate((life.CLOSED, "rated", life.ACCEPTED, life.WITHDRAWN)):
        moment = FIRST + dt.timedelta(hours=hours)
        with clock.turned(lambda moment=moment: moment):  # type: ignore[misc]
            life.apply(matter, life.Transition("step", state, "matter.close"), command_line("tester"), clock.now())
        ends.append(matter.closed_at)
    assert ends == [FIRST, FIRST, None, FIRST + dt.timedelta(hours=3)]


def test_a_kind_may_do_without_every_step_but_the_way_from_report_to_end() -> None:
    way = {"report", *(step.step for _state, step in life.WAY)}
    assert way | OPTIONAL_STEPS == set(life.STEPS)
    assert not way & OPTIONAL_STEPS
