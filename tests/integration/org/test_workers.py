"""Who walks which grid, from XLSX lists: 400 posts at once, faults by row and column, the same list again."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import text

from core.access.service import disable_user
from core.errors import Forbidden, Invalid
from core.org.importing import WorkersTaken, import_workers, workers_template
from core.org.service import CreatePost, create_post
from tests.integration.access.making import EAST_STREET, SOUTH_STREET, TESTER, actor, do, person, rows, sheet

HEADS = ("登录名", "网格编码", "岗位", "岗位名称", "代理人")
HELD = """select u.login, s.code, p.kind, h.deputy from core.post p join core.post_holder h on h.post_id = p.id
    join core.user_account u on u.id = h.user_id
    join core.grid_state s on s.grid_id = p.grid_id and upper_inf(s.valid)
    where upper_inf(h.valid) and p.closed_at is null order by 1, 2, 3"""


def taken(data: bytes) -> dict[str, int]:
    done: WorkersTaken = do(TESTER, import_workers, data)
    return done.counts()


def faults(lines: Sequence[Sequence[object]]) -> list[str]:
    with pytest.raises(Invalid) as refused:
        do(TESTER, import_workers, sheet(HEADS, lines))
    assert rows("select 1 from core.post") == []
    return [objection.pointer for objection in refused.value.objections]


def test_four_hundred_workers_get_their_posts_and_the_same_list_changes_nothing() -> None:
    make = """insert into core.user_account (id, login, name, made_at, phone, email, language, must_change_password)
        select gen_random_uuid(), 'walker' || n, '网格员' || n, now(), '', '', '', false
        from generate_series(0, 399) n"""
    do(TESTER, lambda session: session.execute(text(make)))
    lines = [(f"walker{n}", f"{EAST_STREET}{n % 4 + 1:03}", "网格员", "专职网格员", "") for n in range(400)]
    data = sheet(HEADS, lines)
    assert taken(data) == {"people": 400, "posts": 400, "deputies": 0, "unchanged": 0}
    assert len(rows(HELD)) == 400
    assert rows("select count(*) from core.journal where action = 'core.post_holder.insert'") == [(400,)]
    assert taken(data) == {"people": 400, "posts": 0, "deputies": 0, "unchanged": 400}
    assert len(rows(HELD)) == 400


def test_one_list_sent_many_times_at_once_makes_its_posts_once() -> None:
    lines = [(f"walker{n}", f"{EAST_STREET}{n % 4 + 1:03}", "网格员", "", "") for n in range(20)]
    for login, *_rest in lines:
        person(login)
    data = sheet(HEADS, lines)
    with ThreadPoolExecutor(4) as pool:
        posts = [done["posts"] for done in pool.map(taken, [data] * 4)]
    assert sorted(posts) == [0, 0, 0, 20]
    assert len(rows(HELD)) == 20


def test_each_fault_stands_by_row_and_column_and_nothing_is_written() -> None:
    person("walker")
    do(TESTER, disable_user, person("leaver"))
    found = faults(
        [
            ("walker", EAST_STREET, "网格员", "", ""),
            ("nobody", EAST_STREET, "网格员", "", ""),
            ("leaver", EAST_STREET, "网格员", "", ""),
            ("walker", "no-such-grid", "网格员", "", ""),
            ("walker", SOUTH_STREET, "皇帝", "", ""),
            ("walker", SOUTH_STREET, "seat", "", ""),
            ("WALKER", EAST_STREET, "worker", "", ""),
            ("walker", f"{EAST_STREET}001", "worker", "名" * 101, ""),
        ]
    )
    assert found == ["/3/登录名", "/4/登录名", "/5/网格编码", "/6/岗位", "/7/岗位", "/8/登录名", "/9/岗位名称"]
    assert faults([("", "", "", "", "1")]) == ["/2/登录名", "/2/网格编码", "/2/岗位", "/2/代理人"]


def test_vacant_posts_are_filled_first_and_deputies_stand_in_by_their_login() -> None:
    do(TESTER, create_post, CreatePost("grid_head", grid_code=EAST_STREET))
    person("head")
    person("second")
    lines = [("head", EAST_STREET, "网格长", "", "Second")]
    assert taken(sheet(HEADS, lines)) == {"people": 2, "posts": 1, "deputies": 1, "unchanged": 0}
    held = [tuple(row) for row in rows(HELD)]
    assert held == [("head", EAST_STREET, "grid_head", False), ("second", EAST_STREET, "grid_head", True)]
    assert taken(sheet(HEADS, lines)) == {"people": 2, "posts": 0, "deputies": 0, "unchanged": 1}
    assert [tuple(row) for row in rows(HELD)] == held


def test_a_post_that_stands_under_another_name_is_told_and_left() -> None:
    person("walker")
    first = ("walker", EAST_STREET, "网格员", "专职网格员", "")
    taken(sheet(HEADS, [first]))
    again = do(TESTER, import_workers, sheet(HEADS, [("walker", EAST_STREET, "网格员", "兼职", "")]))
    [told] = again.differences
    assert (told.row, told.who, told.now, told.listed, told.taken) == (2, "walker", "专职网格员", "兼职", False)
    assert rows("select title from core.post") == [("专职网格员",)]


def test_a_deputy_is_a_person_in_service_and_not_the_holder() -> None:
    person("walker")
    do(TESTER, disable_user, person("leaver"))
    named = ("nobody", "leaver", "WALKER")
    found = faults([("walker", f"{EAST_STREET}00{n}", "网格员", "", name) for n, name in enumerate(named, 1)])
    assert found == ["/2/代理人", "/3/代理人", "/4/代理人"]


def test_the_template_has_the_heads_and_a_damaged_list_is_refused() -> None:
    with pytest.raises(Invalid) as refused:
        do(TESTER, import_workers, workers_template())
    assert "no rows" in str(refused.value)
    with pytest.raises(Invalid):
        do(TESTER, import_workers, workers_template()[:-200])


def test_only_those_who_manage_the_organisation_bring_lists() -> None:
    with pytest.raises(Forbidden):
        do(actor(person("head", "grid_head", grid=EAST_STREET)), import_workers, b"not even looked at")
