"""Telling people something, and marking it as read."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from sqlalchemy import ColumnElement, CursorResult, delete, text, update

from core import clock
from core.access.queries import contacts
from core.db.base import new_id, new_id_text
from core.db.session import WorkSession
from core.notices import outbox
from core.notices.models import Notice
from core.notices.views import About
from core.text import Text

WRITE: Final = """
insert into core.notice (id, user_id, at, text, subject, subject_id, asks)
select v.id, v.person, :at, cast(v.said as jsonb), :subject, :subject_id, :asks
from unnest(cast(:ids as uuid[]), cast(:people as uuid[]), cast(:said as text[])) v(id, person, said)
"""
WRITE_MANY: Final = """
insert into core.notice (id, user_id, at, text, subject, subject_id, asks)
select v.id, v.person, :at, cast(t.said as jsonb), t.subject, t.subject_id, :asks
from unnest(cast(:ids as uuid[]), cast(:people as uuid[]), cast(:places as int[])) v(id, person, place)
join unnest(cast(:said as text[]), cast(:subjects as text[]), cast(:subject_ids as text[]))
  with ordinality t(said, subject, subject_id, place) on t.place = v.place
"""


def tell(session: WorkSession, people: Iterable[UUID], said: Text, about: About, *, asks: bool = False) -> None:
    """Tell some people the same, each once, in this transaction; those who are disabled are left out.

    :param asks: whether it asks for something to be done, which ``settle`` takes off their lists again.
    """
    tell_each(session, dict.fromkeys(people, said), about, asks=asks)


def tell_each(session: WorkSession, said: Mapping[UUID, Text], about: About, *, asks: bool = False) -> None:
    """As `tell`, where each person is told something of their own; no more statements the more they are."""
    reached = [person for person in contacts(session, said).values() if person.enabled]
    if not reached:
        return
    ids = [new_id() for _person in reached]
    session.execute(
        text(WRITE),
        {
            "at": clock.now(),
            "subject": about.subject,
            "subject_id": about.id,
            "asks": asks,
            "ids": ids,
            "people": [person.id for person in reached],
            "said": [json.dumps(said[person.id].to_json(), ensure_ascii=False) for person in reached],
        },
    )
    told = [outbox.Told(key, person, about.subject) for key, person in zip(ids, reached, strict=True)]
    outbox.put(session, told, asks=asks)


@dataclass(frozen=True)
class Telling:
    """The same for some people, about one thing."""

    people: frozenset[UUID]
    said: Text
    about: About


def tell_many(session: WorkSession, tellings: Iterable[Telling], *, asks: bool = False) -> None:
    """As `tell`, for many things at once; no more statements the more they are."""
    tellings = list(tellings)
    everybody = {person for telling in tellings for person in telling.people}
    reached = {person.id: person for person in contacts(session, everybody).values() if person.enabled}
    rows = [(person, at) for at, telling in enumerate(tellings) for person in sorted(telling.people & reached.keys())]
    if not rows:
        return
    ids = [new_id_text() for _row in rows]
    session.execute(
        text(WRITE_MANY),
        {
            "at": clock.now(),
            "asks": asks,
            "ids": ids,
            "people": [str(person) for person, _at in rows],
            "places": [at + 1 for _person, at in rows],
            "said": [json.dumps(telling.said.to_json(), ensure_ascii=False) for telling in tellings],
            "subjects": [telling.about.subject for telling in tellings],
            "subject_ids": [telling.about.id for telling in tellings],
        },
    )
    told = [
        outbox.Told(key, reached[person], tellings[at].about.subject)
        for key, (person, at) in zip(ids, rows, strict=True)
    ]
    outbox.put(session, told, asks=asks)


def mark_read(session: WorkSession, ids: Collection[UUID] = (), *, up_to: UUID | None = None) -> int:
    """Mark notices of whoever asks as read: those named, and all up to one that they saw.

    :returns: how many were unread before.
    """
    own = (Notice.user_id == session.actor.user_id, Notice.read_at.is_(None))
    chosen = Notice.id.in_(ids) if up_to is None else (Notice.id <= up_to) | Notice.id.in_(ids)
    done = session.execute(update(Notice).where(*own, chosen).values(read_at=clock.now()))
    assert isinstance(done, CursorResult)
    return done.rowcount


def mark_seen(session: WorkSession, about: About) -> None:
    """Mark as read what whoever asks was told of something that they look at now."""
    session.execute(
        update(Notice)
        .where(Notice.user_id == session.actor.user_id, Notice.read_at.is_(None), *_of(about))
        .values(read_at=clock.now())
    )


def settle(session: WorkSession, about: About) -> None:
    """Mark as read what people were asked to do about something, since there is nothing left to do."""
    session.execute(
        update(Notice).where(Notice.asks, Notice.read_at.is_(None), *_of(about)).values(read_at=clock.now())
    )


def unask(session: WorkSession, about: About) -> None:
    """Take away what people were asked to do about something and have not read: it is not asked any more."""
    session.execute(delete(Notice).where(Notice.asks, Notice.read_at.is_(None), *_of(about)))


def _of(about: About) -> tuple[ColumnElement[bool], ...]:
    return Notice.subject == about.subject, Notice.subject_id == about.id


def forget(session: WorkSession, before: dt.datetime) -> None:
    """Take away what was told and read before a moment."""
    session.execute(delete(Notice).where(Notice.at < before, Notice.read_at < before))
