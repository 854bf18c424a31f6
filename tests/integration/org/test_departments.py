"""Departments form a tree, also when two are saved at once."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest

from core.db.session import reading, work
from core.errors import Invalid, Refused
from core.org.queries import departments
from core.org.service import SaveDepartment, close_department, save_department
from tests.integration.access.making import TESTER, do


def tree() -> dict[str, str | None]:
    with reading(TESTER) as session:
        found = departments(session)
    codes = {office.id: office.code for office in found}
    return {office.code: codes[office.parent_id] if office.parent_id else None for office in found}


def test_two_departments_never_come_to_lie_below_each_other() -> None:
    for code in ("civil", "urban"):
        do(TESTER, save_department, SaveDepartment(code, code))
    with ThreadPoolExecutor(1) as pool:
        with work(TESTER) as session:
            save_department(session, SaveDepartment("civil", "civil", "urban"))
            other = pool.submit(do, TESTER, save_department, SaveDepartment("urban", "urban", "civil"))
        with pytest.raises(Refused):
            other.result(30)
    assert tree() == {"civil": "urban", "urban": None}


def test_a_name_that_shows_nothing_is_none() -> None:
    with pytest.raises(Invalid) as refused:
        do(TESTER, save_department, SaveDepartment("civil", "\u3164\u3164"))
    assert [fault.pointer for fault in refused.value.objections] == ["/name"]
    assert tree() == {}


def test_the_same_new_department_saved_at_once_is_one() -> None:
    with ThreadPoolExecutor(4) as pool:
        saved = {
            task.result()
            for task in [pool.submit(do, TESTER, save_department, SaveDepartment("civil", "民政局")) for _ in range(4)]
        }
    assert len(saved) == 1
    assert tree() == {"civil": None}


def test_a_department_that_gets_a_child_meanwhile_is_not_closed() -> None:
    do(TESTER, save_department, SaveDepartment("civil", "民政局"))
    with ThreadPoolExecutor(1) as pool:
        with work(TESTER) as session:
            save_department(session, SaveDepartment("elders", "养老科", "civil"))
            closing = pool.submit(do, TESTER, close_department, "civil")
        with pytest.raises(Refused, match="1 departments"):
            closing.result(30)
    assert tree() == {"civil": None, "elders": "civil"}
