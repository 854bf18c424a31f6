"""Who answers for what, where: the rule, the proof, and what becomes of rows when grids and departments end."""

from __future__ import annotations

from itertools import product
from typing import Any
from uuid import UUID

import pytest

from core.actor import Actor
from core.db.session import reading
from core.errors import Conflict, Forbidden, Invalid, NotFound, Refused
from core.grids.queries import known_grid
from core.org.service import close_department
from core.responsibility.commands import AddClaim, ChangeClaim, Offices
from core.responsibility.proving import prove
from core.responsibility.queries import claims, responsible
from core.responsibility.service import add_claim, change_claim, end_claim
from core.responsibility.views import Proof
from tests.integration.access.making import TESTER, actor, do, person, rows
from tests.integration.grids.plans import SPLIT, run

KINDS = {"stall": "order", "noise": "order", "visit": ""}
"""Two kinds of one category, and one that has none."""


def claim(kind: str, grid: str, lead: str, *, category: str = "", who: Actor = TESTER, **more: Any) -> UUID:
    made: UUID = do(who, add_claim, AddClaim(kind, category, grid, Offices(lead, **more)), KINDS)
    return made


def leads(kind: str, grid: str) -> list[str]:
    with reading(TESTER) as session:
        holding = responsible(session, kind, KINDS[kind], known_grid(session, grid))
    return sorted(office.code for office in holding.offices)


def proof() -> Proof:
    with reading(TESTER) as session:
        return prove(session, KINDS)


def found(proof: Proof) -> list[tuple[str, str, str, int]]:
    return sorted((one.kind, one.defect, one.grid_code, one.leaves) for one in proof.findings)


def test_an_empty_matrix_is_one_hole_for_each_kind() -> None:
    told = proof()
    assert (told.kinds, told.leaves, told.holes, told.doubles, told.exact) == (3, 2, 6, 0, False)
    assert found(told) == [(kind, "hole", "139900", 2) for kind in sorted(KINDS)]


def test_the_more_precise_row_comes_first_then_the_nearer_grid() -> None:
    claim("", "139900", "town")
    assert [leads(kind, grid) for kind, grid in product(KINDS, ("139901", "139902"))] == [["town"]] * 6
    claim("", "139900", "urban", category="order")
    claim("", "139901", "civil")
    assert (leads("stall", "139901"), leads("visit", "139901"), leads("visit", "139902")) == (
        ["urban"], ["civil"], ["town"],
    )  # fmt: skip
    claim("stall", "139900", "police")
    claim("", "139901", "civil", category="order")
    assert (leads("stall", "139901"), leads("noise", "139901"), leads("noise", "139902")) == (
        ["police"], ["civil"], ["urban"],
    )  # fmt: skip
    assert proof().exact


def test_a_hole_is_told_by_the_topmost_grid() -> None:
    claim("", "139901", "town")
    assert found(proof()) == [(kind, "hole", "139902", 1) for kind in sorted(KINDS)]
    claim("visit", "139902", "civil")
    assert found(proof()) == [("noise", "hole", "139902", 1), ("stall", "hole", "139902", 1)]
    marked = proof().marked["hole"]
    with reading(TESTER) as session:
        ids = {code: known_grid(session, code).id for code in ("139900", "139901", "139902")}
    assert marked == {ids["139900"]: 2, ids["139902"]: 2}


def test_two_departments_that_lead_in_one_grid_are_a_double_claim() -> None:
    claim("", "139900", "town")
    claim("stall", "139900", "urban")
    claim("stall", "139900", "police")
    told = proof()
    assert (told.holes, told.doubles, found(told)) == (0, 2, [("stall", "double", "139900", 2)])
    assert [row.lead.code for row in told.findings[0].claims] == ["urban", "police"]
    claim("stall", "139901", "urban")
    assert found(proof()) == [("stall", "double", "139902", 1)]


def test_a_closed_lead_gives_way_to_the_fallback_then_to_the_next_row() -> None:
    claim("", "139900", "town")
    row = claim("visit", "139901", "civil", fallback="police")
    do(TESTER, close_department, "civil")
    assert leads("visit", "139901") == ["police"]
    do(TESTER, close_department, "police")
    assert leads("visit", "139901") == ["town"]
    told = proof()
    assert (told.exact, [stale.id for stale in told.stale]) == (True, [row])


def test_a_split_and_a_merge_hand_rows_on_and_a_clash_is_left_to_a_person() -> None:
    claim("", "139900", "town")
    claim("stall", "139901", "urban", assistants=("police",), fallback="town")
    claim("stall", "139902", "police")
    run("139900", {**SPLIT, "codes": ["139911", "139912"]})
    assert [leads("stall", code) for code in ("139911", "139912", "139902")] == [["urban"], ["urban"], ["police"]]
    with reading(TESTER) as session:
        rows = {row.grid_code: row for row in claims(session) if row.kind == "stall"}
    assert sorted(rows) == ["139902", "139911", "139912"]
    west = rows["139911"]
    assert ([office.code for office in west.assistants], west.fallback and west.fallback.code) == (["police"], "town")
    run("139900", {"op": "merge", "grids": ["139912", "139902"], "code": "139930"})
    assert leads("stall", "139930") == ["police", "urban"]
    assert found(proof()) == [("stall", "double", "139930", 1)]
    run("139900", {"op": "merge", "grids": ["139911", "139930"], "code": "139911"})
    with reading(TESTER) as session:
        assert sorted(row.lead.code for row in claims(session) if row.kind == "stall") == ["police", "urban"]


def test_a_change_needs_the_version_that_stands() -> None:
    row = claim("stall", "139901", "urban")
    do(TESTER, change_claim, ChangeClaim(row, 1, Offices("police", ("urban",), "town")))
    assert leads("stall", "139901") == ["police"]
    with pytest.raises(Conflict) as refused:
        do(TESTER, change_claim, ChangeClaim(row, 1, Offices("civil")))
    assert (refused.value.theirs["lead"], refused.value.theirs["version"]) == ("police", 2)
    assert refused.value.mine["lead"] == "civil"
    do(TESTER, change_claim, ChangeClaim(row, 2, Offices("police", ("urban",), "town")))
    with reading(TESTER) as session:
        assert claims(session)[0].version == 2
    do(TESTER, end_claim, row)
    assert leads("stall", "139901") == []
    with pytest.raises(NotFound):
        do(TESTER, end_claim, row)


@pytest.mark.parametrize(
    ("what", "pointers"),
    [
        ({"kind": "stall", "category": "order"}, ["/category"]),
        ({"kind": "parking"}, ["/kind"]),
        ({"kind": "", "category": "traffic"}, ["/category"]),
        ({"kind": "", "lead": "nobody", "fallback": "none"}, ["/lead", "/fallback"]),
        ({"kind": "stall", "assistants": ("urban",)}, ["/assistants"]),
        ({"kind": "stall", "assistants": ("town", "town"), "fallback": "town"}, ["/assistants"]),
    ],
)
def test_what_is_wrong_is_said_at_its_place(what: dict[str, Any], pointers: list[str]) -> None:
    with pytest.raises(Invalid) as refused:
        claim(**{"grid": "139900", "lead": "urban", **what})
    assert [fault.pointer for fault in refused.value.objections] == pointers
    with reading(TESTER) as session:
        assert claims(session) == []


def test_a_department_leads_once_for_the_same() -> None:
    claim("stall", "139901", "urban")
    other = claim("stall", "139901", "police")
    with pytest.raises(Refused):
        claim("stall", "139901", "urban")
    with pytest.raises(Refused):
        do(TESTER, change_claim, ChangeClaim(other, 1, Offices("urban")))


def test_a_leader_rules_in_their_own_grids_alone() -> None:
    leader = actor(person("zhao", "leader", grid="139901"))
    worker = actor(person("li", "worker", grid="139901"))
    row = claim("stall", "139902", "urban")
    claim("stall", "139901", "urban", who=leader)
    for act in (
        lambda: claim("stall", "139902", "police", who=leader),
        lambda: claim("", "139900", "police", who=leader),
        lambda: do(leader, change_claim, ChangeClaim(row, 1, Offices("police"))),
        lambda: do(leader, end_claim, row),
        lambda: claim("noise", "139901", "police", who=worker),
    ):
        with pytest.raises(Forbidden):
            act()


def test_the_journal_tells_who_changed_what() -> None:
    row = claim("stall", "139901", "urban")
    do(TESTER, change_claim, ChangeClaim(row, 1, Offices("police")))
    do(TESTER, end_claim, row)
    told = rows("select action from core.journal where object_type = 'core.responsibility' order by id")
    assert [action for (action,) in told] == [f"core.responsibility.{act}" for act in ("insert", "update", "update")]
