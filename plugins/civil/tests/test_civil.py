from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from pydantic import ValidationError
from wangge import Actor, Invalid, work
from wangge.testing import Host

PROJECT = Path(__file__).resolve().parent.parent
SAMPLE = PROJECT / "tests" / "care_places.csv"
HEAD = "名称,经度,纬度,类型,地址,容纳人数\n"

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


def test_its_migrations_make_the_tables_that_its_models_declare(plugin: SwitchOn, actor: Actor) -> None:
    from core.plugin.tables import differences

    metadata = plugin(PROJECT).loaded["civil"].plugin.metadata
    assert metadata is not None
    with work(actor) as session:
        assert differences(session.connection(), "civil", metadata) == []


def test_each_kind_has_samples_that_its_form_accepts(plugin: SwitchOn) -> None:
    for _owner, kind in plugin(PROJECT).values("register_matter_kinds"):
        assert 5 <= len(kind.samples) <= 8
        assert len({sample.title for sample in kind.samples}) == len(kind.samples)
        for sample in kind.samples:
            kind.form.model_validate(sample.form)


def load(actor: Actor, data: bytes) -> tuple[int, int, int]:
    from wangge_civil.care_places import CARE_PLACES

    with work(actor) as session:
        done = CARE_PLACES.load(session, data)
    return done.added, done.changed, done.outside


def kept(actor: Actor) -> dict[str, str]:
    from wangge_civil.care_places import CARE_PLACES

    with work(actor) as session:
        return {place.name: place.category for place in CARE_PLACES.all(session)}


def test_the_sample_table_is_loaded_and_loaded_again_in_another_encoding(plugin: SwitchOn, actor: Actor) -> None:
    plugin(PROJECT)
    text = SAMPLE.read_text(encoding="utf-8")
    assert load(actor, text.encode()) == (3, 0, 3)
    assert load(actor, text.encode("gbk")) == (0, 3, 3)
    assert list(kept(actor).values()).count("canteen") == 2
    assert load(actor, (HEAD + "和风,116.7,39.5,canteen,,60\n").encode()) == (1, 0, 1)


@pytest.mark.parametrize(
    ("row", "pointer"),
    [
        ("和风,216.7,39.5,助老食堂,,60\n", "/3/lon"),
        ("和风,116.7,39.5,茶馆,,60\n", "/3/category"),
        (",116.7,39.5,助老食堂,,60\n", "/3/name"),
        ("和风,116.7,39.5,助老食堂,,many\n", "/3/capacity"),
    ],
)
def test_a_line_with_a_fault_is_named_and_nothing_is_written(
    plugin: SwitchOn, actor: Actor, row: str, pointer: str
) -> None:
    plugin(PROJECT)
    with pytest.raises(Invalid) as refusal:
        load(actor, (HEAD + "望湖,116.7,39.5,助老食堂,望湖路1号,60\n" + row).encode())
    assert [objection.pointer for objection in refusal.value.objections] == [pointer]
    assert kept(actor) == {}


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
