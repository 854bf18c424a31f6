"""Words and ways of matters for pages: states, steps, kinds, the stepper, the timeline."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection
from typing import Any, Final
from urllib.parse import quote
from uuid import UUID

from flask_babel import gettext

from core.matters import life
from core.matters.away import plugin_of
from core.matters.filters import OPEN
from core.matters.kinds import kind, kinds, owner
from core.matters.views import Blocked, EventView, MatterView
from core.text import noop as _
from web import context, slots
from web.clock_words import CLOCKED, clock_event, clock_names
from web.i18n import translate_text
from web.matter_tasks import OUTCOMES as RESULTS
from web.plugin_words import word

TONES: Final = {life.REPORTED: "warn", **dict.fromkeys(life.ENDED, "neutral"), life.CLOSED: "ok"}
OUTCOMES: Final = {
    "accept": _("The matter is accepted then; next the grid settles it."),
    "reject": _("The matter ends; whoever reported it reads your reason."),
    "settle": _("You handle the matter from then on; next, it is closed once it is settled."),
    "whistle": _("The departments are called; each reports in, or declines with a reason."),
    "claim": _("Your department has the task from then on, and you handle it."),
    "decline": _("The task goes back; another department is found for it."),
    "assign": _("The department is called; it reports in, or declines with a reason."),
    "waive": _("The department has nothing more to do for this matter."),
    "feed_back": _("Your part is done; once all parts are, somebody else checks the result."),
    "verify": _("The matter ends; only notes can be added afterwards."),
    "send_back": _("A new round begins with half of the time; whoever did the work does it again."),
    "close": _("The matter ends; only notes can be added afterwards."),
    "withdraw": _("The matter ends without being settled; it stays in the lists."),
    "relocate": _("The grid is found anew; whoever works there goes on with the matter."),
    "note": _("The note stands in the timeline; the state stays as it is."),
}
PROMINENCE: Final = (
    *("accept", "settle", "claim", "feed_back", "verify", "close", "whistle", "assign", "decline", "send_back"),
    *("reject", "note", "waive", "relocate", "withdraw"),
)
GRID_WAY: Final = ((life.ACCEPTED, "accept"), (life.SETTLING, "settle"), (life.CLOSED, "close"))
CHECKED_WAY: Final = (*GRID_WAY[:2], (life.FED_BACK, "feed_back"), (life.CLOSED, "verify"))
OFFICE_WAY: Final = (
    (life.ACCEPTED, "accept"), (life.WHISTLED, "whistle"), (life.HANDLING, "claim"), *CHECKED_WAY[2:],
)  # fmt: skip


OFFICES: Final = {
    "task": _("Department"),
    "lead": _("Leading department"),
    "assist": _("Assisting departments"),
    "proposed": _("Proposed department"),
}


LEADING: Final = frozenset({"accept", "settle", "claim", "feed_back", "verify", "close"})
REASONED: Final = frozenset({"reject", "withdraw", "decline", "waive", "send_back", "feed_back"})
"""Steps that cannot be taken without a word."""


def state_title(state: str) -> str:
    """A state in the reader's language, with a capital where there are such."""
    title: str = gettext("open") if state == OPEN else gettext(life.STATES.get(state, state))
    return title[:1].upper() + title[1:]


def step_outcome(step: str) -> str:
    """What a step brings about, in one line for whoever is about to take it."""
    outcome: str = gettext(OUTCOMES[step])
    return outcome


def state_tone(state: str) -> str:
    """The tone of a state's tag."""
    return TONES.get(state, "info")


def step_title(step: str) -> str:
    """A step in the reader's language."""
    title: str = gettext(life.EVENTS.get(step, step))
    return title


def kind_title(name: str) -> str:
    """A kind in the reader's language; while its plugin is away as it was titled when that was installed."""
    found = kind(name)
    return word(owner(name), found.title) if found else _kept_title(name)


def _kept_title(name: str) -> str:
    return slots.kept_titles("register_matter_kinds", context.language()).get(name, name)


def away_plugin(name: str) -> str:
    """Title of the plugin that a kind belongs to, while it does not run; empty for kinds that are known."""
    return "" if kind(name) else slots.kept_title(plugin_of(name), context.language())


def kind_description(name: str) -> str:
    """What the report form says of a kind."""
    found = kind(name)
    return word(owner(name), found.description) if found and found.description else ""


def kind_icon(name: str) -> str:
    """A kind's icon."""
    found = kind(name)
    return found.icon if found else ""


def kind_groups() -> list[tuple[str, list[tuple[str, str]]]]:
    """Names and titles of the kinds that can be reported, by the department of their plugin; the host's last."""
    groups: dict[str, list[tuple[str, str]]] = {}
    for found in kinds():
        department = slots.department(owner(found.name)) or gettext("Other matters")
        groups.setdefault(department, []).append((found.name, kind_title(found.name)))
    return list(groups.items())


def kind_filters(chosen: str) -> list[tuple[str, list[tuple[str, str]]]]:
    """The kinds that a list can be narrowed to; one that was chosen stays among them while its plugin is away."""
    away = [(chosen, kind_title(chosen))] if chosen and kind(chosen) is None else []
    return [*kind_groups(), *([(gettext("Switched off"), away)] if away else [])]


def prominence(step: str) -> int:
    """Where a step stands among the buttons: what leads on comes first, what seldom happens last."""
    return PROMINENCE.index(step)


def blocked_text(blocked: Blocked | None, *, located: bool, reported: bool = False) -> str:
    """Why the next step is not this person's, and who may take it; to whoever just reported it only the latter.

    :param located: it has a grid; without one only those reach it who work for the whole city.
    :param reported: it is the reader's own report, which nobody took up yet.
    """
    if blocked is None:
        return ""
    mark = gettext(", ")
    who = [gettext(title) for title in blocked.roles] + ([blocked.handler] if blocked.handler else [])
    who += blocked.offices
    values = {
        "step": step_title(blocked.step),
        "why": mark.join(translate_text(each) for each in blocked.why),
        "who": mark.join(who),
        "mend": mark.join(translate_text(each) for each in blocked.mend),
    }
    said: str
    if reported and located:
        said = gettext("Reported. It is taken up next by: %(who)s.", **values)
    elif reported:
        said = gettext("Reported. It has no grid yet; who works for the whole city takes it up: %(who)s.", **values)
    elif blocked.mend:
        said = gettext("Next is “%(step)s”. %(why)s. %(mend)s. Others who may: %(who)s.", **values)
    elif located:
        said = gettext("Next is “%(step)s”. %(why)s. In this grid it can be done by: %(who)s.", **values)
    else:
        said = gettext(
            "Next is “%(step)s”. %(why)s. As long as it has no grid, it can be done by those who work for the whole "
            "city: %(who)s.",
            **values,
        )
    return said


def photo_item(file_id: UUID) -> dict[str, Any]:
    """A photo as the macro `photos` shows it: small, leading to the whole."""
    return {"id": str(file_id), "href": f"/files/{file_id}", "thumb": f"/files/{file_id}/small", "title": ""}


def photo_items(events: list[EventView]) -> list[dict[str, Any]]:
    """All photos of a matter, each with the step that it came with and when: before and after are told apart."""
    return [
        photo_item(photo.id) | {"act": step_title(event.step), "at": event.at}
        for event in events
        for photo in event.photos
    ]


def timeline_item(event: EventView, kind: str) -> dict[str, Any]:
    """An event of a matter of a kind as the macro `timeline` shows it."""
    return {
        "at": event.at,
        "who": event.actor_name,
        "office": "",
        "act": step_title(event.step),
        "text": _told(event, kind),
        "files": [photo_item(photo.id) for photo in event.photos],
        "machine": event.machine,
        "tone": {"close": "ok", "verify": "ok", "reject": "bad", "send_back": "bad"}.get(event.step, ""),
    }


def _told(event: EventView, kind: str) -> str:
    """What an event says: the grids between which a matter moved, and the note."""
    old, new = _place_of(event, "from"), _place_of(event, "to")
    said: str
    if event.step == life.REHOMED:
        version = event.data["version"]
        said = gettext(
            "from %(old)s to %(new)s, by version %(version)s of the grids", old=old, new=new, version=version
        )
        return said
    if event.step in CLOCKED:
        return clock_event(event, kind)
    if event.step != "relocate":
        done = clock_names(event.data.get("done", ()), kind)
        ticked = gettext("Ticked off: %(parts)s", parts=done) if done else ""
        return "\n".join(part for part in (*_offices(event), ticked, event.note) if part)
    said = gettext("within %(grid)s", grid=new) if old == new else gettext("from %(old)s to %(new)s", old=old, new=new)
    return f"{said}\n{event.note}".strip()


def _offices(event: EventView) -> list[str]:
    """The departments that a step was about, as they were called then, and what a check found."""
    mark = gettext(", ")
    told = [
        gettext("%(name)s: %(text)s", name=gettext(title), text=mark.join(event.data[fact]))
        for fact, title in OFFICES.items()
        if fact in event.data
    ]
    if "outcome" in event.data:
        found: str = event.data["outcome"]
        told.append(gettext(RESULTS[found]))
    return told


def _place_of(event: EventView, side: str) -> str:
    code, name = event.data.get(f"{side}_grid"), event.data.get(f"{side}_name")
    if code is None:
        return str(gettext("outside the city"))
    return f"{name} ({code})" if name else str(code)


def stages_of(view: MatterView, events: list[EventView]) -> list[dict[str, Any]]:
    """The way of a matter from report to end; where it ended otherwise, that end in place of the rest."""
    at = {event.step: event.at for event in events}
    ways: list[tuple[str, str, dt.datetime | None]] = [
        (life.REPORTED, state_title(life.REPORTED), view.reported_at),
        ("", gettext("In its grid"), view.reported_at if view.grid else None),
    ]
    ways += [(state, state_title(state), at.get(step)) for state, step in _way(view, at.keys())]
    here = next((place for place, (state, _title, _when) in enumerate(ways) if state == view.state), len(ways))
    found = [
        {"title": title, "at": when, "state": "now" if place == here else "done" if when and place < here else "todo"}
        for place, (_state, title, when) in enumerate(ways)
    ]
    if view.state in life.ENDED and view.state != life.CLOSED:
        done = [stage for stage in found if stage["state"] == "done"]
        return [*done, {"title": state_title(view.state), "at": view.closed_at, "state": "now"}]
    return found


def _way(view: MatterView, steps: Collection[str]) -> tuple[tuple[str, str], ...]:
    """The states ahead of a matter, by what was done with it and by its kind."""
    found = kind(view.kind)
    if "whistle" in steps or (found is not None and not found.settle_in_grid):
        return OFFICE_WAY
    return CHECKED_WAY if "feed_back" in steps else GRID_WAY


def grid_shape(view: MatterView) -> str:
    """Address of the outline of a matter's grid; empty while it has none."""
    return f"/api/v1/grids/{quote(view.grid.code, safe='')}/shape" if view.grid else ""


WORDS: Final = {
    "leading": LEADING,
    "reasoned": REASONED,
    "state_title": state_title,
    "state_tone": state_tone,
    "step_title": step_title,
    "step_outcome": step_outcome,
    "kind_title": kind_title,
    "kind_description": kind_description,
    "kind_icon": kind_icon,
    "grid_shape": grid_shape,
}
"""What templates may use."""
