"""Any decided change is written by one door: births, renewals and closures in one recorded act, proven at commit."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import pytest
import shapely
from pyogrio.raw import read
from sqlalchemy import text

from core import clock
from core.access.commands import CreateUser, GrantRole
from core.access.granted import grants_of
from core.access.granting import grant_role
from core.access.service import create_user
from core.db.session import WorkSession, reading, work
from core.errors import Conflict, NotFound, Refused
from core.grids.acts import Act, Birth, Renewal
from core.grids.exporting import ExportOptions, export_grids
from core.grids.queries import children, grid_by_code, history, known_grid, known_last_bearer
from core.grids.reading import coverage_version, load_shapes
from core.grids.search import search_grids
from core.grids.writing import apply_change
from core.org.queries import all_posts
from core.org.service import CreatePost, FillPost, create_post, fill_post
from gis.chain import dissolve
from tests.integration.access.making import actor, person
from tests.integration.grids.bringing import TESTER, bring, proven, written
from tests.integration.grids.drawing import COUNTIES, NODED_CITY, draw
from tests.integration.waiting import somebody_waits


@pytest.fixture
def merge(database: str, tmp_path: Path) -> Iterator[Act]:
    """Two counties under a city, and the act that makes one of them."""
    bring(draw(tmp_path / "city.geojson", NODED_CITY), "city")
    bring(draw(tmp_path / "counties.geojson", *COUNTIES), "county")
    with reading(TESTER) as session:
        shapes = load_shapes(session, "s.code <> '139900'")
        whole = dissolve(shapes.polygons)
        yield Act(
            "merge",
            coverage_version(session),
            ({"op": "merge", "grids": ["139901", "139902"], "code": "139903"},),
            births=(Birth("139903", "合县", "county", "139900", whole),),
            closures=tuple(shapes.grid_ids.tolist()),
        )


def test_grids_are_closed_and_others_born_in_their_place(merge: Act) -> None:
    with work(TESTER) as session:
        change = apply_change(session, merge)
        assert (change.kind, change.version) == ("merge", 3)
        assert {name: change.counts[name] for name in ("born", "renewed", "retired")} == {
            "born": 1, "renewed": 0, "retired": 2,
        }  # fmt: skip
    assert (proven().exact, proven().leaves) == (True, 1)
    with reading(TESTER) as session:
        assert [child.code for child in children(session, "139900")] == ["139903"]
        assert grid_by_code(session, "139901") is None
        retired = session.scalars(text("select id from core.grid where retired_by is not null order by id")).all()
        assert retired == sorted(merge.closures)
        (period,) = history(session, retired[0])
        assert period.valid_to is not None
        assert not period.noded
        assert known_last_bearer(session, "139901") == retired[0]


def test_what_was_then_is_still_found_and_exported(merge: Act, tmp_path: Path) -> None:
    with work(TESTER) as session:
        before = clock.now()
        apply_change(session, merge)
    with work(TESTER) as session:
        for as_of, codes in ((before, ["139901", "139902"]), (None, ["139903"])):
            found = search_grids(session, "县", as_of=as_of)
            assert [grid.code for grid in found] == codes
            file = tmp_path / f"{len(codes)}.gpkg"
            assert export_grids(session, "139900", file, ExportOptions(as_of=as_of)) == len(codes)
            assert sorted(read(str(file), columns=["code"])[3][0]) == codes


def test_roles_and_posts_of_a_retired_grid_end_and_begin_in_what_comes_instead(merge: Act) -> None:
    part, city = person("part", "grid_head", grid="139901"), person("city", "grid_head", grid="139900")
    everywhere = person("all", "grid_head")
    with work(TESTER) as session:
        seat = create_post(session, CreatePost("grid_head", grid_code="139901"))
        fill_post(session, FillPost(seat, part))
        fill_post(session, FillPost(seat, everywhere, deputy=True))
        other = create_post(session, CreatePost("grid_head", grid_code="139900"))
    before = actor(city).grants, actor(everywhere).grants
    with work(TESTER) as session:
        change = apply_change(session, merge)
        hung = {"core.grant": 1, "core.post": 1, "core.responsibility": 0}
        assert change.counts["ended"] == change.counts["copied"] == hung
    (passed,) = actor(part).grants
    assert (actor(city).grants, actor(everywhere).grants) == before
    with reading(TESTER) as session:
        heir = known_grid(session, "139903")
        assert (passed.role, passed.path) == ("grid_head", heir.path)
        assert [grant.id for grant in grants_of(session, part)] != []
        assert {post.grid_id: post.id for post in all_posts(session)}.keys() == {
            heir.id,
            known_grid(session, "139900").id,
        }
        assert other in {post.id for post in all_posts(session)}
        assert seat not in {post.id for post in all_posts(session)}
        told = "select object_id from core.journal where action = :action and actor = :actor and after ? :column"
        values = [("core.grant.update", "revoked_at"), ("core.post.update", "closed_at")]
        values += [("core.post_holder.update", "valid")]
        for action, column in values:
            found = session.scalars(text(told), {"action": action, "actor": TESTER.id, "column": column}).all()
            assert len(found) == (2 if column == "valid" else 1), action


def take_a_role(session: WorkSession, grid: str) -> object:
    return grant_role(session, GrantRole(create_user(session, CreateUser("late", "迟")).id, "grid_head", grid))


def take_a_post(session: WorkSession, grid: str) -> object:
    return create_post(session, CreatePost("grid_head", grid_code=grid))


@pytest.mark.parametrize("take", [take_a_role, take_a_post])
def test_what_waited_for_a_change_is_not_hung_on_a_grid_that_it_retired(
    merge: Act, take: Callable[[WorkSession, str], object]
) -> None:
    def follow() -> None:
        with work(TESTER) as session:
            take(session, "139901")

    with ThreadPoolExecutor(1) as pool:
        with work(TESTER) as session:
            apply_change(session, merge)
            other = pool.submit(follow)
            while not (other.done() or somebody_waits()):
                pass
        with pytest.raises(NotFound, match="139901"):
            other.result(30)


def test_what_does_not_add_up_is_not_written(merge: Act) -> None:
    before = written()
    with pytest.raises(Refused, match="139900"), work(TESTER) as session:
        apply_change(session, replace(merge, closures=merge.closures[:1]))
    assert written() == before


def spiked(polygon: shapely.Polygon) -> shapely.Polygon:
    """The same with a way out of its second corner and back, which covers nothing."""
    first, corner, *rest = polygon.exterior.coords
    return shapely.Polygon([first, corner, (corner[0] + 5, corner[1] - 7), corner, *rest])


@pytest.mark.parametrize("code", ["139903", "139900"])
def test_an_outline_with_a_spike_is_not_written_though_its_sum_is_right(merge: Act, code: str) -> None:
    before = written()
    with work(TESTER) as session:
        city = load_shapes(session, "s.code = '139900'")
    (birth,) = merge.births
    renewal = Renewal(int(city.grid_ids[0]), spiked(city.polygons[0]), noded=True)
    wrong = {
        "139903": replace(merge, births=(replace(birth, polygon=spiked(birth.polygon)),)),
        "139900": replace(merge, renewals=(renewal,)),
    }[code]
    with pytest.raises(Refused, match=f"{code} is no valid polygon"), work(TESTER) as session:
        apply_change(session, wrong)
    assert written() == before


def test_what_was_decided_on_another_version_is_not_written(merge: Act) -> None:
    before = written()
    with pytest.raises(Conflict), work(TESTER) as session:
        apply_change(session, replace(merge, base_version=1))
    assert written() == before
