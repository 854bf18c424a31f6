"""Operations that do not fit, or cannot be read: each with the reason and its place; the draft stays."""

from __future__ import annotations

import pytest

from core.db.session import reading, work
from core.errors import DomainError, Invalid, Refused
from core.grids.plans import drafts
from core.grids.plans.queries import plan_by_id
from core.grids.plans.verdict import check_plan
from tests.beginning import begins_with
from tests.integration.grids.bringing import TESTER, written
from tests.integration.grids.drawing import comb
from tests.integration.grids.plans import SPLIT, Raw, draft, run, two_counties

template = begins_with(two_counties)
pytestmark = pytest.mark.usefixtures("database")


UNFIT: dict[str, tuple[Raw, str]] = {
    "a line that does not cut": ({**SPLIT, "line": [[116.01, 39.01], [116.02, 39.02]]}, "does not cut"),
    "a line that cuts twice": (
        {**SPLIT, "line": [[116.05, 38.9], [116.05, 39.3], [116.15, 39.3], [116.15, 38.9]]},
        "more than once",
    ),
    "a line along the outline": ({**SPLIT, "line": [[116.000001, 38.9], [116.000001, 39.3]]}, "wide"),
    "a line that crosses itself": (
        {**SPLIT, "line": [[116.1, 38.9], [116.1, 39.3], [116.12, 39.1], [116.0, 39.1]]},
        "crosses itself",
    ),
    "a code that is taken": ({**SPLIT, "codes": ["139901", "139902"]}, "139902 belongs or belonged to 大县"),
    "a code for both parts": ({**SPLIT, "codes": ["139909", "139909"]}, "139909 is given twice"),
    "a grid that is none": ({"op": "rename", "grid": "999", "name": "x"}, "999"),
    "a grid with grids below it": ({**SPLIT, "grid": "139900"}, "grids below it"),
    "a merge with itself": ({"op": "merge", "grids": ["139901", "139901"]}, "two grids"),
    "a reshape that crosses nothing": (
        {"op": "reshape", "grid": "139901", "line": [[116.01, 39.01], [116.02, 39.02]]},
        "crosses no border",
    ),
    "a vertex of the outline": ({"op": "move_vertex", "from": [116.0, 39.0], "to": [115.9, 38.9]}, "outline"),
    "a vertex that is none": ({"op": "move_vertex", "from": [116.07, 39.07], "to": [116.1, 39.1]}, "No border"),
    "a carved area that leaves the grids": (
        {
            "op": "carve",
            "from": ["139901"],
            "name": "x",
            "polygon": {
                "type": "Polygon",
                "coordinates": [[[116.1, 39.05], [116.3, 39.05], [116.3, 39.1], [116.1, 39.1], [116.1, 39.05]]],
            },
        },
        "leaves the grids",
    ),
    "polygons that cross each other without end": (
        {
            "op": "load",
            "parent": "139901",
            "polygons": [{"polygon": comb(300, upright=upright)} for upright in (False, True)],
        },
        "meet each other",
    ),
    "the parent that it has": ({"op": "move", "grid": "139901", "parent": "139900"}, "lies under 139900 already"),
    "a parent below": ({"op": "move", "grid": "139901", "parent": "139902"}, "cannot go under"),
    "a net finer than any": ({"op": "subdivide", "grid": "139901", "net_m": 10}, "cells"),
    "a level above": ({"op": "subdivide", "grid": "139901", "net_m": 5000, "level": "city"}, "does not lie below"),
}


@pytest.mark.parametrize("case", UNFIT)
def test_what_does_not_fit_is_refused_with_the_reason_and_the_draft_stays(case: str) -> None:
    operation, said = UNFIT[case]
    plan = draft("139900", {"op": "rename", "grid": "139902", "name": "大县"})
    before = written()
    with pytest.raises(DomainError) as refusal, work(TESTER) as session:
        drafts.add_operations(session, plan.id, plan.version, [operation])
    assert said in str(refusal.value)
    assert [fault.pointer for fault in refusal.value.objections][:1] == ["/operations/0"], "in what was sent"
    assert "Step 2 of the plan" in str(refusal.value)
    assert written() == before
    with reading(TESTER) as session:
        assert plan_by_id(session, plan.id) == plan


def test_a_step_that_the_plan_has_already_is_none_of_what_was_sent() -> None:
    plan = draft(
        "139900", {"op": "rename", "grid": "139901", "name": "老西县"}, {**SPLIT, "codes": ["139901", "139955"]}
    )
    run("139900", {"op": "recode", "grid": "139902", "code": "139955"})
    sent = {"op": "rename", "grid": "139955", "name": "大县"}
    with pytest.raises(Refused, match=r"Step 2 of the plan.*139955") as adding, work(TESTER) as session:
        drafts.add_operations(session, plan.id, plan.version, [sent])
    with pytest.raises(Refused, match=r"Step 2 of the plan.*139955") as checking, reading(TESTER) as session:
        check_plan(session, plan.id)
    assert {fault.pointer for found in (adding, checking) for fault in found.value.objections} == {""}


@pytest.mark.parametrize(
    ("operation", "pointer"),
    [
        ({"op": "melt"}, ""),
        ({"op": "split", "grid": "139901"}, "/line"),
        ({"op": "split", "grid": "139901", "line": [[116, 39]]}, "/line"),
        ({"op": "split", "grid": "139901", "line": [[116, 39], [216, 39]]}, "/line/1/0"),
        ({"op": "subdivide", "grid": "139901"}, ""),
        ({"op": "rename", "grid": "139901", "name": ""}, "/name"),
        ({"op": "rename", "grid": "139901", "name": "x", "colour": "red"}, "/colour"),
    ],
)
def test_what_cannot_be_read_is_named_by_its_place(operation: Raw, pointer: str) -> None:
    plan = draft("139900")
    with pytest.raises(Invalid) as refusal, work(TESTER) as session:
        drafts.add_operations(session, plan.id, plan.version, [operation])
    assert refusal.value.objections[0].pointer == f"/operations/0{pointer}"
