"""Posts and roles in a grid that ends pass to those that come in its place: to each part, once to each person."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import text

from core.access.commands import GrantRole
from core.access.granting import grant_role
from core.db.base import new_id
from core.db.session import reading, work
from core.grids.plans import drafts, service
from core.grids.plans.drafts import NewPlan
from core.grids.plans.previewing import preview_plan
from core.org.service import CreatePost, FillPost, create_post, fill_post
from tests.beginning import begins_with
from tests.integration.access.making import person
from tests.integration.grids.bringing import TESTER
from tests.integration.grids.plans import SPLIT, WEST_LINE, draft, run, two_counties

HALVES: Any = {**SPLIT, "codes": ["139911", "139912"]}
"""Retires the western county, with neither part keeping its code."""
UNITED = {"op": "merge", "grids": ["139911", "139912"], "code": "139920"}


template = begins_with(two_counties)
pytestmark = pytest.mark.usefixtures("database")


@pytest.fixture
def li() -> UUID:
    return person("li")


@pytest.fixture
def wang() -> UUID:
    return person("wang")


def seat(grid: str, *holders: UUID, kind: str = "worker", deputies: tuple[UUID, ...] = ()) -> None:
    with work(TESTER) as session:
        post = create_post(session, CreatePost(kind, "", grid, None))
        for holder in holders:
            fill_post(session, FillPost(post, holder))
        for deputy in deputies:
            fill_post(session, FillPost(post, deputy, deputy=True))


def give(user: UUID, role: str, grid: str) -> None:
    with work(TESTER) as session:
        grant_role(session, GrantRole(user, role, grid))


def seats() -> list[tuple[str, str, str]]:
    """Grid, kind and holder of every open post."""
    sql = """
        select s.code, p.kind || case when h.deputy then ' (deputy)' else '' end, coalesce(u.login, '')
        from core.post p join core.grid_state s on s.grid_id = p.grid_id and upper_inf(s.valid)
        left join core.post_holder h on h.post_id = p.id and upper_inf(h.valid)
        left join core.user_account u on u.id = h.user_id where p.closed_at is null order by 1, 2, 3
    """
    return rows(sql)


def roles() -> list[tuple[str, str, str]]:
    sql = """
        select s.code, g.role, u.login from core.grant g join core.user_account u on u.id = g.user_id
        join core.grid_state s on s.grid_id = g.grid_id and upper_inf(s.valid)
        where g.revoked_at is null order by 1, 2, 3
    """
    return rows(sql)


def rows(sql: str) -> list[tuple[str, str, str]]:
    with reading(TESTER) as session:
        return [(row[0], row[1], row[2]) for row in session.execute(text(sql))]


def counts() -> tuple[dict[str, int], dict[str, int]]:
    """Rows that ended and that began with the latest change."""
    with reading(TESTER) as session:
        found = session.scalar(text("select counts from core.grid_change order by version desc limit 1"))
    return found["ended"], found["copied"]


def test_a_split_gives_both_parts_what_the_whole_had(li: UUID, wang: UUID) -> None:
    seat("139901", li, deputies=(wang,))
    seat("139901", kind="grid_head")
    give(li, "worker", "139901")
    plan = draft("139900", HALVES)
    with work(TESTER) as session:
        seen = preview_plan(session, plan.id)
    assert (seen.ended, seen.copied) == (
        {"core.grant": 1, "core.post": 2, "core.responsibility": 0},
        {"core.grant": 2, "core.post": 4, "core.responsibility": 0},
    )
    run("139900", HALVES)
    assert counts() == (seen.ended, seen.copied)
    assert seats() == [
        (code, *rest)
        for code in ("139911", "139912")
        for rest in (("grid_head", ""), ("worker", "li"), ("worker (deputy)", "wang"))
    ]
    assert roles() == [("139911", "worker", "li"), ("139912", "worker", "li")]


def test_a_part_that_keeps_the_code_keeps_all_and_the_other_gets_the_same(li: UUID) -> None:
    """Nobody's corner: who walked the whole walks both parts until somebody decides otherwise."""
    seat("139901", li)
    give(li, "worker", "139901")
    run("139900", SPLIT)
    assert seats() == [("139901", "worker", "li"), ("139911", "worker", "li")]
    assert roles() == [("139901", "worker", "li"), ("139911", "worker", "li")]
    ended, copied = counts()
    assert not any(ended.values())
    assert copied["core.post"] == copied["core.grant"] == 1


def test_a_merge_taken_back_gives_everybody_their_grid_again(li: UUID, wang: UUID) -> None:
    give(li, "worker", "139901")
    give(wang, "worker", "139902")
    merged = run("139900", {"op": "merge", "grids": ["139901", "139902"], "code": "139901"})
    with work(TESTER) as session:
        plan, unfit = drafts.revert_change(session, NewPlan(new_id(), "139900", "撤回"), merged.change_id)
        plan = service.submit(session, plan.id, plan.version)
        plan = service.approve(session, plan.id, plan.version)
        service.apply_plan(session, plan.id, plan.version)
    assert unfit == []
    assert {("139901", "worker", "li"), ("139902", "worker", "wang")} <= set(roles())


def test_a_merge_unites_and_nobody_holds_the_same_twice(li: UUID, wang: UUID) -> None:
    run("139900", HALVES)
    seat("139911", li)
    seat("139912", li)
    seat("139912", wang)
    seat("139912", li, kind="grid_head")
    for grid in ("139911", "139912"):
        give(li, "worker", grid)
    run("139900", UNITED)
    assert seats() == [("139920", "grid_head", "li"), ("139920", "worker", "li"), ("139920", "worker", "wang")]
    assert roles() == [("139920", "worker", "li")]
    assert counts() == (
        {"core.grant": 2, "core.post": 4, "core.responsibility": 0},
        {"core.grant": 1, "core.post": 3, "core.responsibility": 0},
    )


def test_a_grid_retired_into_another_passes_what_is_not_there_yet(li: UUID, wang: UUID) -> None:
    seat("139901", li)
    seat("139901")
    seat("139902", li)
    seat("139902", wang)
    give(wang, "worker", "139901")
    run("139900", {"op": "retire", "grid": "139901", "into": "139902"})
    assert seats() == [("139902", "worker", "li"), ("139902", "worker", "wang")]
    assert roles() == [("139902", "worker", "wang")]


def test_a_grid_carved_away_whole_passes_to_the_new_one_alone(li: UUID) -> None:
    run("139900", {"op": "subdivide", "grid": "139901", "lines": [WEST_LINE], "level": "street"})
    seat("139901002", li)
    ring = [[116.1, 39.0], [116.2, 39.0], [116.2, 39.2], [116.1, 39.2], [116.1, 39.0]]
    area = {"type": "Polygon", "coordinates": [ring]}
    run("139900", {"op": "carve", "from": ["139901002"], "polygon": area, "name": "大学城", "code": "139901050"})
    assert seats() == [("139901050", "worker", "li")]


def test_an_ancestor_that_loses_all_its_area_passes_at_its_own_level(li: UUID) -> None:
    east = {"op": "subdivide", "grid": "139902", "lines": [[[116.3, 38.9], [116.3, 39.3]]], "level": "street"}
    west = {"op": "subdivide", "grid": "139901", "lines": [WEST_LINE], "level": "street"}
    run("139900", west, east)
    seat("139901", li)
    run("139900", *({"op": "move", "grid": f"13990100{n}", "parent": "139902"} for n in (1, 2)))
    assert seats() == [("139902", "worker", "li")]


def test_a_neighbour_that_only_got_a_vertex_inherits_nothing(li: UUID) -> None:
    run(
        "139900",
        {"op": "subdivide", "grid": "139902", "lines": [[[116.15, 39.13], [116.45, 39.13]]], "level": "street"},
    )
    seat("139902001", li)
    slanted = [[116.15, 39.16], [116.45, 39.1733333]]
    run(
        "139900",
        {"op": "split", "grid": "139902001", "line": slanted, "codes": ["139902011", "139902012"]},
        {"op": "rename", "grid": "139901", "name": "老西县"},
    )
    assert seats() == [("139902011", "worker", "li"), ("139902012", "worker", "li")]


def test_the_journal_keeps_what_ended_and_what_began(li: UUID) -> None:
    seat("139901", li)
    run("139900", HALVES)
    sql = "select action, object_type, count(*)::text from core.journal where object_type = 'core.post' group by 1, 2"
    assert sorted(rows(sql)) == [("core.post.insert", "core.post", "3"), ("core.post.update", "core.post", "1")]
