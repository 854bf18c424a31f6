"""What people write on a plan: a title in one line, a reason and a comment of some length; else told at its field."""

from __future__ import annotations

import pytest

from core.db.base import new_id
from core.db.session import work
from core.errors import Invalid
from core.grids.plans import drafts, service
from core.grids.plans.drafts import NewPlan
from tests.beginning import begins_with
from tests.integration.grids.bringing import TESTER, written
from tests.integration.grids.plans import SPLIT, submitted, two_counties

template = begins_with(two_counties)
pytestmark = pytest.mark.usefixtures("database")


@pytest.mark.parametrize(
    ("title", "reason", "field", "said"),
    [
        ("", "", "/title", "Give the plan a title"),
        (" \u200b\u3164", "", "/title", "Give the plan a title"),
        ("西县\n拆分", "", "/title", "breaks or turns the line"),
        ("西县\0", "", "/title", "breaks or turns the line"),
        ("西" * 201, "", "/title", "At most 200 characters fit; there are 201"),
        ("西县拆分", "因" * 2001, "/reason", "At most 2000 characters fit; there are 2001"),
        ("西县拆分", "会议\0纪要", "/reason", "cannot be kept"),
    ],
)
def test_words_that_cannot_stand_are_refused_at_their_field(title: str, reason: str, field: str, said: str) -> None:
    before = written()
    with pytest.raises(Invalid) as refusal, work(TESTER) as session:
        drafts.create_plan(session, NewPlan(new_id(), "139900", title, reason))
    [fault] = refusal.value.objections
    assert fault.pointer == field
    assert said in str(fault.text)
    assert written() == before


def test_the_longest_words_are_kept_whole_without_the_space_around_them() -> None:
    reason = "因" * 1000 + "\n\t" + "故" * 998
    with work(TESTER) as session:
        plan = drafts.create_plan(session, NewPlan(new_id(), "139900", " " + "西" * 199 + " ", reason))
    assert (plan.title, plan.reason) == ("西" * 199, reason)


def test_a_line_that_a_form_ends_counts_as_one_character() -> None:
    typed = "\r\n".join(["因" * 999, "故" * 1000])
    with work(TESTER) as session:
        plan = drafts.create_plan(session, NewPlan(new_id(), "139900", "西县拆分", typed))
    assert plan.reason == "因" * 999 + "\n" + "故" * 1000


def test_the_same_plan_sent_twice_is_one_also_with_space_around_its_title() -> None:
    command = NewPlan(new_id(), "139900", "西县拆分 ")
    with work(TESTER) as session:
        assert drafts.create_plan(session, command) == drafts.create_plan(session, command)


@pytest.mark.parametrize(
    ("comment", "said"),
    [(" \u200b", "Say what shall be changed"), ("线" * 2001, "At most 2000"), ("线\0", "cannot be kept")],
)
def test_a_plan_is_not_given_back_without_words_that_can_be_kept(comment: str, said: str) -> None:
    plan = submitted("139900", SPLIT)
    with pytest.raises(Invalid) as refusal, work(TESTER) as session:
        service.return_plan(session, plan.id, plan.version, comment)
    assert [fault.pointer for fault in refusal.value.objections] == ["/comment"]
    assert said in str(refusal.value.objections[0].text)
