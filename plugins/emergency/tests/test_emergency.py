from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError
from wangge import Actor, Invalid, work
from wangge.testing import Host

PROJECT = Path(__file__).resolve().parent.parent
HEAD = "名称,经度,纬度,容纳人数,地址,联系电话\n"

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


def test_its_migrations_make_the_tables_that_its_models_declare(plugin: SwitchOn, actor: Actor) -> None:
    from core.plugin.tables import differences

    host = plugin(PROJECT)
    metadata = host.loaded["emergency"].plugin.metadata
    assert metadata is not None
    with work(actor) as session:
        assert differences(session.connection(), "emergency", metadata) == []


def load(actor: Actor, text: str, encoding: str = "utf-8") -> Any:
    from wangge_emergency.shelters import SHELTERS

    with work(actor) as session:
        return SHELTERS.load(session, text.encode(encoding))


def shelters(actor: Actor) -> list[tuple[str, int, str]]:
    from wangge_emergency.shelters import SHELTERS

    with work(actor) as session:
        return [(row.name, row.capacity, row.office_phone) for row in SHELTERS.all(session)]


@pytest.mark.parametrize("encoding", ["utf-8-sig", "gbk"])
def test_a_table_with_chinese_headings_is_loaded_and_loaded_again(
    plugin: SwitchOn, actor: Actor, encoding: str
) -> None:
    plugin(PROJECT)
    table = HEAD + "一中操场,116.7,39.5,1200,新华路1号,0316-1234567\n体育馆,116.71,39.51,800,,\n"
    done = load(actor, table, encoding)
    assert (done.added, done.changed) == (2, 0)
    done = load(actor, HEAD + "体育馆,116.71,39.51,900,,\n")
    assert (done.added, done.changed) == (0, 1)
    assert {name: capacity for name, capacity, _phone in shelters(actor)} == {"一中操场": 1200, "体育馆": 900}


@pytest.mark.parametrize(
    ("row", "pointer"),
    [
        ("体育馆,216.7,39.5,800,,\n", "/3/lon"),
        ("体育馆,116.7,39.5,many,,\n", "/3/capacity"),
        (",116.7,39.5,800,,\n", "/3/name"),
        ("体育馆,116.7,39.5,-1,,\n", "/3/capacity"),
    ],
)
def test_a_line_with_a_fault_is_named_and_nothing_is_written(
    plugin: SwitchOn, actor: Actor, row: str, pointer: str
) -> None:
    plugin(PROJECT)
    with pytest.raises(Invalid) as refusal:
        load(actor, HEAD + "一中操场,116.7,39.5,1200,,\n" + row)
    assert [objection.pointer for objection in refusal.value.objections] == [pointer]
    assert shelters(actor) == []


@pytest.mark.parametrize("text", ["", "名称,经度\n一中,116.7\n", "\0\0\0"])
def test_a_file_that_is_no_such_table_is_refused(plugin: SwitchOn, actor: Actor, text: str) -> None:
    plugin(PROJECT)
    with pytest.raises(Invalid):
        load(actor, text)


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
