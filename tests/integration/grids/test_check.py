"""The proof of what stands: every set of siblings, now and earlier, and what it finds after tampering."""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlalchemy import text

from core import clock
from core.db.cluster import Cluster
from core.db.session import reading, work
from core.errors import Forbidden, NotFound
from core.grids.proof import check_coverage, keep_verdict
from tests.integration.access.making import actor, do, person
from tests.integration.grids.bringing import TESTER, bring, proven, tamper
from tests.integration.grids.drawing import COUNTIES, NODED_CITY, draw, feature, polygon

KEYS = [
    "root", "as_of", "levels", "leaves", "edges", "unmatched", "invalid", "gaps", "overlaps", "area_m2", "exact",
    "seconds",
]  # fmt: skip
STREETS = (
    feature("139901001", polygon([(0, 0), (2, 0), (2, 1), (0, 1)]), "南街道"),
    feature("139901002", polygon([(0, 1), (2, 1), (2, 2), (0, 2)]), "北街道"),
)


@pytest.fixture
def city(database: str, tmp_path: Path) -> None:
    """A city, two counties, and in the west two streets."""
    bring(draw(tmp_path / "city.geojson", NODED_CITY), "city")
    bring(draw(tmp_path / "counties.geojson", *COUNTIES), "county")
    assert not bring(draw(tmp_path / "streets.geojson", *STREETS), "street", parent="139901", clean=True).refused


def test_an_exact_coverage_is_said_to_be(city: None) -> None:
    answer = proven().as_json()
    assert set(KEYS) <= set(answer)
    assert (answer["root"], answer["exact"], answer["leaves"]) == ("139900", True, 3)
    assert answer["levels"] == {"city": 1, "county": 2, "street": 2}
    assert [answer[key] for key in ("unmatched", "invalid", "gaps", "overlaps")] == [0, 0, 0, 0]


def test_a_part_and_an_earlier_moment_are_proven_alone(city: None) -> None:
    with work(TESTER) as session:
        part = check_coverage(session, "139901")
        assert (part.root, part.levels, part.exact) == ("139901", {"county": 1, "street": 2}, True)
        earlier = check_coverage(session, None, clock.now())
        assert earlier.levels == {"city": 1, "county": 2, "street": 2}
        with pytest.raises(NotFound, match="777"):
            check_coverage(session, "777")


def test_the_verdict_is_kept_beside_the_version_until_the_next_change(database: str, tmp_path: Path) -> None:
    bring(draw(tmp_path / "city.geojson", NODED_CITY), "city")
    assert proven().exact
    with reading(TESTER) as session:
        assert session.scalar(text("select proof from core.coverage")) is None, "looking writes nothing"
    with work(TESTER) as session:
        keep_verdict(session, check_coverage(session))
    with reading(TESTER) as session:
        assert session.scalar(text("select proof->>'exact' from core.coverage")) == "true"
    bring(draw(tmp_path / "counties.geojson", *COUNTIES), "county")
    with reading(TESTER) as session:
        assert session.scalar(text("select proof from core.coverage")) is None


def test_the_verdict_on_the_whole_is_not_kept_by_who_has_a_part(city: None) -> None:
    with work(TESTER) as session:
        found = check_coverage(session)
    with pytest.raises(Forbidden):
        do(actor(person("part", "gis_admin", grid="139901")), keep_verdict, found)
    do(actor(person("whole", "gis_admin")), keep_verdict, found)


def test_an_upper_level_that_no_longer_fits_is_found(city: None, cluster: Cluster, database: str) -> None:
    tamper(
        cluster, database, "update core.grid_state set shape_id = (select shape_id from core.grid_state where"
        " code = '139901001' and upper_inf(valid)) where code = '139902' and upper_inf(valid)",
    )  # fmt: skip
    found = proven()
    assert not found.exact
    assert found.unmatched > 0
    kinds = {finding.kind for finding in found.findings}
    assert {"overlap", "missing"} & kinds
    assert any("139902" in finding.codes for finding in found.findings)


def test_a_moved_vertex_and_its_stale_fingerprint_are_found(city: None, cluster: Cluster, database: str) -> None:
    tamper(
        cluster, database, "update core.grid_shape set geom = st_translate(geom, 0.0000001, 0) where id ="
        " (select shape_id from core.grid_state where code = '139901002' and upper_inf(valid))",
    )  # fmt: skip
    found = proven()
    assert (found.exact, found.stale) == (False, 1)
    assert found.unmatched > 0
