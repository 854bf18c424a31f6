"""What a plan's new grids are called where nobody says: on with the numbers beside, else below the parent's name."""

from __future__ import annotations

import pytest

from core.db.session import reading, work
from core.errors import Invalid, Refused
from core.grids.plans import drafts, service
from core.grids.queries import tree
from tests.beginning import begins_with
from tests.integration.grids.bringing import TESTER
from tests.integration.grids.plans import codes, draft, run, two_counties

template = begins_with(two_counties)
pytestmark = pytest.mark.usefixtures("database")


def names(under: str) -> list[str]:
    with reading(TESTER) as session:
        return [row.name for row in tree(session, under)][1:]


def test_the_first_children_are_numbered_below_the_name_of_their_parent() -> None:
    run("139900", {"op": "subdivide", "grid": "139901", "net_m": 9000, "level": "grid"})
    assert names("139901")[:2] == ["西县第1网格", "西县第2网格"]


def test_a_part_goes_on_with_the_numbers_beside() -> None:
    cuts = [[[116.1, 38.9], [116.1, 39.3]]]
    run("139900", {"op": "subdivide", "grid": "139901", "lines": cuts, "level": "grid", "names": ["甲08片", "甲09片"]})
    east = max(code for code in codes() if code.startswith("139901"))
    run("139900", {"op": "split", "grid": east, "line": [[116.15, 38.9], [116.15, 39.3]]})
    assert sorted(names("139901")) == ["甲08片", "甲09片", "甲10片"]


WEST, EAST = "139901001", "139901002"


def parted() -> None:
    """The western county as two grids that bear the numbers of their codes."""
    cuts = [[[116.1, 38.9], [116.1, 39.3]]]
    run("139900", {"op": "subdivide", "grid": "139901", "lines": cuts, "level": "street", "names": ["第1片", "第2片"]})
    assert {WEST, EAST} <= set(codes())


def test_a_name_bears_the_number_of_its_code_where_those_beside_do() -> None:
    parted()
    run("139900", {"op": "split", "grid": EAST, "line": [[116.15, 38.9], [116.15, 39.3]], "names": ["第2片", "柳荫片"]})
    run("139900", {"op": "split", "grid": WEST, "line": [[116.05, 38.9], [116.05, 39.3]]})
    assert sorted(names("139901")) == ["柳荫片", "第1片", "第2片", "第4片"]


def test_a_name_that_was_proposed_follows_the_code_when_a_plan_is_drawn_anew_and_one_that_was_typed_stays() -> None:
    parted()
    plan = draft(
        "139900",
        {"op": "split", "grid": WEST, "line": [[116.05, 38.9], [116.05, 39.3]]},
        {"op": "split", "grid": WEST, "line": [[116.02, 38.9], [116.02, 39.3]], "names": ["第1片", "第8片"]},
    )
    assert [step["names"][1] for step in plan.operations] == ["第3片", "第8片"]
    run("139900", {"op": "split", "grid": EAST, "line": [[116.15, 38.9], [116.15, 39.3]], "names": ["第2片", "柳荫片"]})
    with work(TESTER) as session:
        plan, unfit = drafts.rebase(session, plan.id, plan.version)
    assert not unfit
    born = [(step["codes"][1], step["names"][1]) for step in plan.operations]
    assert born == [("139901004", "第4片"), ("139901005", "第8片")]


def test_a_split_that_names_the_new_part_alone_leaves_a_later_name_of_the_old_one_as_it_is() -> None:
    parted()
    cut = {"op": "split", "grid": WEST, "line": [[116.05, 38.9], [116.05, 39.3]], "names": [None, "河湾片"]}
    plan = draft("139900", cut)
    assert plan.operations[0]["names"] == [None, "河湾片"]
    run("139900", {"op": "rename", "grid": WEST, "name": "柳荫片"})
    with work(TESTER) as session:
        plan, unfit = drafts.rebase(session, plan.id, plan.version)
        assert not unfit
        submitted = service.submit(session, plan.id, plan.version)
        decided = service.approve(session, plan.id, submitted.version)
        service.apply_plan(session, plan.id, decided.version)
    assert sorted(names("139901")) == ["柳荫片", "河湾片", "第2片"]


def test_the_part_that_keeps_the_code_keeps_the_name_also_on_the_right_of_the_line() -> None:
    line = [[116.1, 38.9], [116.1, 39.3]]
    run(
        "139900",
        {"op": "split", "grid": "139901", "line": line, "codes": ["139911", "139901"], "names": ["新县", None]},
    )
    assert sorted(names("139900")) == ["东县", "新县", "西县"]


def test_a_name_that_would_be_too_long_is_not_proposed() -> None:
    cuts = [[[116.1, 38.9], [116.1, 39.3]]]
    long = ["9" * 200, "县" * 100 + "9" * 100]
    run("139900", {"op": "subdivide", "grid": "139901", "lines": cuts, "level": "grid", "names": long})
    east = max(code for code in codes() if code.startswith("139901"))
    run("139900", {"op": "split", "grid": east, "line": [[116.15, 38.9], [116.15, 39.3]]})
    assert min(names("139901"), key=len) in codes()


def test_what_was_proposed_stands_in_the_draft() -> None:
    plan = draft("139900", {"op": "split", "grid": "139901", "line": [[116.1, 38.9], [116.1, 39.3]]})
    [split] = plan.operations
    assert (split["codes"], split["names"]) == (["139901", "139903"], ["西县", "试验市第1县"])
    assert split["proposed"]


@pytest.mark.parametrize("name", [" ", "\u200b", "东\n县", "县\u202e东"])
def test_a_name_is_one_line_and_shows_something(name: str) -> None:
    with pytest.raises(Invalid):
        draft("139900", {"op": "rename", "grid": "139901", "name": name})


def test_a_code_that_is_an_address_is_refused() -> None:
    with pytest.raises(Refused, match="address of the system"):
        draft("139900", {"op": "recode", "grid": "139901", "code": "plans"})


def test_a_plan_has_an_end() -> None:
    plan = draft("139900")
    steps = [{"op": "rename", "grid": "139901", "name": f"西县{n}"} for n in range(drafts.MOST_STEPS)]
    with work(TESTER) as session:
        plan = drafts.add_operations(session, plan.id, plan.version, steps)
    with pytest.raises(Refused, match="at most"), work(TESTER) as session:
        drafts.add_operations(session, plan.id, plan.version, steps[:1])


def test_a_scheme_proposes_no_code_that_is_too_long() -> None:
    run("139900", {"op": "recode", "grid": "139901", "code": "x" * 64})
    with pytest.raises(Refused, match="more than 64 characters"):
        draft("139900", {"op": "subdivide", "grid": "x" * 64, "net_m": 9000, "level": "grid"})
    cut = {"op": "subdivide", "grid": "x" * 64, "level": "grid", "lines": [[[116.1, 38.9], [116.1, 39.3]]]}
    assert len(draft("139900", {**cut, "codes": ["y1", "y2"]}).operations) == 1
