"""Words of channels, topics, modes and states, and a person's choices as they come from a door."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Mapping
from typing import Any, Final, cast

from core.errors import Invalid, Objection
from core.notices.channels import PERSONAL
from core.notices.choices import Choices, Mode
from core.notices.topics import TOPICS
from core.notices.views import State
from core.text import Text
from core.text import noop as _

MODES: Final[Mapping[Mode, str]] = {
    "at_once": _("right away"),
    "digest": _("once a day, together"),
    "off": _("not at all"),
}
STATES: Final[Mapping[State, tuple[str, str]]] = {
    "waiting": (_("waiting"), "warn"),
    "sent": (_("sent"), "ok"),
    "dead": (_("given up"), "bad"),
    "dropped": (_("no longer needed"), "neutral"),
}
"""State → its title and tone."""
HOUR: Final = re.compile(r"([01][0-9]|2[0-3]):[0-5][0-9]")


def choices_from(modes: Mapping[str, Mapping[str, str]], hours: Mapping[str, str]) -> Choices:
    """A person's choices as they sent them.

    :param hours: ``quiet_from`` and ``quiet_to``, both or neither, and ``digest_at``, as 22:30.
    :raises Invalid: with a pointer to each fault.
    """
    faults = [
        Objection(Text(_("Times are written as 08:30")), None, f"/{name}", "time")
        for name, written in hours.items()
        if written and not HOUR.fullmatch(written)
    ]
    begins, ends = hours.get("quiet_from", ""), hours.get("quiet_to", "")
    if bool(begins) != bool(ends):
        said = Text(_("Quiet hours have a beginning and an end"))
        faults.append(Objection(said, None, "/quiet_to" if begins else "/quiet_from", "quiet"))
    if not hours.get("digest_at"):
        faults.append(Objection(Text(_("The digest needs an hour")), None, "/digest_at", "time"))
    if faults:
        raise Invalid(_("The choices have faults"), objections=faults)
    quiet = (dt.time.fromisoformat(begins), dt.time.fromisoformat(ends)) if begins else None
    return Choices(cast("Mapping[str, Mapping[str, Mode]]", modes), quiet, dt.time.fromisoformat(hours["digest_at"]))


def choices_values(choices: Choices) -> dict[str, Any]:
    """What holds for a person, chosen or not, as JSON."""
    begins, ends = choices.quiet or (None, None)
    return {
        "modes": {channel: {topic: choices.mode(channel, topic) for topic in TOPICS} for channel in PERSONAL},
        "quiet_from": f"{begins:%H:%M}" if begins is not None else "",
        "quiet_to": f"{ends:%H:%M}" if ends is not None else "",
        "digest_at": f"{choices.digest_at:%H:%M}",
    }
