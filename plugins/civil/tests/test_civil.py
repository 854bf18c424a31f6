from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from pydantic import ValidationError
from wangge import Actor, work
from wangge.testing import Host

PROJECT = Path(__file__).resolve().parent.parent
SAMPLE = PROJECT / "tests" / "care_places.csv"

SwitchOn = Callable[[Path], Host]


def test_it_brings_kinds_layers_a_panel_and_a_command(plugin: SwitchOn) -> None:
    host = plugin(PROJECT)
    assert host.failures == {}
    assert {hook: [value.name for _owner, value in host.values(hook)] for hook in (
        "register_matter_kinds", "register_layers", "register_panels", "register_commands",
    )} == {
        "register_matter_kinds": ["civil.elder_visit", "civil.aid_clue"],
        "register_layers": ["civil.canteen", "civil.day_care"],
        "register_panels": ["civil.care"],
        "register_commands": ["import-care-places"],
    }  # fmt: skip


def test_its_table_for_trying_out_is_loaded_by_the_office(plugin: SwitchOn, actor: Actor) -> None:
    plugin(PROJECT)
    from wangge_civil.care_places import CARE_PLACES

    with work(actor) as session:
        assert CARE_PLACES.load(session, SAMPLE.read_bytes()).added == 3
        assert {place.category for place in CARE_PLACES.all(session)} <= {"canteen", "day_care"}


def test_an_elder_is_not_seen_until_somebody_says_so(plugin: SwitchOn) -> None:
    plugin(PROJECT)
    from wangge_civil.kinds import ElderVisit

    assert ElderVisit(dwelling="6-102").seen is False
    for wrong in ({}, {"dwelling": "6-102", "home_hazards": ["dog"]}, {"dwelling": "6-102", "next_date": "soon"}):
        with pytest.raises(ValidationError):
            ElderVisit.model_validate(wrong)


def test_a_clue_for_aid_needs_household_and_event(plugin: SwitchOn) -> None:
    plugin(PROJECT)
    from wangge_civil.kinds import AidClue

    assert AidClue(household="8-502", event="fire").amount_asked is None
    for wrong in ({"household": "8-502"}, {"event": "fire"}, {"household": "8", "event": "fire", "amount_asked": -1}):
        with pytest.raises(ValidationError):
            AidClue.model_validate(wrong)
