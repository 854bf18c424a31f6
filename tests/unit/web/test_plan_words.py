"""Words of plans: every state has one for its tag and one for a sentence."""

from __future__ import annotations

from core.grids.plans.views import STATE_WORDS
from core.grids.views import PLAN_STATES
from web.plan_words import STATES


def test_every_state_of_a_plan_has_its_words() -> None:
    assert list(STATE_WORDS) == list(STATES) == list(PLAN_STATES)
    assert all(STATE_WORDS.values())
    assert all(word for word, _tone in STATES.values())
