from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from pydantic import ValidationError
from wangge import Actor, work
from wangge.testing import Host

PROJECT = Path(__file__).resolve().parent.parent

SwitchOn = Callable[[Path], Host]


def test_it_brings_two_kinds_a_layer_a_panel_and_a_command(plugin: SwitchOn) -> None:
    host = plugin(PROJECT)
    assert host.failures == {}
    assert {hook: [value.name for _owner, value in host.values(hook)] for hook in (
        "register_matter_kinds", "register_layers", "register_panels", "register_commands",
    )} == {
        "register_matter_kinds": ["emergency.hazard", "emergency.flash"],
        "register_layers": ["emergency.shelters"],
        "register_panels": ["emergency.hazards"],
        "register_commands": ["import-shelters"],
    }  # fmt: skip


def test_a_table_of_shelters_is_loaded_by_the_office(plugin: SwitchOn, actor: Actor) -> None:
    plugin(PROJECT)
    from wangge_emergency.shelters import SHELTERS

    table = "名称,经度,纬度,容量,地址,值班电话\n一中操场,116.7,39.5,1200,新华路1号,0316-1234567\n"
    with work(actor) as session:
        assert SHELTERS.load(session, table.encode()).added == 1
        assert [(each.name, each.capacity, each.office_phone) for each in SHELTERS.all(session)] == [
            ("一中操场", 1200, "0316-1234567")
        ]


def test_a_flash_report_needs_nothing_and_refuses_negative_numbers(plugin: SwitchOn) -> None:
    plugin(PROJECT)
    from wangge_emergency.kinds import FlashReport

    first = FlashReport()
    assert (first.stage, first.dead, first.trapped) == ("initial", 0, 0)
    with pytest.raises(ValidationError):
        FlashReport(dead=-1)


def test_a_hazard_has_one_of_three_levels_and_photos_before_and_after(plugin: SwitchOn) -> None:
    plugin(PROJECT)
    from wangge_emergency.kinds import HAZARD, Hazard

    for level in ("general", "larger", "major"):
        assert Hazard(level=level).level == level  # type: ignore[arg-type]
    with pytest.raises(ValidationError):
        Hazard(level="huge")  # type: ignore[arg-type]
    assert dict(HAZARD.evidence) == {"settle": 1, "close": 1}
