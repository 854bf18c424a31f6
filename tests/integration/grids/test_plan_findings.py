"""What fits the coverage and may not be meant: told with every check, and in the way of submitting where it must be."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import pytest
import shapely

from core.db.session import reading, work
from core.errors import Refused
from core.grids.plans import drafts, service
from core.grids.plans.offers import Offer
from core.grids.plans.previewing import preview_plan
from core.grids.plans.remarks import PlanFinding
from core.grids.plans.verdict import check_plan
from core.instance import InstanceValues, save_instance_values
from core.norms import GridNorms, SizeNorm
from tests.beginning import begins_with
from tests.integration.grids.bringing import TESTER, proven
from tests.integration.grids.damaging import shape
from tests.integration.grids.plans import SPLIT, codes, draft, run, two_counties

SLIVER = {
    "op": "split",
    "grid": "139901",
    "line": [[116.00004, 38.95], [116.00004, 39.25]],
    "codes": ["139901", "139911"],
}
"""Leaves a western part 3.5 m wide."""


SPECK = [[116.3, 39.05], [116.30003, 39.05], [116.30003, 39.05002], [116.3, 39.05002], [116.3, 39.05]]
"""About 2.5 m by 2 m inside the east."""
ISLET = (
    {
        "op": "carve", "from": ["139902"], "polygon": {"type": "Polygon", "coordinates": [SPECK]}, "code": "139950",
        "name": "飞地",
    },
    {"op": "merge", "grids": ["139901", "139950"], "code": "139901", "multipart": True},
)  # fmt: skip
"""Gives it to the west, of which it is a part by itself then."""


template = begins_with(two_counties)
pytestmark = pytest.mark.usefixtures("database")


def norm(**limits: float) -> None:
    """Of a county; the western one has 382 km²."""
    with work(TESTER) as session:
        save_instance_values(session, InstanceValues(grid_norms=GridNorms(county=SizeNorm(**limits))))


def found(plan_id: UUID) -> tuple[PlanFinding, ...]:
    with reading(TESTER) as session:
        return check_plan(session, plan_id).findings


def told(plan_id: UUID) -> list[tuple[str, str, bool]]:
    return [(finding.kind, finding.grid, finding.blocking) for finding in found(plan_id)]


def verdict(plan_id: UUID) -> tuple[tuple[PlanFinding, ...], tuple[Offer | None, ...]]:
    with reading(TESTER) as session:
        checked = check_plan(session, plan_id)
    return checked.findings, checked.offers


def offers(plan_id: UUID) -> list[tuple[str, dict[str, Any] | None]]:
    return [(found.kind, mend and dict(mend.operation)) for found, mend in zip(*verdict(plan_id), strict=True)]


def test_without_norms_any_size_is_right() -> None:
    assert told(draft("139900", SPLIT).id) == []


def test_a_grid_that_the_plan_makes_too_small_blocks_it() -> None:
    norm(from_km2=200)
    plan = draft("139900", SPLIT)
    small = found(plan.id)
    assert [(finding.kind, finding.grid, finding.blocking) for finding in small] == [
        ("small", "139901", True),
        ("small", "139911", True),
    ]
    assert [finding.place and 116 < finding.place[0] < 116.2 for finding in small] == [True, True]
    assert "at least 200 km²" in str(small[0].text)
    with pytest.raises(Refused) as refused, work(TESTER) as session:
        service.submit(session, plan.id, plan.version)
    assert [objection.code for objection in refused.value.objections] == ["small", "small"]


def test_a_grid_that_was_too_large_before_may_stay_so() -> None:
    norm(to_km2=300)
    assert told(draft("139900", {"op": "rename", "grid": "139901", "name": "西"}).id) == []
    line = [[116.19, 38.95], [116.19, 39.25]]
    plan = draft("139900", {"op": "split", "grid": "139901", "line": line, "codes": ["139901", "139911"]})
    assert told(plan.id) == [("large", "139901", False)]
    with work(TESTER) as session:
        assert service.submit(session, plan.id, plan.version).state == "submitted"


def test_a_dedicated_grid_has_the_size_of_what_it_is_made_for() -> None:
    norm(from_km2=300)
    ring = [[116.05, 39.05], [116.06, 39.05], [116.06, 39.06], [116.05, 39.06], [116.05, 39.05]]
    area = {"type": "Polygon", "coordinates": [ring]}
    plan = draft("139900", {"op": "carve", "from": ["139901"], "polygon": area, "name": "大学城", "code": "139950"})
    assert told(plan.id) == []


def test_a_sliver_blocks_the_plan() -> None:
    assert told(draft("139900", SLIVER).id)[0] == ("narrow", "139901", True)


def test_a_sliver_may_go_to_its_neighbour_and_the_older_code_stays() -> None:
    plan = draft("139900", SLIVER)
    merge = {"op": "merge", "grids": ["139911", "139901"], "code": "139901"}
    assert offers(plan.id) == [("narrow", merge)]
    with work(TESTER) as session:
        mended = drafts.add_operations(session, plan.id, plan.version, [merge])
    assert told(mended.id) == []


def test_a_small_grid_may_go_to_the_neighbour_with_the_longest_border() -> None:
    """Of the west's northern end, 9 km wide, the neighbour in the south is the longer one."""
    norm(from_km2=30)
    west, north = [[116.1, 38.95], [116.1, 39.25]], [[115.95, 39.19], [116.102, 39.19]]
    plan = draft(
        "139900",
        {"op": "split", "grid": "139901", "line": west, "codes": ["139901", "139911"]},
        {"op": "split", "grid": "139901", "line": north, "codes": ["139901", "139912"]},
    )
    [small] = [operation for code, operation in offers(plan.id) if code == "small"]
    assert small is not None
    assert set(small["grids"]) == {"139901", "139912"}


def test_an_islet_joins_the_nearest_cell_of_a_net() -> None:
    run("139900", *ISLET)
    run("139900", {"op": "subdivide", "grid": "139901", "net_m": 9000})
    assert proven().exact
    parts = {code: shape(code) for code in codes() if code.startswith("139901") and code != "139901"}
    [several] = [code for code, polygon in parts.items() if shapely.get_num_geometries(polygon) > 1]
    mainland = {code: max(shapely.get_parts(polygon), key=shapely.area) for code, polygon in parts.items()}
    islet = shapely.Point(116.3, 39.05)
    assert several == min(mainland, key=lambda code: shapely.distance(mainland[code], islet))


def test_an_islet_that_no_line_cuts_may_be_merged_as_a_part() -> None:
    run("139900", *ISLET)
    plan = draft("139900", {"op": "subdivide", "grid": "139901", "lines": [[[115.9, 39.1], [116.25, 39.1]]]})
    [(islet, offer)] = [
        (finding, dict(mend.operation))
        for finding, mend in zip(*verdict(plan.id), strict=True)
        if finding.kind == "narrow" and mend is not None
    ]
    assert islet.blocking
    assert "(multipart)" in str(islet.text)
    assert islet.grid in offer["grids"]
    assert offer["multipart"]
    with work(TESTER) as session:
        mended = drafts.add_operations(session, plan.id, plan.version, [offer])
        assert service.submit(session, plan.id, mended.version).state == "submitted"


def test_a_code_off_the_scheme_may_be_changed_for_the_next_free_one() -> None:
    plan = draft("139900", {"op": "recode", "grid": "139902", "code": "EAST"})
    assert offers(plan.id) == [("code-scheme", {"op": "recode", "grid": "EAST", "code": "139903"})]


def test_names_and_codes_are_told_and_block_nothing() -> None:
    plan = draft(
        "139900",
        {**SPLIT, "names": ["东县", "139911"]},
        {"op": "recode", "grid": "139902", "code": "EAST"},
    )
    assert told(plan.id) == [
        ("name-twice", "139901", False),
        ("unnamed", "139911", False),
        ("code-scheme", "EAST", False),
        ("name-twice", "EAST", False),
    ]


def test_names_count_among_those_that_the_plan_did_not_read() -> None:
    run("139900", {"op": "subdivide", "grid": "139901", "net_m": 6000})
    names = {"op": "rename", "grid": "139901001", "name": "同名"}
    run("139900", names)
    far = draft("139900", {"op": "rename", "grid": "139901009", "name": "同名"})
    assert told(far.id) == [("name-twice", "139901009", False)]


def test_a_preview_tells_the_same() -> None:
    plan = draft("139900", SLIVER)
    with work(TESTER) as session:
        assert preview_plan(session, plan.id).findings == found(plan.id)


def test_a_grid_in_several_parts_is_told() -> None:
    """A strip carved out across the west leaves it in a northern and a southern part."""
    strip = [[116.0, 39.08], [116.2, 39.08], [116.2, 39.12], [116.0, 39.12], [116.0, 39.08]]
    area = {"type": "Polygon", "coordinates": [strip]}
    plan = draft("139900", {"op": "carve", "from": ["139901"], "polygon": area, "name": "大学城", "code": "139950"})
    assert told(plan.id) == [("parts", "139901", False)]
