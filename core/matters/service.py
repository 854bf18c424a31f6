"""Writes of the matters' room: one report, one step, each one transaction, one event, one answer."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import asdict, replace
from typing import Any
from uuid import UUID

from sqlalchemy import func, select

from core import once
from core.access.policy import require
from core.calendars.queries import calendar_of, hold
from core.db.base import new_id
from core.db.session import WorkSession, server_now
from core.errors import Forbidden, Invalid, KeyReused, NotFound, Objection, Refused
from core.grids.queries import grid_by_id
from core.matters import life
from core.matters.away import KindAway
from core.matters.checks import check_files, check_note, check_texts, check_version, known_kind
from core.matters.clocks import check_done, clocks_of, follow_step, snapshot, start_all
from core.matters.commands import Answered, ReportMatter, TakeStep
from core.matters.forms import summarise, validate_form, write_details
from core.matters.kinds import MatterKind
from core.matters.models import NUMBERS, Matter, MatterEvent, MatterFile
from core.matters.places import LocatedPlace, Place, check_moved, locate_place
from core.matters.queries import asked_of, find_matter
from core.matters.reach import check_reach
from core.notices.service import settle
from core.notices.views import About
from core.text import Text
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
    event = _event(session, matter, "report", "draft", command, id=command.id, at=now, data=data)
    _attach(session, matter, event, command.files)
    answer = _receipt(matter, where)
    once.keep(session, command.id, answer)
    session.flush()
    return Answered(answer, again=False)


def take_step(session: WorkSession, command: TakeStep) -> UUID:
    """Take one step of the life table; gives the matter's id.

    :raises NotFound: no such matter, or not one the actor may see.
    :raises Conflict: somebody else changed it since ``version``; carries theirs.
    :raises Refused: the table or a rule forbids it now; objections say what is possible.
    :raises KindAway: the plugin that brings its kind does not run; only notes are taken.
    :raises Forbidden: the actor has not the right.
    :raises Invalid: something that the step asks for is missing.
    """
    if command.step not in life.STEPS or command.step == "report":
        raise NotFound(_("There is no step named %(step)s"), step=command.step)
    if command.id is not None and once.claim(session, command.id, once.digest(_content(command))) is not None:
        return command.matter_id
    hold(session)
    # Grids are locked before matters, in the order of a boundary change, so that the two never wait in a circle.
    where = locate_place(session, command.place) if command.place and command.step == "relocate" else None
    matter = find_matter(session, command.matter_id, lock=True)
    if command.id is not None and _taken_before(session, command, command.id):
        return matter.id
    check_version(matter, command)
    given = life.StepInput(command.note, len(command.files), command.place is not None, len(command.stages))
    asked = replace(asked_of(session, matter), given=given)
    transition = _check_step(asked, command.step)
    check_note(command)
    check_files(session, command.files)
    _check_stages(session, asked, command)
    before = matter.state
    data: dict[str, Any] = {"due": _iso(matter.due_at)}
    if where is not None and command.place is not None:
        check_moved(matter, where)
        data |= _relocate(session, matter, command.place, where)
    now = server_now(session)
    life.apply(matter, transition, session.actor, now)
    if life.clock_effect(before, matter.state) == "end":
        settle(session, About("matter", str(matter.id)))
    clocks = follow_step(session, matter, asked.kind, command.step, before, command.stages, now)
    data["clocks"] = snapshot(session, clocks, now)
    if command.stages:
        data["done"] = list(command.stages)
    event = _event(session, matter, command.step, before, command, id=command.id or new_id(), at=now, data=data)
    _attach(session, matter, event, command.files)
    if command.id is not None:
        once.keep(session, command.id, {"matter": str(matter.id), "event": str(event.id)})
    session.flush()
    return matter.id


def _content(command: ReportMatter | TakeStep) -> dict[str, Any]:
    """What makes two commands the same: all that the person entered, not the door and the clock it came by."""
    said = {name: value for name, value in asdict(command).items() if name not in ("source", "device_at")}
    return said if said.get("stages") else {name: value for name, value in said.items() if name != "stages"}


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


def _event(
    session: WorkSession,
    matter: Matter,
    step: str,
    before: str,
    command: ReportMatter | TakeStep,
    *,
    id: UUID,
    at: dt.datetime,
    data: Mapping[str, Any],
) -> MatterEvent:
    last = session.scalar(select(func.max(MatterEvent.seq)).where(MatterEvent.matter_id == matter.id))
    event = MatterEvent(
        id=id,
        matter_id=matter.id,
        seq=(last or 0) + 1,
        step=step,
        from_state=before,
        to_state=matter.state,
        round=matter.round,
        actor=session.actor.id,
        actor_name=session.actor.name,
        actor_kind=session.actor.kind,
        at=at,
        device_at=command.device_at,
        note=command.note.strip() if isinstance(command, TakeStep) else "",
        data=dict(data),
    )
    session.add(event)
    session.flush()
    return event


def _attach(session: WorkSession, matter: Matter, event: MatterEvent, files: Sequence[UUID]) -> None:
    session.add_all(
        MatterFile(file_id=file_id, matter_id=matter.id, event_id=event.id, position=position)
        for position, file_id in enumerate(files)
    )


def _check_step(asked: life.Asked, step: str) -> life.Transition:
    transition = life.find(asked, step)
    if transition is None:
        raise _forbidden_by_state(asked, step)
    if not life.allowed_to(asked, transition):
        require(asked.actor, transition.action, asked.path)
        raise Forbidden(_("A matter without a grid is handled by those whose right covers the whole city"))
    if asked.kind is None and life.needs_kind(step):
        raise KindAway(asked.matter.kind, life.STEPS[step])
    against = life.objections(transition.rules, asked)
    if against:
        raise Refused(_("This step is not allowed for this matter"), objections=against)
    lacking = life.objections(transition.asks, asked)
    if lacking:
        raise Invalid(_("The step has faults"), objections=lacking)
    return transition


def _check_stages(session: WorkSession, asked: life.Asked, command: TakeStep) -> None:
    """Refuse ticks of whoever does not do the work, of what does not run, and an end with parts that are not done."""
    if command.stages and not life.may_tick(asked):
        raise Forbidden(_("Only who handles the matter, or may settle it, ticks off a part of it"))
    if command.stages or command.step == "close":
        check_done(clocks_of(session, asked.matter.id), asked.kind, command.step, command.stages)


def _forbidden_by_state(asked: life.Asked, step: str) -> Refused:
    now = life.possible(asked)
    text = Text(
        _("“%(step)s” is not possible while the matter is %(state)s"),
        {"step": Text(life.STEPS[step]), "state": Text(life.STATES[asked.matter.state])},
    )
    mend = Text(_("Possible now: %(steps)s"), {"steps": tuple(Text(life.STEPS[each.step]) for each in now) or "–"})
    return Refused(text.message, objections=[Objection(text, mend, code="state")], **text.params)


def _relocate(session: WorkSession, matter: Matter, place: Place, where: LocatedPlace) -> dict[str, Any]:
    """Put the matter at another place; the event keeps both grids, as they were called then, and both raw places."""
    old = grid_by_id(session, matter.grid_id) if matter.grid_id is not None else None
    new = where.grid
    data = {
        "from_grid": old.code if old else None,
        "from_name": old.name if old else None,
        "to_grid": new.code if new else None,
        "to_name": new.name if new else None,
        "from_place": matter.raw_place,
        "to_place": place.raw(),
    }
    matter.place, matter.raw_place = where.geometry, place.raw()
    matter.grid_id = new.id if new else None
    return data
