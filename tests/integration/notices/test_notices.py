"""The inbox: each person is told once, reads their own alone, and old ones that were read go."""

from __future__ import annotations

import datetime as dt
from uuid import UUID

import pytest

from core import clock
from core.access.service import disable_user
from core.db.session import reading, work
from core.maintenance.pruning import prune
from core.notices.queries import notices_of, unread
from core.notices.service import mark_read, tell, tell_each
from core.notices.views import About, NoticeView
from core.text import Text
from tests.integration.access.making import TESTER, actor, person

ABOUT = About("plan", "019a0000-0000-7000-8000-000000000001")
DAY = dt.timedelta(days=1)


@pytest.fixture
def wang(database: str) -> UUID:
    return person("wang")


@pytest.fixture
def li(database: str) -> UUID:
    return person("li")


def told(people: list[UUID], message: str, **params: object) -> None:
    with work(TESTER) as session:
        tell(session, people, Text(message, params), ABOUT)


def inbox(who: UUID) -> list[NoticeView]:
    with reading(actor(who)) as session:
        return notices_of(session)


def texts(who: UUID) -> list[str]:
    return [str(notice.text) for notice in inbox(who)]


def count(who: UUID) -> int:
    with reading(actor(who)) as session:
        return unread(session)


def mark(who: UUID, *ids: UUID, up_to: UUID | None = None) -> int:
    with work(actor(who)) as session:
        return mark_read(session, ids, up_to=up_to)


def test_each_person_is_told_once_newest_first(wang: UUID, li: UUID) -> None:
    told([wang, li, wang], "first")
    told([wang], "%(n)s grids of %(city)s", n=2, city=Text("the city"))
    assert texts(wang) == ["2 grids of the city", "first"]
    assert texts(li) == ["first"]
    assert {notice.about for notice in inbox(wang)} == {ABOUT}
    assert (count(wang), count(li)) == (2, 1)


def test_to_each_their_own(wang: UUID, li: UUID) -> None:
    with work(TESTER) as session:
        tell_each(session, {wang: Text("for Wang"), li: Text("for Li")}, ABOUT)
    assert (texts(wang), texts(li)) == (["for Wang"], ["for Li"])


def test_whoever_left_is_told_nothing(wang: UUID, li: UUID) -> None:
    leaving = actor(li)
    with work(TESTER) as session:
        disable_user(session, li)
    told([wang, li], "news")
    assert texts(wang) == ["news"]
    with reading(leaving) as session:
        assert notices_of(session) == []


def test_what_was_seen_is_marked_and_what_came_since_is_not(wang: UUID) -> None:
    for message in ("one", "two", "three"):
        told([wang], message)
    three, two, one = inbox(wang)
    assert mark(wang, one.id) == 1
    assert mark(wang, up_to=two.id) == 1
    assert [notice.read_at is None for notice in inbox(wang)] == [True, False, False]
    assert count(wang) == 1
    assert mark(wang, up_to=three.id) == 1
    assert count(wang) == 0


def test_nobody_marks_what_others_were_told(wang: UUID, li: UUID) -> None:
    told([li], "for Li")
    told([wang], "for Wang")
    own = inbox(li)[0].id
    assert mark(wang, own, up_to=own) == 0
    assert count(li) == 1


def test_pages_follow_each_other(wang: UUID) -> None:
    for number in range(5):
        told([wang], str(number))
    seen: list[str] = []
    last = None
    with reading(actor(wang)) as session:
        while page := notices_of(session, before=last, limit=2):
            seen += [str(notice.text) for notice in page]
            last = page[-1].id
    assert seen == ["4", "3", "2", "1", "0"]


def test_what_was_read_half_a_year_ago_goes_and_what_was_never_read_stays(wang: UUID) -> None:
    now = clock.now()
    with clock.turned(lambda: now - DAY * 181):
        told([wang], "old and read")
        mark(wang, up_to=inbox(wang)[0].id)
        told([wang], "old and unread")
        told([wang], "old and read lately")
    with clock.turned(lambda: now - DAY * 179):
        mark(wang, inbox(wang)[0].id)
        told([wang], "young and read")
        mark(wang, inbox(wang)[0].id)
    prune(0)
    assert texts(wang) == ["young and read", "old and read lately", "old and unread"]
