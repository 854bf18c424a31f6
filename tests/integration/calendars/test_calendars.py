"""The calendars of an instance: what is known from the start, what files and people say, what departments say."""

from __future__ import annotations

import datetime as dt

import pytest
from sqlalchemy import text

from core import clock
from core.actor import Actor, command_line
from core.calendars.commands import ConfirmYear, ImportCalendar, MarkDay, SaveHours
from core.calendars.course import reckon
from core.calendars.limits import parse_term
from core.calendars.queries import calendar_of, known_years, year_of
from core.calendars.seeding import library_years
from core.calendars.service import confirm_year, import_calendar, mark_day, save_hours, seed_years
from core.calendars.views import Changed
from core.calendars.working import Calendar
from core.db.cluster import owner_url
from core.db.session import owner_work, reading, work
from core.errors import Forbidden, Invalid
from core.maintenance.doctor import examine
from core.org.queries import department_id
from core.org.service import SaveDepartment, save_department
from core.settings import get_settings
from tests.unit.calendars.paper import DAYS_2026, DAYS_2027, NOTICE, SHANGHAI, Vector, vectors

TESTER = command_line("tester")
TABLE = vectors()


@pytest.fixture(autouse=True)
def _database(database: str) -> None:
    """A database of its own."""


def take(data: bytes, department: str = "") -> Changed:
    with work(TESTER) as session:
        return import_calendar(session, ImportCalendar(data, "days.csv", department))


def mark(day: str, works: bool | None, **more: str) -> None:
    with work(TESTER) as session:
        mark_day(session, MarkDay(dt.date.fromisoformat(day), works, **more))


def calendar(department: str = "") -> Calendar:
    with reading(TESTER) as session:
        return calendar_of(session, department_id(session, department) if department else None)


def office(code: str) -> None:
    with work(TESTER) as session:
        save_department(session, SaveDepartment(code, f"Office {code}"))


def said(vector: Vector, found: Calendar) -> str:
    due = reckon(vector.start, parse_term(vector.limit), found, vector.pauses)
    return f"{due.at.astimezone(SHANGHAI):%Y-%m-%d %H:%M}{'?' if due.provisional else ''}"


def test_a_new_instance_counts_as_by_hand_and_so_it_does_after_the_notice() -> None:
    before = calendar()
    assert {day: works for day, works in before.days.items() if day.year == 2026} == DAYS_2026
    assert [said(vector, before) for vector in TABLE] == [vector.due for vector in TABLE]
    assert take(NOTICE.encode()) == Changed(len(DAYS_2027), 0)
    assert [said(vector, calendar()) for vector in TABLE] == [vector.then for vector in TABLE]
    with reading(TESTER) as session:
        view = year_of(session, 2027)
    assert (view.known, view.source, view.title) == (True, "notice", "关于2027年部分节假日安排的通知")
    assert {day.day: day.works for day in view.days} == DAYS_2027


def test_a_file_with_a_whole_year_replaces_what_was_said_of_it_and_no_other() -> None:
    take(NOTICE.encode())
    mark("2027-03-08", False, name="妇女节")
    take("date,kind,name\n2026-12-26,work,元旦\n2027-01-01,off,元旦\n".encode())
    found = calendar().days
    assert {day for day in found if day.year == 2027} == {dt.date(2027, 1, 1)}
    assert {day: works for day, works in found.items() if day.year == 2026} == {
        **DAYS_2026, dt.date(2026, 12, 26): True
    }  # fmt: skip


def test_a_file_with_single_days_adds_to_what_stands_and_makes_no_year_known() -> None:
    take(b"2028-05-01,off,x\n")
    assert calendar().days[dt.date(2028, 5, 1)] is False
    with reading(TESTER) as session:
        assert 2028 not in known_years(session)
    with work(TESTER) as session:
        confirm_year(session, ConfirmYear(2028, "by hand"))
    with reading(TESTER) as session:
        view = year_of(session, 2028)
    assert (view.known, view.source, view.title) == (True, "hand", "by hand")


def test_a_wrong_file_changes_nothing() -> None:
    before = calendar()
    with pytest.raises(Invalid):
        take(b"2027-01-01,off,x\n2027-02-30,off,x\n")
    assert calendar() == before


def test_a_mark_is_taken_back() -> None:
    mark("2026-11-28", True, name="补班")
    assert calendar().works(dt.date(2026, 11, 28))
    mark("2026-11-28", None)
    assert not calendar().works(dt.date(2026, 11, 28))


def test_a_department_rests_on_the_city_and_says_what_is_otherwise() -> None:
    office("HALL")
    office("PLAIN")
    hall = ((dt.time(9), dt.time(12)), (dt.time(13), dt.time(16)))
    with work(TESTER) as session:
        save_hours(session, SaveHours(hall, frozenset(range(6)), "HALL"))
    take("2026-11-30,off,盘点\n2026-02-14,off,\n".encode(), "HALL")
    own = calendar("HALL")
    assert (own.shifts, own.week) == (hall, frozenset(range(6)))
    assert [own.works(dt.date(2026, 11, day)) for day in (28, 29, 30)] == [True, False, False]
    assert not own.works(dt.date(2026, 2, 14))
    assert not own.works(dt.date(2026, 10, 1))
    assert calendar("PLAIN") == calendar()
    with reading(TESTER) as session:
        days = year_of(session, 2026, department_id(session, "HALL")).days
    assert {day.day: day.own for day in days if day.day.month in (1, 11)} == {
        dt.date(2026, 1, 1): False, dt.date(2026, 1, 2): False, dt.date(2026, 1, 3): False,
        dt.date(2026, 1, 4): False, dt.date(2026, 11, 30): True,
    }  # fmt: skip


@pytest.mark.parametrize(
    ("shifts", "week"),
    [
        ((), {0}),
        (((dt.time(9), dt.time(9)),), {0}),
        (((dt.time(9), dt.time(12)), (dt.time(12), dt.time(14))), {0}),
        (((dt.time(9, 0, 10), dt.time(9, 0, 50)),), {0}),
        (((dt.time(9, tzinfo=dt.UTC), dt.time(12)),), {0}),
        (((dt.time(9), dt.time(12)),), set()),
        (((dt.time(9), dt.time(12)),), {7}),
    ],
)
def test_hours_that_make_no_sense_are_refused(shifts: tuple[tuple[dt.time, dt.time], ...], week: set[int]) -> None:
    with work(TESTER) as session, pytest.raises(Invalid):
        save_hours(session, SaveHours(shifts, frozenset(week)))


def test_only_who_has_the_right_changes_a_calendar() -> None:
    nobody = Actor("user", "00000000-0000-7000-8000-000000000000", "nobody")
    with work(nobody) as session, pytest.raises(Forbidden):
        mark_day(session, MarkDay(dt.date(2026, 11, 28), True))
    with work(nobody) as session, pytest.raises(Forbidden):
        import_calendar(session, ImportCalendar(NOTICE.encode()))


def test_a_new_release_of_the_library_brings_the_year_that_nobody_entered() -> None:
    with work(TESTER) as session:
        assert seed_years(session) == Changed(0, 0)
    with owner_work(TESTER, owner_url(get_settings())) as session:
        session.execute(text("delete from core.workday where extract(year from day) = 2026"))
        session.execute(text("delete from core.calendar_year where year = 2026"))
    mark("2025-12-30", False)
    entered = min(DAYS_2026)
    mark(entered.isoformat(), True)
    with work(TESTER) as session:
        assert seed_years(session).days == len(DAYS_2026) - 1
    brought = {day: works for day, works in calendar().days.items() if day.year == 2026}
    assert brought == DAYS_2026 | {entered: True}
    assert calendar().days[dt.date(2025, 12, 30)] is False
    with reading(TESTER) as session:
        assert set(known_years(session)) == library_years()


def test_the_journal_keeps_what_was_said_before() -> None:
    mark("2026-11-28", True, name="补班")
    mark("2026-11-28", False, name="休")
    sql = "select action, before, after from core.journal where action like 'calendar.%' order by id"
    with reading(TESTER) as session:
        found = [tuple(row) for row in session.execute(text(sql))]
    assert found == [
        ("calendar.mark", {}, {"2026-11-28": [True, "补班"]}),
        ("calendar.mark", {"2026-11-28": [True, "补班"]}, {"2026-11-28": [False, "休"]}),
    ]


def test_the_doctor_warns_of_a_year_that_is_near_and_not_known() -> None:
    def verdict(moment: dt.datetime) -> str:
        with clock.turned(lambda: moment), reading(TESTER) as session:
            return next(each.verdict for each in examine(session, get_settings()) if each.name == "calendar")

    assert verdict(dt.datetime(2026, 11, 30, tzinfo=dt.UTC)) == "ok"
    assert verdict(dt.datetime(2026, 12, 20, tzinfo=dt.UTC)) == "warn"
    take(NOTICE.encode())
    assert verdict(dt.datetime(2026, 12, 20, tzinfo=dt.UTC)) == "ok"
