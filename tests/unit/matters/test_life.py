"""The end of a matter: told when it comes, kept while it lasts, taken back when the matter goes on."""

from __future__ import annotations

import datetime as dt
from typing import Any

from core.actor import command_line
from core.matters import life
from core.matters.asked import Asked, Taking
from core.matters.kinds import OPTIONAL_STEPS
from core.matters.models import Matter
from core.matters.transitions import Transition

FIRST = dt.datetime(2026, 11, 24, 8, tzinfo=dt.UTC)


def test_a_matter_has_its_end_exactly_while_it_has_ended() -> None:
    matter = Matter(state=life.SETTLING, version=1)
    nothing: Any = None
    ends = []
    for hours, state in enumerate((life.CLOSED, "rated", life.ACCEPTED, life.WITHDRAWN)):
        asked = Asked(matter, None, command_line("tester"), None)
        taking = Taking(nothing, asked, FIRST + dt.timedelta(hours=hours), [], {})
        life.apply(taking, Transition("step", state, "matter.close"))
        ends.append(matter.closed_at)
    assert ends == [FIRST, FIRST, None, FIRST + dt.timedelta(hours=3)]


def test_a_kind_may_do_without_every_step_but_the_way_from_report_to_end() -> None:
    assert set(life.STEPS) - OPTIONAL_STEPS == {
        *("report", "accept", "settle", "claim", "feed_back", "verify", "close"),
    }
    assert life.CLOSED in reached(OPTIONAL_STEPS)
    assert life.CLOSED in reached((OPTIONAL_STEPS - {"whistle"}) | {"settle"}), "what departments alone settle"
    assert life.CLOSED not in reached(OPTIONAL_STEPS | {"settle"}), "such a kind is refused"


def test_from_each_state_in_use_some_step_leads_on_to_an_end() -> None:
    for state in set(life.IN_USE) - life.ENDED:
        assert {step.step for here, step in life.WAY if here == state}
        assert life.CLOSED in reached(frozenset(), state)
    assert all(to in life.STATES for (state, _slug), step in life.TABLE.items() for to in step.targets(state))


def reached(off: frozenset[str], start: str = life.REPORTED) -> set[str]:
    """The states that a matter can come to without some steps."""
    found, fresh = {start}, {start}
    while fresh:
        fresh = {
            to
            for (state, slug), step in life.TABLE.items()
            if state in fresh and slug not in off
            for to in step.targets(state)
        } - found
        found |= fresh
    return found
