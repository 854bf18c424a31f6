from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from pathlib import Path

import pytest
from pydantic import ValidationError
from wangge import Actor, work
from wangge.testing import Host

PROJECT = Path(__file__).resolve().parent.parent
SAMPLE = PROJECT / "tests" / "stations.csv"

SwitchOn = Callable[[Path], Host]


def test_it_brings_kinds_layers_a_panel_and_a_command(plugin: SwitchOn) -> None:
    host = plugin(PROJECT)
    assert host.failures == {}
    assert {hook: [value.name for _owner, value in host.values(hook)] for hook in (
        "register_matter_kinds", "register_layers", "register_panels", "register_commands",
    )} == {
        "register_matter_kinds": ["party.visit", "party.station_request"],
        "register_layers": ["party.station", "party.parlour"],
        "register_panels": ["party.quarter"],
        "register_commands": ["import-stations"],
    }  # fmt: skip


def test_its_table_for_trying_out_is_loaded_by_the_office(plugin: SwitchOn, actor: Actor) -> None:
    plugin(PROJECT)
    from wangge_party.stations import STATIONS

    with work(actor) as session:
        assert STATIONS.load(session, SAMPLE.read_bytes()).added == 3
        assert {place.category for place in STATIONS.all(session)} <= {"station", "parlour"}


def test_a_visit_names_a_household_and_may_promise_something(plugin: SwitchOn) -> None:
    plugin(PROJECT)
    from wangge_party.kinds import Visit

    visit = Visit.model_validate({"household": "5-301", "promise": "lamp", "promise_due": "2026-12-01"})
    assert visit.promise_due == dt.date(2026, 12, 1)
    for wrong in ({}, {"household": ""}, {"household": "5-301", "needs": ["money"]}, {"household": "5", "score": 3}):
        with pytest.raises(ValidationError):
            Visit.model_validate(wrong)
