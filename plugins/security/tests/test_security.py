from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from pydantic import ValidationError
from wangge import Actor, work
from wangge.testing import Host

PROJECT = Path(__file__).resolve().parent.parent
SAMPLE = PROJECT / "tests" / "rooms.csv"

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


def test_its_table_for_trying_out_is_loaded_by_the_office(plugin: SwitchOn, actor: Actor) -> None:
    plugin(PROJECT)
    from wangge_security.rooms import ROOMS

    with work(actor) as session:
        assert ROOMS.load(session, SAMPLE.read_bytes()).added == 3
        assert {place.category for place in ROOMS.all(session)} <= {"street", "community", "industry"}


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

    bare = HazardSafety.model_validate({"findings": ["wiring"]})
    assert (bare.danger, bare.site) == ("general", None), "a choice that nobody made is none, and not “other”"
    with pytest.raises(ValidationError):
        HazardSafety.model_validate({"findings": []})
    assert dict(HAZARD_SAFETY.evidence) == {"settle": 1, "close": 1}
