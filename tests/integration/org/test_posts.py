"""Departments, posts, holders and deputies: what stands, what is refused, what the journal keeps."""

from __future__ import annotations

from uuid import UUID

import pytest

from core.access.commands import UpdateUser
from core.access.service import disable_user, update_user
from core.db.base import new_id
from core.db.session import reading
from core.errors import Forbidden, Invalid, NotFound, Refused
from core.org.queries import all_posts, departments, posts_of_grids
from core.org.service import (
    CreatePost,
    FillPost,
    SaveDepartment,
    close_department,
    close_post,
    create_post,
    fill_post,
    save_department,
    vacate_post,
)
from core.org.views import DepartmentView, PostView
from tests.integration.access.making import EAST_STREET, SOUTH_STREET, TESTER, actor, do, person, rows


def offices() -> dict[str, DepartmentView]:
    with reading(TESTER) as session:
        return {office.code: office for office in departments(session)}


def posts(code: str = EAST_STREET) -> list[PostView]:
    """The open posts of one grid."""
    with reading(TESTER) as session:
        [(grid_id,)] = rows("select grid_id from core.grid_state where code = :code and upper_inf(valid)", code=code)
        return posts_of_grids(session, [grid_id]).get(grid_id, [])


def holders(code: str = EAST_STREET) -> list[tuple[str, str, bool]]:
    return [(post.kind, post.holder, post.deputy) for post in posts(code)]


def post(kind: str = "worker", code: str = EAST_STREET, title: str = "") -> UUID:
    made = do(TESTER, create_post, CreatePost(kind, title, grid_code=code))
    assert isinstance(made, UUID)
    return made


def test_departments_form_a_tree_without_a_ring() -> None:
    do(TESTER, save_department, SaveDepartment("CG", "城管局", phone="0316-1"))
    do(TESTER, save_department, SaveDepartment("CG-1", "一中队", "CG"))
    do(TESTER, save_department, SaveDepartment("CG-1-1", "一组", "CG-1"))
    assert offices()["CG-1"].parent_id == offices()["CG"].id
    for parent in ("CG", "CG-1-1"):
        with pytest.raises(Refused):
            do(TESTER, save_department, SaveDepartment("CG", "城管局", parent))
    do(TESTER, save_department, SaveDepartment("CG-1", "二中队"))
    assert (offices()["CG-1"].name, offices()["CG-1"].parent_id) == ("二中队", None)
    assert len(offices()) == 3


def test_a_departments_faults_are_named() -> None:
    for code in ("", "has blank", "c" * 41, "城管", "a/b", "<b>", "x\0"):
        with pytest.raises(Invalid) as refused:
            do(TESTER, save_department, SaveDepartment(code, "名"))
        assert [objection.pointer for objection in refused.value.objections] == ["/code"]
    for name in (" ", "名" * 201, "a\0b", "a\nb"):
        with pytest.raises(Invalid) as refused:
            do(TESTER, save_department, SaveDepartment("ok", name))
        assert [objection.pointer for objection in refused.value.objections] == ["/name"]
    with pytest.raises(NotFound):
        do(TESTER, save_department, SaveDepartment("ok", "名", "no-such"))
    assert offices() == {}


def test_a_department_closes_when_it_is_empty_and_opens_again_under_its_code() -> None:
    first = do(TESTER, save_department, SaveDepartment("CG", "城管局"))
    do(TESTER, save_department, SaveDepartment("CG-1", "一中队", "CG"))
    clerk = person("clerk")
    do(TESTER, update_user, UpdateUser(clerk, "文员", department_id=first))
    assert offices()["CG"].people == 1
    seat = do(TESTER, create_post, CreatePost("seat", department_code="CG"))
    with pytest.raises(Refused) as refused:
        do(TESTER, close_department, "CG")
    assert "1 people, 1 posts and 1 departments" in str(refused.value)
    do(TESTER, close_department, "CG-1")
    do(TESTER, close_post, seat)
    do(TESTER, disable_user, clerk)
    do(TESTER, close_department, "CG")
    assert offices() == {}
    with pytest.raises(NotFound):
        do(TESTER, close_department, "CG")
    assert do(TESTER, save_department, SaveDepartment("CG", "城管局")) == first


def test_a_seat_belongs_to_a_department_and_any_other_post_to_a_grid() -> None:
    do(TESTER, save_department, SaveDepartment("CG", "城管局"))
    for command in (
        CreatePost("seat", grid_code=EAST_STREET),
        CreatePost("worker", department_code="CG"),
        CreatePost("worker", grid_code=EAST_STREET, department_code="CG"),
        CreatePost("worker"),
        CreatePost("emperor", grid_code=EAST_STREET),
        CreatePost("worker", "a\0b", grid_code=EAST_STREET),
        CreatePost("worker", "名" * 201, grid_code=EAST_STREET),
    ):
        with pytest.raises(Invalid):
            do(TESTER, create_post, command)
    for command in (CreatePost("worker", grid_code="none"), CreatePost("seat", department_code="none")):
        with pytest.raises(NotFound):
            do(TESTER, create_post, command)
    assert rows("select 1 from core.post") == []


def test_a_new_holder_takes_over_and_deputies_stay() -> None:
    made = post("grid_head")
    first, second, deputy = person("first"), person("second"), person("deputy")
    assert holders() == [("grid_head", "", False)]
    do(TESTER, fill_post, FillPost(made, first))
    do(TESTER, fill_post, FillPost(made, deputy, deputy=True))
    do(TESTER, fill_post, FillPost(made, second))
    assert holders() == [("grid_head", "second 同志", False), ("grid_head", "deputy 同志", True)]
    for again in (second, deputy):
        with pytest.raises(Refused):
            do(TESTER, fill_post, FillPost(made, again))
    assert holders() == [("grid_head", "second 同志", False), ("grid_head", "deputy 同志", True)]
    kept = (
        "select upper_inf(valid), lower(valid) < coalesce(upper(valid), 'infinity') from core.post_holder order by id"
    )
    assert rows(kept) == [(False, True), (True, True), (True, True)]
    do(TESTER, vacate_post, made)
    assert holders() == [("grid_head", "", False)]
    do(TESTER, fill_post, FillPost(made, first))
    assert holders() == [("grid_head", "first 同志", False)]


def test_leavers_strangers_and_closed_posts_are_refused() -> None:
    made, leaver = post(), person("leaver")
    do(TESTER, fill_post, FillPost(made, leaver))
    do(TESTER, disable_user, leaver)
    assert holders() == [("worker", "", False)]
    with pytest.raises(Refused):
        do(TESTER, fill_post, FillPost(made, leaver))
    with pytest.raises(NotFound):
        do(TESTER, fill_post, FillPost(made, new_id()))
    do(TESTER, close_post, made)
    assert posts() == []
    for act in (lambda s: fill_post(s, FillPost(made, leaver)), lambda s: vacate_post(s, made)):
        with pytest.raises(NotFound):
            do(TESTER, act)


def test_phones_are_masked_and_posts_found_by_name_title_and_grid() -> None:
    walker = person("walker")
    do(TESTER, update_user, UpdateUser(walker, "张三", "13812345678"))
    do(TESTER, fill_post, FillPost(post(title="专职网格员"), walker))
    post("grid_head", SOUTH_STREET)
    [shown] = posts()
    assert (shown.title, shown.holder, shown.phone) == ("专职网格员", "张三", "138****5678")
    with reading(TESTER) as session:
        found = {
            part: len(all_posts(session, search=part)) for part in ("张", "专职", "南街", EAST_STREET, "%", "_", "'")
        }
    assert found == {"张": 1, "专职": 1, "南街": 1, EAST_STREET: 1, "%": 0, "_": 0, "'": 0}


def test_only_those_who_manage_the_organisation_change_it() -> None:
    made, walker = post(), person("walker", "grid_head", grid=EAST_STREET)
    who = actor(walker)
    for act in (
        lambda s: save_department(s, SaveDepartment("X", "名")),
        lambda s: create_post(s, CreatePost("worker", grid_code=EAST_STREET)),
        lambda s: fill_post(s, FillPost(made, walker)),
        lambda s: vacate_post(s, made),
        lambda s: close_post(s, made),
        lambda s: close_department(s, "X"),
    ):
        with pytest.raises(Forbidden):
            do(who, act)
    guard = actor(person("guard", "security_admin"))
    do(guard, fill_post, FillPost(made, walker))
    acts = rows(
        "select action, actor from core.journal where object_type in ('core.post', 'core.post_holder') order by id"
    )
    assert [entry.action for entry in acts] == ["core.post.insert", "core.post_holder.insert"]
    assert acts[1].actor == guard.id
