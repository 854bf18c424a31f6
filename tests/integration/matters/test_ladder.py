"""The ladder of reminders: who is told when, each step once, none lost."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import text

from core import clock
from core.access.commands import CreateUser, GrantRole
from core.access.granting import grant_role
from core.access.queries import user_of_login
from core.access.service import create_user
from core.db.base import new_id
from core.db.session import reading, work
from core.matters import ladder
from core.matters.commands import ReportMatter
from core.matters.kinds import MatterKind, Stage, register_kind, unregister
from core.matters.queries import events_of
from core.matters.service import report_matter
from tests.integration.matters.doors import Person
from tests.integration.matters.people import EAST_STREET, IN_EAST, IN_EAST_CODE, TESTER, matter, step
from tests.unit.calendars.paper import SHANGHAI

COUNTY = "139901"
STAFF = (
    ("walker", "worker", IN_EAST_CODE),
    ("chief", "grid_head", IN_EAST_CODE),
    ("desk", "desk", EAST_STREET),
    ("mayor", "leader", COUNTY),
    ("elsewhere", "worker", "139901002001"),
    ("whole", "leader", None),
)
SLOW = MatterKind("test.slow", "Slow", limit="10h", auto_close=True, stages=(Stage("stop", "Stop", "10h"),))


@pytest.fixture
def staff(database: str) -> None:
    with work(TESTER) as session:
        for login, role, grid in STAFF:
            made = create_user(session, CreateUser(login=login, name=login))
            grant_role(session, GrantRole(made.id, role, grid))


@pytest.fixture
def slow() -> Iterator[None]:
    register_kind(SLOW, "test")
    yield
    unregister("test")


def at(moment: str) -> Any:
    when = dt.datetime.fromisoformat(moment).replace(tzinfo=SHANGHAI)
    return clock.turned(lambda: when)


def told(matter_id: UUID) -> list[set[str]]:
    """Who was told of a matter, one set for each time."""
    sql = """
    select u.login, n.text #>> '{params,percent}', n.text ->> 'message' from core.notice n
    join core.user_account u on u.id = n.user_id where n.subject = 'matter' and n.subject_id = :id
    """
    found: dict[tuple[str, str], set[str]] = {}
    with work(TESTER) as session:
        for login, percent, message in session.execute(text(sql), {"id": str(matter_id)}):
            found.setdefault((f"{int(percent):03}", message), set()).add(login)
    return [found[key] for key in sorted(found)]


def reminded(matter_id: UUID) -> list[int]:
    with reading(TESTER) as session:
        return [each.data["percent"] for each in events_of(session, matter_id) if each.step == "remind"]


def test_each_step_tells_those_above_and_none_comes_twice(staff: None) -> None:
    with at("2026-11-23 08:30"):
        found = matter(TESTER)  # 5wd: 37.5 working hours, due on Monday 30 at 8:30
    moments = ["2026-11-25 11:59", "2026-11-25 14:16", "2026-11-27 08:31", "2026-11-30 08:31", "2026-12-02 14:16"]
    seen = []
    for moment in moments:
        with at(moment):
            seen.append((ladder.sweep(), ladder.sweep()))
    assert seen == [(0, 0), (1, 0), (1, 0), (1, 0), (1, 0)]
    assert reminded(found) == [50, 80, 100, 150]
    assert told(found) == [
        {"walker"}, {"walker", "chief"}, {"walker", "chief", "desk"}, {"walker", "chief", "desk", "mayor"}
    ]  # fmt: skip


def test_after_a_standstill_no_step_is_lost(staff: None, slow: None) -> None:
    with at("2026-11-23 08:30"):
        found = matter(TESTER, kind="test.slow")
    with at("2026-11-25 08:30"):
        assert ladder.sweep() == 8
    assert sorted(reminded(found)) == [50, 50, 80, 80, 100, 100, 150, 150]


def test_a_kill_between_steps_neither_loses_nor_repeats_one(
    staff: None, slow: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    with at("2026-11-23 08:30"):
        found = [matter(TESTER, kind="test.slow") for _ in range(3)]
    monkeypatch.setattr(ladder, "BATCH", 4)
    write, calls = ladder.write_events, []

    def killed(*arguments: Any) -> None:
        write(*arguments)
        calls.append(1)
        if len(calls) == 3:
            raise KeyboardInterrupt

    monkeypatch.setattr(ladder, "write_events", killed)
    with at("2026-11-25 08:30"), pytest.raises(KeyboardInterrupt):
        ladder.sweep()
    with at("2026-11-25 08:31"):
        ladder.sweep()
        assert ladder.sweep() == 0
    assert [sorted(reminded(each)) for each in found] == [[50, 50, 80, 80, 100, 100, 150, 150]] * 3


def test_whoever_handles_it_is_told_instead_of_the_workers_and_nobody_once_it_ended(staff: None) -> None:
    with at("2026-11-23 08:30"):
        found, ended = matter(TESTER), matter(TESTER)
        step(TESTER, found, "accept")
        step(TESTER, found, "settle")
        step(TESTER, ended, "withdraw", note="a mistake")
        with work(TESTER) as session:
            handler = user_of_login(session, "elsewhere")
            session.execute(
                text("update core.matter set handler = :handler where id = :id"),
                {"handler": str(handler), "id": found},
            )
    with at("2026-11-25 15:00"):
        assert ladder.sweep() == 1
    assert told(found) == [{"elsewhere"}]
    assert reminded(ended) == []


def test_a_reminder_is_settled_with_the_matter(staff: None) -> None:
    with at("2026-11-23 08:30"):
        found = matter(TESTER)
    with at("2026-11-25 15:00"):
        ladder.sweep()
    unread = text("select count(*) from core.notice where read_at is null")
    with work(TESTER) as session:
        assert session.scalar(unread) == 1
    step(TESTER, found, "withdraw", note="a mistake")
    with work(TESTER) as session:
        assert session.scalar(unread) == 0


def test_a_matter_without_a_grid_is_told_to_those_who_work_for_the_whole_city(staff: None) -> None:
    with at("2026-11-23 08:30"):
        found = matter(TESTER, None)
    with at("2026-11-30 08:31"):
        assert ladder.sweep() == 3
    assert told(found) == [{"whole"}]


def test_who_is_concerned_by_many_at_once_is_told_once(staff: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ladder, "EACH_MOST", 2)
    with at("2026-11-23 08:30"):
        found = [matter(TESTER) for _ in range(3)]
    with at("2026-11-25 14:00"):
        assert ladder.sweep() == 3
    assert [reminded(each) for each in found] == [[50]] * 3
    assert [told(each) for each in found] == [[]] * 3
    with work(TESTER) as session:
        rows = session.execute(text("select subject, subject_id, text #>> '{params,n}' from core.notice")).all()
    assert [tuple(row) for row in rows] == [("matters", "area", "3")]


def test_a_matter_on_which_somebody_acts_waits_for_the_next_minute(staff: None) -> None:
    with at("2026-11-23 08:30"):
        found = matter(TESTER)
    with at("2026-11-25 15:00"):
        with work(TESTER) as session:
            session.execute(text("select id from core.matter where id = :id for update"), {"id": found})
            assert ladder.sweep() == 0
        assert ladder.sweep() == 1


def test_what_was_entered_afterwards_reminds_nobody_of_the_past(staff: None) -> None:
    with at("2026-11-23 08:30"), work(TESTER) as session:
        body = report_matter(session, ReportMatter(id=new_id(), kind="general", title="井盖缺失", place=IN_EAST)).body
        ladder.skip_past(session, UUID(body["id"]), dt.datetime(2026, 11, 27, 9, tzinfo=SHANGHAI))
    with at("2026-11-27 09:00"):
        assert ladder.sweep() == 0
    with at("2026-11-30 08:31"):
        assert ladder.sweep() == 1
    assert reminded(UUID(body["id"])) == [100]


def test_a_reminder_is_read_with_the_matter_that_it_is_about(worker: Person) -> None:
    with at("2026-11-23 08:30"):
        found = matter(TESTER)
    with at("2026-11-25 15:00"):
        ladder.sweep()
    assert worker.api("GET", "/me/notices").get_json()["items"][0]["link"] == f"/matters/{found}"
    assert worker.page(f"/matters/{found}").status_code == 200
    assert worker.api("GET", "/me/notices").get_json()["unread"] == 0
