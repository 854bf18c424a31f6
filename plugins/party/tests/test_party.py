from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from pathlib import Path

import pytest
from pydantic import ValidationError
from wangge import Actor, Invalid, work
from wangge.testing import Host

PROJECT = Path(__file__).resolve().parent.parent
SAMPLE = PROJECT / "tests" / "stations.csv"
HEAD = "名称,经度,纬度,类型,地址\n"

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


def test_its_migrations_make_the_tables_that_its_models_declare(plugin: SwitchOn, actor: Actor) -> None:
    from core.plugin.tables import differences

    metadata = plugin(PROJECT).loaded["party"].plugin.metadata
    assert metadata is not None
    with work(actor) as session:
        assert differences(session.connection(), "party", metadata) == []


def test_each_kind_has_samples_that_its_form_accepts(plugin: SwitchOn) -> None:
    for _owner, kind in plugin(PROJECT).values("register_matter_kinds"):
        assert 5 <= len(kind.samples) <= 8
        assert len({sample.title for sample in kind.samples}) == len(kind.samples)
        for sample in kind.samples:
            kind.form.model_validate(sample.form)


def load(actor: Actor, data: bytes) -> tuple[int, int, int]:
    from wangge_party.stations import STATIONS

    with work(actor) as session:
        done = STATIONS.load(session, data)
    return done.added, done.changed, done.outside


def kept(actor: Actor) -> dict[str, str]:
    from wangge_party.stations import STATIONS

    with work(actor) as session:
        return {place.name: place.category for place in STATIONS.all(session)}


def test_the_sample_table_is_loaded_and_loaded_again_in_another_encoding(plugin: SwitchOn, actor: Actor) -> None:
    plugin(PROJECT)
    text = SAMPLE.read_text(encoding="utf-8")
    assert load(actor, text.encode()) == (3, 0, 3)
    assert load(actor, text.encode("gbk")) == (0, 3, 3)
    assert list(kept(actor).values()).count("station") == 2
    assert load(actor, (HEAD + "和风,116.7,39.5,station,\n").encode()) == (1, 0, 1)


@pytest.mark.parametrize(
    ("row", "pointer"),
    [
        ("和风,216.7,39.5,红色驿站,\n", "/3/lon"),
        ("和风,116.7,39.5,茶馆,\n", "/3/category"),
        (",116.7,39.5,红色驿站,\n", "/3/name"),
    ],
)
def test_a_line_with_a_fault_is_named_and_nothing_is_written(
    plugin: SwitchOn, actor: Actor, row: str, pointer: str
) -> None:
    plugin(PROJECT)
    with pytest.raises(Invalid) as refusal:
        load(actor, (HEAD + "望湖,116.7,39.5,红色驿站,望湖路1号\n" + row).encode())
    assert [objection.pointer for objection in refusal.value.objections] == [pointer]
    assert kept(actor) == {}


def test_a_visit_names_a_household_and_may_promise_something(plugin: SwitchOn) -> None:
    plugin(PROJECT)
    from wangge_party.kinds import Visit

    visit = Visit.model_validate({"household": "5-301", "promise": "lamp", "promise_due": "2026-12-01"})
    assert visit.promise_due == dt.date(2026, 12, 1)
    for wrong in ({}, {"household": ""}, {"household": "5-301", "needs": ["money"]}, {"household": "5", "score": 3}):
        with pytest.raises(ValidationError):
            Visit.model_validate(wrong)
