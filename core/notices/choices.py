"""How each person wants to be told: by which channel of what, at once or in a daily digest, and when not."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Final, Literal, get_args
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import Select, select

from core.db.session import WorkSession
from core.errors import Invalid, Objection
from core.notices.channels import EMAIL, PERSONAL
from core.notices.hours import Quiet, after_quiet, next_at
from core.notices.models import NoticeChoice
from core.notices.topics import TOPICS
from core.text import Text
from core.text import noop as _

Mode = Literal["off", "at_once", "digest"]
MODES: Final[tuple[Mode, ...]] = get_args(Mode)
DIGEST_AT: Final = dt.time(8, 30)
USUAL: Final[Mapping[str, Mapping[str, Mode]]] = {
    EMAIL: {"matter_asked": "at_once", "plan_asked": "at_once", "matter_told": "digest", "plan_told": "digest"},
}
"""What holds before a person chose: what waits for them comes at once, the rest once a day; of no other channel."""


@dataclass(frozen=True)
class Choices:
    """What one person chose, or would get by default.

    :param modes: channel → topic → mode, as far as chosen.
    :param quiet: hours in which nothing is sent.
    :param digest_at: when the day's digest comes.
    """

    modes: Mapping[str, Mapping[str, Mode]] = field(default_factory=dict)
    quiet: Quiet | None = None
    digest_at: dt.time = DIGEST_AT

    def mode(self, channel: str, topic: str) -> Mode:
        """How notices of a topic go by a channel."""
        chosen = self.modes.get(channel, {}).get(topic)
        return chosen or USUAL.get(channel, {}).get(topic, "off")

    def moment(self, now: dt.datetime, zone: ZoneInfo, *, digest: bool) -> dt.datetime:
        """When what is written now may be sent."""
        return after_quiet(next_at(now, self.digest_at, zone) if digest else now, self.quiet, zone)


def choices_of(session: WorkSession, people: Iterable[UUID]) -> dict[UUID, Choices]:
    """The choices of some people, also of those who made none."""
    wanted = set(people)
    found = {row.user_id: _choices(row) for row in session.scalars(_rows(wanted))} if wanted else {}
    return {person: found.get(person, Choices()) for person in wanted}


def own_choices(session: WorkSession) -> Choices:
    """The choices of whoever asks."""
    person = session.actor.user_id
    return choices_of(session, [person])[person] if person else Choices()


def save_choices(session: WorkSession, choices: Choices) -> None:
    """Keep how whoever asks wants to be told; what waits already goes as it was chosen when it was written.

    :raises Invalid: of what is no topic, channel or mode, and of quiet hours that last a day.
    """
    person = session.actor.user_id
    if person is None:
        raise Invalid(_("Only people choose how they are told"))
    faults = [*_mode_faults(choices.modes)]
    if choices.quiet and choices.quiet[0] == choices.quiet[1]:
        said = Text(_("Quiet hours end at another time than they begin"))
        faults.append(Objection(said, None, "/quiet_to", "quiet"))
    if faults:
        raise Invalid(_("The choices have faults"), objections=faults)
    begins, ends = choices.quiet or (None, None)
    modes = {channel: dict(of_topics) for channel, of_topics in choices.modes.items()}
    row = session.get(NoticeChoice, person)
    if row is None:
        session.add(
            NoticeChoice(user_id=person, modes=modes, quiet_from=begins, quiet_to=ends, digest_at=choices.digest_at)
        )
    else:
        row.modes, row.quiet_from, row.quiet_to, row.digest_at = modes, begins, ends, choices.digest_at


def _mode_faults(modes: Mapping[str, Mapping[str, str]]) -> Iterable[Objection]:
    for channel, of_topics in modes.items():
        if channel not in PERSONAL:
            yield _fault(f"/modes/{channel}", _("There is no channel %(name)s"), channel)
            continue
        for topic, mode in of_topics.items():
            if topic not in TOPICS:
                yield _fault(f"/modes/{channel}/{topic}", _("There is no topic %(name)s"), topic)
            elif mode not in MODES:
                yield _fault(f"/modes/{channel}/{topic}", _("%(name)s is none of off, at_once, digest"), mode)


def _fault(pointer: str, message: str, name: str) -> Objection:
    return Objection(Text(message, {"name": name[:40]}), None, pointer, "choice")


def _rows(people: set[UUID]) -> Select[NoticeChoice]:
    return select(NoticeChoice).where(NoticeChoice.user_id.in_(people))


def _choices(row: NoticeChoice) -> Choices:
    quiet = (row.quiet_from, row.quiet_to) if row.quiet_from is not None and row.quiet_to is not None else None
    return Choices(row.modes, quiet, row.digest_at)
