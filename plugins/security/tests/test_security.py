from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from pydantic import ValidationError
from wangge import Actor, Invalid, work
from wangge.testing import Host

PROJECT = Path(__file__).resolve().parent.parent
SAMPLE = PROJECT / "tests" / "rooms.csv"
HEAD = "名称,经度,纬度,类型,地址\n"

SwitchOn = Callable[[Path], Host]


def test_it_brings_kinds_layers_a_panel_and_a_command(plugin: SwitchOn) -> None:
    host = plugin(PROJECT)
    assert host.failures == {}
    assert {hook: [value.name for _owner, value in host.values(hook)] for hook in (
        "register_matter_kinds", "register_layers", "register_panels", "register_commands",
    )} == {
        "register_matter_kinds": ["security.dispute", "security.hazard_safety"],
        "register_layers": ["security.street", "security.community", "security.industry"],
        "register_panels": ["security.disputes"],
        "register_commands": ["import-rooms"],
    }  # fmt: skip


def test_its_migrations_make_the_tables_that_its_models_declare(plugin: SwitchOn, actor: Actor) -> None:
    from core.plugin.tables import differences

    metadata = plugin(PROJECT).loaded["security"].plugin.metadata
    assert metadata is not None
    with work(actor) as session:
        assert differences(session.connection(), "security", metadata) == []


def test_each_kind_has_samples_that_its_form_accepts(plugin: SwitchOn) -> None:
    for _owner, kind in plugin(PROJECT).values("register_matter_kinds"):
        assert 5 <= len(kind.samples) <= 8
        assert len({sample.title for sample in kind.samples}) == len(kind.samples)
        for sample in kind.samples:
            kind.form.model_validate(sample.form)


def load(actor: Actor, data: bytes) -> tuple[int, int, int]:
    from wangge_security.rooms import ROOMS

    with work(actor) as session:
        done = ROOMS.load(session, data)
    return done.added, done.changed, done.outside


def kept(actor: Actor) -> dict[str, str]:
    from wangge_security.rooms import ROOMS

    with work(actor) as session:
        return {place.name: place.category for place in ROOMS.all(session)}


def test_the_sample_table_is_loaded_and_loaded_again_in_another_encoding(plugin: SwitchOn, actor: Actor) -> None:
    plugin(PROJECT)
    text = SAMPLE.read_text(encoding="utf-8")
    assert load(actor, text.encode()) == (3, 0, 3)
    assert load(actor, text.encode("gbk")) == (0, 3, 3)
    assert list(kept(actor).values()).count("community") == 1
    assert load(actor, (HEAD + "和风,116.7,39.5,community,\n").encode()) == (1, 0, 1)


@pytest.mark.parametrize(
    ("row", "pointer"),
    [
        ("和风,216.7,39.5,社区调解室,\n", "/3/lon"),
        ("和风,116.7,39.5,茶馆,\n", "/3/category"),
        (",116.7,39.5,社区调解室,\n", "/3/name"),
    ],
)
def test_a_line_with_a_fault_is_named_and_nothing_is_written(
    plugin: SwitchOn, actor: Actor, row: str, pointer: str
) -> None:
    plugin(PROJECT)
    with pytest.raises(Invalid) as refusal:
        load(actor, (HEAD + "望湖,116.7,39.5,社区调解室,望湖路1号\n" + row).encode())
    assert [objection.pointer for objection in refusal.value.objections] == [pointer]
    assert kept(actor) == {}


@pytest.mark.parametrize(
    ("signs", "people", "risk"),
    [
        ([], 2, "low"),
        (["long"], 2, "low"),
        (["long", "large_sum"], 2, "medium"),
        ([], 5, "medium"),
        (["wages"], 9, "high"),
        (["violence"], 2, "high"),
    ],
)
def test_the_risk_of_a_dispute_follows_from_the_checklist(
    plugin: SwitchOn, signs: list[str], people: int, risk: str
) -> None:
    plugin(PROJECT)
    from wangge_security.kinds import Dispute

    given = {"dispute_type": "labour", "people": people, "signs": signs}
    assert Dispute.model_validate(given).risk == risk


def test_the_risk_may_be_set_higher_than_the_checklist_and_never_lower(plugin: SwitchOn) -> None:
    plugin(PROJECT)
    from wangge_security.kinds import Dispute

    given = {"dispute_type": "labour", "people": 2, "signs": ["heated"]}
    assert Dispute.model_validate({**given, "risk": "high"}).risk == "high"
    with pytest.raises(ValidationError) as refusal:
        Dispute.model_validate({**given, "risk": "low"})
    assert [fault["loc"] for fault in refusal.value.errors()] == [("risk",)]


def test_a_dispute_names_no_party(plugin: SwitchOn) -> None:
    plugin(PROJECT)
    from wangge_security.kinds import Dispute

    assert set(Dispute.model_fields) == {
        "dispute_type", "scale", "people", "signs", "risk", "mediator", "agreement_due"
    }  # fmt: skip
    with pytest.raises(ValidationError):
        Dispute.model_validate({"dispute_type": "labour", "party": "…"})


def test_a_safety_hazard_has_findings_and_photos_before_and_after(plugin: SwitchOn) -> None:
    plugin(PROJECT)
    from wangge_security.kinds import HAZARD_SAFETY, HazardSafety

    assert HazardSafety.model_validate({"findings": ["wiring"]}).danger == "general"
    with pytest.raises(ValidationError):
        HazardSafety.model_validate({"findings": []})
    assert dict(HAZARD_SAFETY.evidence) == {"settle": 1, "close": 1}
