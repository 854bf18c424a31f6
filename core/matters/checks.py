"""What a report or a step must bring, before anything is written."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import select

from core import clock
from core.calendars.limits import YEARS
from core.db.session import WorkSession
from core.errors import Conflict, Invalid, Objection
from core.files.queries import uploaded_by
from core.matters import life
from core.matters.commands import ReportMatter, TakeStep
from core.matters.kinds import MatterKind, kind, kinds
from core.matters.models import Matter, MatterEvent, MatterFile
from core.text import Text, is_blank, is_one_line
from core.text import noop as _

TITLE_LENGTH = 100
TEXT_LENGTH = 5000
PHOTOS = 12
UUID_VERSION = 7


def check_texts(command: ReportMatter) -> None:
    """Refuse a report without title, with too long texts, with a foreign id or from the future."""
    faults = []
    if command.id.version != UUID_VERSION:
        faults.append(Objection(Text(_("The id must be a UUID of version 7")), pointer="/id", code="uuid7"))
    if is_blank(command.title):
        faults.append(Objection(Text(_("A title is needed")), pointer="/title", code="missing"))
    elif not is_one_line(command.title):
        text = Text(_("The title holds a character that breaks or turns the line; type it anew"))
        faults.append(Objection(text, pointer="/title", code="control"))
    for name, value, most in (("title", command.title, TITLE_LENGTH), ("text", command.text, TEXT_LENGTH)):
        faults.extend(_text_faults(name, value, most))
    faults.extend(_moment_faults(happened_at=command.happened_at, device_at=command.device_at))
    if not faults and command.happened_at is not None and command.happened_at > clock.now() + dt.timedelta(minutes=5):
        faults.append(
            Objection(Text(_("It cannot have happened in the future")), pointer="/happened_at", code="future")
        )
    if faults:
        raise Invalid(_("The report has faults"), objections=faults)


def _text_faults(name: str, value: str, most: int) -> list[Objection]:
    faults = []
    if len(value) > most:
        fault = Text(_("At most %(most)s characters fit; there are %(n)s"), {"most": most, "n": len(value)})
        faults.append(Objection(fault, pointer=f"/{name}", code="string_too_long"))
    if "\0" in value:
        faults.append(
            Objection(Text(_("The text holds a character that cannot be kept")), pointer=f"/{name}", code="nul")
        )
    return faults


def _moment_faults(**moments: dt.datetime | None) -> list[Objection]:
    """Moments that no clock of a device shows; at the ends of the calendar they cannot even be turned into UTC."""
    return [
        Objection(
            Text(_("%(moment)s is no plausible time"), {"moment": value.isoformat()}), pointer=f"/{name}", code="moment"
        )
        for name, value in moments.items()
        if value is not None and value.year not in YEARS
    ]


def check_note(command: TakeStep) -> None:
    """Refuse a note that cannot be kept, and a device's time that cannot be."""
    faults = _text_faults("note", command.given.note, TEXT_LENGTH) + _moment_faults(device_at=command.device_at)
    if faults:
        raise Invalid(_("The step has faults"), objections=faults)


def known_kind(name: str) -> MatterKind:
    """The kind of that name; refuses with the names there are."""
    found = kind(name)
    if found is None:
        known = ", ".join(each.name for each in kinds())
        fault = Objection(
            Text(_("There is no kind of matter named %(name)s"), {"name": name}),
            Text(_("Choose one of: %(known)s"), {"known": known}),
            "/kind",
            "unknown-kind",
        )
        raise Invalid(_("The report has faults"), objections=[fault])
    return found


def check_files(session: WorkSession, files: Sequence[UUID]) -> None:
    """Photos belong to whoever uploaded them, and to one matter."""
    if not files:
        return
    if len(files) > PHOTOS:
        text = Text(_("At most %(n)s photos can be added at once"), {"n": PHOTOS})
        raise Invalid(_("The photos have faults"), objections=[Objection(text, pointer="/files", code="too_long")])
    owners = uploaded_by(session, files)
    used = set(session.scalars(select(MatterFile.file_id).where(MatterFile.file_id.in_(files))))
    faults = []
    for position, file_id in enumerate(files):
        if owners.get(file_id) != session.actor.id:
            text = Text(_("There is no photo %(id)s of yours"), {"id": file_id})
        elif file_id in used or file_id in files[:position]:
            text = Text(_("The photo %(id)s already belongs to a matter"), {"id": file_id})
        else:
            continue
        mend = Text(_("Upload the photo again and use the new id"))
        faults.append(Objection(text, mend, f"/files/{position}", "file"))
    if faults:
        raise Invalid(_("The photos have faults"), objections=faults)


def check_version(session: WorkSession, matter: Matter, command: TakeStep) -> None:
    """Refuse a step on a version that no longer holds; a note may leave the version out."""
    if command.version is None:
        if command.step == "note":
            return
        fault = Objection(
            Text(_("The version you saw is missing")),
            Text(_("Read the matter and send its version")),
            "/version",
            "missing",
        )
        raise Invalid(_("The step has faults"), objections=[fault])
    if command.version != matter.version:
        given = command.given.model_dump(mode="json", exclude_defaults=True)
        raise Conflict(
            _("The matter %(number)s was changed since you read it; look at it again, then repeat"),
            theirs={
                "version": matter.version,
                "state": matter.state,
                "last_step": matter.last_step,
                "last_at": matter.last_at.isoformat(),
            },
            mine={"version": command.version, "step": command.step, **given},
            base=_as_of(session, matter, command.version),
            number=matter.number,
        )


def _as_of(session: WorkSession, matter: Matter, version: int) -> dict[str, Any] | None:
    """The matter as it was at a version: each step, the report being the first, made one; ``None`` for none of them."""
    if not 0 < version < matter.version:
        return None
    steps = select(MatterEvent).where(MatterEvent.matter_id == matter.id, MatterEvent.step.in_(life.STEPS))
    event = session.scalars(steps.order_by(MatterEvent.seq).offset(version - 1).limit(1)).first()
    if event is None:
        return None
    return {
        "version": version,
        "state": event.to_state,
        "last_step": event.step,
        "last_at": event.at.isoformat(),
    }
