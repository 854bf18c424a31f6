"""Writes of the matters' room: one report, one step, each one transaction, one event, one answer."""

from __future__ import annotations

import datetime as dt
from dataclasses import asdict, replace
from typing import Any
from uuid import UUID

from sqlalchemy import select

from core import once
from core.access.policy import require
from core.calendars.queries import calendar_of, hold
from core.db.base import new_id
from core.db.session import WorkSession, server_now
from core.errors import KeyReused, NotFound
from core.matters import life
from core.matters.ahead import asked_of
from core.matters.asked import Taking
from core.matters.checks import check_files, check_note, check_texts, check_version, known_kind
from core.matters.clocks import follow_step, snapshot, start_all
from core.matters.commands import Answered, ReportMatter, TakeStep
from core.matters.forms import summarise, validate_form, write_details
from core.matters.happenings import Step, write_step
from core.matters.inputs import RelocateInput
from core.matters.kinds import MatterKind
from core.matters.life_clocks import follow_life
from core.matters.models import NUMBERS, Matter, MatterEvent
from core.matters.places import LocatedPlace, check_moved, locate_place
from core.matters.queries import find_matter
from core.matters.reach import check_reach
from core.matters.stepping import check_stages, check_step
from core.matters.telling import tell_of_step
from core.notices.service import settle
from core.notices.views import About
from core.text import noop as _


def report_matter(session: WorkSession, command: ReportMatter) -> Answered:
    """Take a report: validate, locate, number, write spine, details, event and photos.

    :raises Invalid: faults of the input, each with a pointer.
    :raises KeyReused: the id was used for other content or by somebody else.
    :raises Forbidden: the actor may not report there.
    """
    check_texts(command)
    stored = once.claim(session, command.id, once.digest(_content(command)))
    if stored is not None:
        return Answered(stored, again=True)
    if session.get(MatterEvent, command.id) is not None:  # that of a report bears the matter's own id
        raise KeyReused(_("The id %(id)s was already used for other content; make a new id"), id=command.id)
    found = known_kind(command.kind)
    form = validate_form(found, command.form)
    hold(session)
    where = locate_place(session, command.place) if command.place else None
    require(session.actor, "matter.report")
    check_reach(session, where.grid if where else None)
    check_files(session, command.files)
    now = server_now(session)
    calendar = calendar_of(session, since=now.date() - dt.timedelta(days=1))
    matter = _spine(session, command, found, where, now, calendar.zone)
    matter.summary = summarise(form)
    session.add(matter)
    clocks = start_all(session, matter, found, found.term(form, now, calendar), now, calendar)
    session.flush()
    write_details(session, found, matter.id, form)
    data = {"due": _iso(matter.due_at), "clocks": snapshot(session, clocks, now, calendar)}
    taken = Step(command.id, "report", "draft", now, command.device_at, files=command.files)
    write_step(session, matter, taken, data)
    answer = _receipt(matter, where)
    once.keep(session, command.id, answer)
    session.flush()
    return Answered(answer, again=False)


def take_step(session: WorkSession, command: TakeStep) -> UUID:
    """Take one step of the life table; gives the matter's id.

    :raises NotFound: no such matter, or not one the actor may see.
    :raises Conflict: somebody else changed it since ``version``; carries theirs, mine and the common base.
    :raises Refused: the table or a rule forbids it now; objections say what is possible.
    :raises KindAway: the plugin that brings its kind does not run; only notes are taken.
    :raises Forbidden: the actor has not the right.
    :raises Invalid: something that the step asks for is missing.
    """
    given = command.given
    if command.step not in life.STEPS or command.step == "report":
        raise NotFound(_("There is no step named %(step)s"), step=command.step)
    if command.id is not None and once.claim(session, command.id, once.digest(_content(command))) is not None:
        return command.matter_id
    hold(session)
    # Grids are locked before matters, in the order of a boundary change, so that the two never wait in a circle.
    where = locate_place(session, given.place) if isinstance(given, RelocateInput) and given.place else None
    matter = find_matter(session, command.matter_id, lock=True)
    if command.id is not None and _taken_before(session, command, command.id):
        return matter.id
    check_version(session, matter, command)
    asked, transition = check_step(session, replace(asked_of(session, matter), given=given), command.step)
    check_note(command)
    check_files(session, given.files)
    done = check_stages(session, asked, command.step)
    if where is not None:
        check_moved(matter, where)
    before, now = matter.state, server_now(session)
    taking = Taking(session, asked, now, list(asked.tasks), {"due": _iso(matter.due_at)}, where)
    life.apply(taking, transition)
    session.flush()
    if life.clock_effect(before, matter.state) == "end":
        settle(session, About("matter", str(matter.id)))
    clocks = follow_step(session, matter, asked.kind, command.step, before, done, now)
    clocks = follow_life(session, taking, before, clocks)
    taking.facts["clocks"] = snapshot(session, clocks, now)
    if done:
        taking.facts["done"] = list(done)
    event_id = command.id or new_id()
    taken = Step(event_id, command.step, before, now, command.device_at, given.note, given.files)
    write_step(session, matter, taken, taking.facts)
    tell_of_step(taking, command.step)
    if command.id is not None:
        once.keep(session, command.id, {"matter": str(matter.id), "event": str(event_id)})
    session.flush()
    return matter.id


def _content(command: ReportMatter | TakeStep) -> dict[str, Any]:
    """What makes two commands the same: all that the person entered, not the door and the clock it came by."""
    if isinstance(command, ReportMatter):
        return {name: value for name, value in asdict(command).items() if name not in ("source", "device_at")}
    said = {"matter_id": command.matter_id, "step": command.step, "version": command.version, "id": command.id}
    return said | {"given": command.given.model_dump(mode="json", exclude_defaults=True)}


def _taken_before(session: WorkSession, command: TakeStep, id: UUID) -> bool:
    """Whether this very step is in the timeline already, though its answer is kept no longer."""
    event = session.get(MatterEvent, id)
    if event is None:
        return False
    if (event.matter_id, event.step, event.actor) != (command.matter_id, command.step, session.actor.id):
        raise KeyReused(_("The id %(id)s was already used for other content; make a new id"), id=id)
    return True


def _spine(
    session: WorkSession,
    command: ReportMatter,
    found: MatterKind,
    where: LocatedPlace | None,
    now: dt.datetime,
    zone: dt.tzinfo,
) -> Matter:
    number = f"{now.astimezone(zone).year}{session.scalar(select(NUMBERS.next_value())):07d}"
    grid_id = where.grid.id if where and where.grid else None
    return Matter(
        id=command.id,
        number=number,
        kind=found.name,
        title=command.title.strip(),
        text=command.text.strip(),
        place=where.geometry if where else None,
        raw_place=command.place.raw() if command.place else None,
        grid_id=grid_id,
        grid_reported=grid_id,
        source=command.source,
        priority=found.priority,
        state=life.REPORTED,
        round=1,
        version=1,
        reporter=session.actor.id,
        reporter_name=session.actor.name,
        happened_at=command.happened_at,
        reported_at=now,
        last_step="report",
        last_at=now,
        search=f"{number} {command.title} {command.text}",
    )


def _receipt(matter: Matter, where: LocatedPlace | None) -> dict[str, Any]:
    grid = where.grid if where else None
    return {
        "id": str(matter.id),
        "number": matter.number,
        "grid": grid.code if grid else None,
        "path": list(grid.path_codes) if grid else None,
        "state": matter.state,
        "version": matter.version,
        "due": _iso(matter.due_at),
    }


def _iso(moment: dt.datetime | None) -> str | None:
    return moment.isoformat() if moment else None
