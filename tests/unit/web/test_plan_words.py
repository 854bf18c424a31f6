"""Words of plans: every state has one for its tag and one for a sentence."""

from __future__ import annotations

from typing import Any

import pytest

from core.grids.plans.views import STATE_WORDS
from core.grids.views import PLAN_STATES
from web.app import create_app
from web.plan_words import STATES, operation_words


@pytest.mark.parametrize(
    ("operation", "names", "said"),
    [
        (
            {"op": "rename", "grid": "131081", "name": "131081"},
            {"131081": "霸州市"},
            "将 霸州市 131081 更名为 131081",
        ),
        ({"op": "rename", "grid": "131081", "name": "霸州"}, {"131081": "131081"}, "将 131081 更名为 霸州"),
        (
            {"op": "move_vertex", "from": [116.5, 39.478907750000005], "to": [116.25, 39.0]},
            {},
            "移动顶点（116.5, 39.4789078 → 116.25, 39）",
        ),
    ],
)
def test_a_step_names_grids_as_such_and_names_as_they_are(
    operation: dict[str, Any], names: dict[str, str], said: str
) -> None:
    with create_app().test_request_context(headers={"Accept-Language": "zh-CN"}):
        assert operation_words(operation, names) == said


def test_every_state_of_a_plan_has_its_words() -> None:
    assert list(STATE_WORDS) == list(STATES) == list(PLAN_STATES)
    assert all(STATE_WORDS.values())
    assert all(word for word, _tone in STATES.values())
