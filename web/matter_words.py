"""Words and ways of matters for pages: states, steps, kinds, the stepper, the timeline."""

from __future__ import annotations

import datetime as dt
from typing import Any, Final

from flask_babel import gettext

from core.matters import life
from core.matters.kinds import kind
from core.matters.listing import OPEN
from core.matters.views import EventView, MatterView, PhotoView
from core.text import noop as _

STAGES: Final = (
    ("report", _("Reported")),
    ("located", _("In its grid")),
    ("accept", _("Accepted")),
    ("settle", _("Being settled")),
    ("close", _("Closed")),
)
OTHER_ENDS: Final = {"reject": _("Rejected"), "withdraw": _("Withdrawn")}
TONES: Final = {life.CLOSED: "ok", life.REJECTED: "neutral", life.WITHDRAWN: "neutral", life.REPORTED: "warn"}


def state_title(state: str) -> str:
    """A state in the reader's language."""
    title: str = gettext("open") if state == OPEN else gettext(life.STATES.get(state, state))
    return title


def state_tone(state: str) -> str:
    """The tone of a state's tag."""
    return TONES.get(state, "info")


def step_title(step: str) -> str:
    """A step in the reader's language."""
    title: str = gettext(life.STEPS.get(step, step))
    return title


def kind_title(name: str) -> str:
    """A kind in the reader's language; its slug while its plugin is away."""
    found = kind(name)
    title: str = gettext(found.title) if found else name
    return title


def photo_item(photo: PhotoView) -> dict[str, str]:
    """A photo as the macro `photos` shows it: small, leading to the whole."""
    return {"href": f"/files/{photo.id}", "thumb": f"/files/{photo.id}/small", "title": ""}


def timeline_item(event: EventView) -> dict[str, Any]:
    """An event as the macro `timeline` shows it."""
    text = event.note
    if event.step == "relocate":
        nowhere = gettext("outside the city")
        moved = gettext(
            "from %(old)s to %(new)s",
            old=event.data.get("from_grid") or nowhere,
            new=event.data.get("to_grid") or nowhere,
        )
        text = f"{moved}\n{text}".strip()
    return {
        "at": event.at,
        "who": event.actor_name,
        "office": "",
        "act": step_title(event.step),
        "text": text,
        "files": [photo_item(photo) for photo in event.photos],
        "machine": event.machine,
        "tone": {"close": "ok", "reject": "bad"}.get(event.step, ""),
    }


def stages_of(view: MatterView, events: list[EventView]) -> list[dict[str, Any]]:
    """The way of a matter from report to end; where it ended otherwise, that end in place of the rest."""
    times: dict[str, dt.datetime | None] = {event.step: event.at for event in events}
    times["located"] = view.reported_at if view.grid else None
    found = [
        {"title": gettext(title), "at": times.get(step), "state": "done" if times.get(step) else "todo"}
        for step, title in STAGES
    ]
    if view.last_step in OTHER_ENDS or view.state in {life.REJECTED, life.WITHDRAWN}:
        end = "reject" if view.state == life.REJECTED else "withdraw"
        done = [stage for stage in found if stage["state"] == "done"]
        return [*done, {"title": gettext(OTHER_ENDS[end]), "at": times.get(end), "state": "now"}]
    now = [stage for stage in found if stage["state"] == "done"][-1]
    now["state"] = "now"
    return found


WORDS: Final = {
    "state_title": state_title,
    "state_tone": state_tone,
    "step_title": step_title,
    "kind_title": kind_title,
}
"""What templates may use."""
