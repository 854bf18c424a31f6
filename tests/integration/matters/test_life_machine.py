"""Random lives of matters against a model of the table: whatever people try, history and state agree."""

from __future__ import annotations

from itertools import pairwise
from uuid import UUID

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, consumes, invariant, rule, run_state_machine_as_test

from core.db.session import reading
from core.errors import Conflict, Invalid, Refused
from core.matters.queries import events_of
from tests.integration.matters.people import IN_EAST, OUTSIDE, TESTER, complete, matter, read, step
from tests.integration.matters.test_steps import AFTER, ALONE

OPEN = {"reported", "accepted", "settling", "whistled", "handling", "fed_back"}


class Lives(RuleBasedStateMachine):
    """Reports matters and takes any step on any of them, fresh or stale."""

    matters = Bundle("matters")

    def __init__(self) -> None:
        super().__init__()
        self.states: dict[UUID, str] = {}
        self.steps: dict[UUID, int] = {}
        self.moved: set[UUID] = set()

    @rule(target=matters, inside=st.booleans())
    def report(self, inside: bool) -> UUID:
        found = matter(TESTER, IN_EAST if inside else OUTSIDE)
        self.states[found], self.steps[found] = "reported", 1
        return found

    @rule(found=matters, name=st.sampled_from(ALONE))
    def take(self, found: UUID, name: str) -> None:
        to = AFTER[self.states[found]].get(name)
        if to is None:
            with pytest.raises(Refused):
                step(TESTER, found, name, **complete(name, TESTER))
            return
        if name == "relocate" and found in self.moved:  # the pin stands there already
            with pytest.raises(Invalid):
                step(TESTER, found, name, **complete(name, TESTER))
            return
        step(TESTER, found, name, **complete(name, TESTER))
        self.moved |= {found} if name == "relocate" else set()
        self.states[found] = to
        self.steps[found] += 1

    @rule(found=matters, name=st.sampled_from(ALONE), behind=st.integers(1, 5))
    def take_stale(self, found: UUID, name: str, behind: int) -> None:
        with pytest.raises(Conflict):
            step(TESTER, found, name, version=self.steps[found] - behind, **complete(name, TESTER))

    @rule(found=consumes(matters))
    def look_back(self, found: UUID) -> None:
        with reading(TESTER) as session:
            events = events_of(session, found)
        assert [event.seq for event in events] == list(range(1, self.steps[found] + 1))
        assert events[0].from_state == "draft"
        for earlier, later in pairwise(events):
            assert earlier.to_state == later.from_state
        assert events[-1].to_state == self.states[found]

    @invariant()
    def agrees(self) -> None:
        for found, state in self.states.items():
            view = read(TESTER, found)
            assert (view.state, view.version) == (state, self.steps[found])
            assert (view.closed_at is None) == (state in OPEN)


@pytest.mark.usefixtures("offices")
def test_random_lives_agree_with_the_table() -> None:
    run_state_machine_as_test(
        Lives,
        settings=settings(
            max_examples=8,
            stateful_step_count=12,
            suppress_health_check=list(HealthCheck),
            database=None,
        ),
    )
