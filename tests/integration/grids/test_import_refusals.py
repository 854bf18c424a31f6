"""Bad boundary files: each is refused with what is wrong, where, and how to mend it; nothing is written."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from core.db.session import reading
from core.errors import DomainError
from core.grids.queries import children
from core.intake.refusals import Remedy, refusal_of
from core.text import Text
from gis.errors import GisError
from tests.integration.grids.bad_files import CASES, content_of
from tests.integration.grids.bringing import TESTER, bring, look, written
from tests.integration.grids.drawing import COUNTIES, NODED_CITY, box, draw, feature
from tests.integration.grids.plans import run, two_counties


def refusal(path: Path, **options: Any) -> str:
    """The reason and what mends it, as ``→code``, by whichever way it comes out."""
    try:
        prepared = bring(path, **options)
    except GisError as error:
        refusal = refusal_of(error)
        return worded(refusal.text, refusal.remedies)
    except DomainError as error:
        return str(error.text)
    assert prepared.refused
    assert prepared.reason is not None
    return worded(prepared.reason, prepared.remedies)


def worded(reason: Text, remedies: Sequence[Remedy]) -> str:
    return str(reason) + "".join(f" →{remedy.code}" for remedy in remedies)


def test_codes_of_retired_grids_are_told_before_the_shapes_are_looked_at(database: str, tmp_path: Path) -> None:
    two_counties(tmp_path)
    run("139900", {"op": "subdivide", "grid": "139901", "net_m": 9000, "level": "street"})
    run("139900", {"op": "merge", "grids": ["139901001", "139901002"], "code": "139901001"})
    overlapping = [feature("139901002", box(2, 0, 3, 2), "甲"), feature("139902001", box(2, 0, 4, 2), "乙")]
    path = draw(tmp_path / "streets.geojson", *overlapping)
    options: dict[str, Any] = {"level": "street", "parent": "139902"}
    for more in ({}, {"clean": True}):
        assert refusal(path, **options, **more).startswith("These codes belong to other grids, living or retired")
    twice = draw(tmp_path / "twice.geojson", overlapping[0], overlapping[0])
    warned = [str(warning) for warning in look(twice, **options).warnings]
    assert any("belong to other grids, living or retired: 139901002" in warning for warning in warned), warned


def test_bad_files_are_refused_with_what_where_and_how_to_mend_and_leave_nothing(database: str, tmp_path: Path) -> None:
    bring(draw(tmp_path / "city.geojson", NODED_CITY), "city")
    before = written()
    faults = {}
    for case, (name, _content, options, said) in CASES.items():
        path = tmp_path / name
        path.write_bytes(content_of(case))
        reason = refusal(path, **options)
        unsaid = [part for part in said if part not in reason]
        if unsaid or written() != before:
            faults[case] = (reason, unsaid)
    assert faults == {}


def test_on_an_empty_tree_the_way_to_a_root_is_told(database: str, tmp_path: Path) -> None:
    path = draw(tmp_path / "a.geojson", *COUNTIES)
    before = written()
    assert refusal(path, level="county").endswith("→city_first →root")
    assert refusal(path, level="city").endswith("→city_first →root")
    assert "139900" in refusal(path, level="county", parent="139900")
    assert "→root" in refusal(path, level="county", root="131000")
    assert "legal date 9999-12-31" in refusal(path, level="county", effective_on=dt.date.max)
    assert written() == before


def test_a_city_that_lives_is_changed_by_a_plan(database: str, tmp_path: Path) -> None:
    bring(draw(tmp_path / "city.geojson", NODED_CITY), "city")
    path = draw(tmp_path / "counties.geojson", *COUNTIES)
    bring(path, "county")
    before = written()
    reason = refusal(path, level="county")
    assert "139900" in reason
    assert "plan" in reason
    assert reason.endswith("→plan")
    assert "no field BM" in refusal(path, level="county", code_field="BM"), "the file's own faults come first"
    assert written() == before


def test_the_grid_for_a_plan_is_known_by_the_codes_of_the_rows(database: str, tmp_path: Path) -> None:
    two_counties(tmp_path)
    run("139900", {"op": "subdivide", "grid": "139901", "net_m": 9000, "level": "street"})
    with reading(TESTER) as session:
        below = [feature(street.code, box(0, 0, 1, 1)) for street in children(session, "139901")]

    def ways(*features: Any) -> list[tuple[str, dict[str, Any]]]:
        prepared = look(draw(tmp_path / "a.geojson", *features), "street")
        assert prepared.refused
        return [(each.code, dict(each.params)) for each in prepared.remedies]

    assert len(below) > 1
    assert ways(*below) == [("plan", {"parent": "139901"})]
    assert ways(COUNTIES[0], *below) == [("plan", {"parent": "139901"})], "its own row follows from those below"
    assert ways(COUNTIES[1], *below) == [("plan", {"parent": "139900"})]
    assert ways(feature("139977", box(0, 0, 1, 1)), *below) == [("plan", {"parent": "139900"}), ("parent", {})]
