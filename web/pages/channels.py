"""`/settings/channels` and `/settings/deliveries`: by what notices leave the house, and what became of them."""

from __future__ import annotations

from typing import Final
from urllib.parse import urlencode
from uuid import UUID

from apiflask import APIBlueprint
from flask import flash, redirect, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext, ngettext

from core.errors import Invalid
from core.notices.channels import ALL, open_channels
from core.notices.deliveries import MANAGE, count_by_state, deliveries, retry_dead, retry_delivery
from core.notices.topics import TOPICS
from core.notices.trial import send_trial
from core.notices.views import STATES, State
from core.notices.webhooks import webhooks
from core.settings import get_settings
from core.text import noop as _
from web.auth import needs
from web.db import actor, read, write
from web.notice_words import STATES as STATE_WORDS

bp = APIBlueprint("channels", __name__, enable_openapi=False)

PAGE: Final = 50


@bp.get("/settings/channels")
@needs(MANAGE)
def channels() -> str:
    """What is set up, and how many deliveries are in each state."""
    settings = get_settings()
    with read() as session:
        counts, hooks = count_by_state(session), webhooks(session)
    return render_template(
        "settings/channels.html", settings=settings, open=open_channels(settings), counts=counts, hooks=hooks
    )


@bp.post("/settings/channels/test")
@needs(MANAGE)
def send_test() -> ResponseReturnValue:
    """Put a test message to whoever asks into the outbox."""
    with write() as session:
        send_trial(session, request.form.get("channel", ""), actor().user_id)
    flash(gettext(_("The test message is on its way; it stands among the deliveries.")), "ok")
    return redirect("/settings/deliveries")


@bp.get("/settings/deliveries")
@needs(MANAGE)
def delivery_list() -> str:
    """The newest deliveries, by state and channel."""
    state, channel = request.args.get("state", ""), request.args.get("channel", "")
    wanted = state if state in STATES else None
    with read() as session:
        found = deliveries(
            session, state=wanted, channel=channel, before=_id(request.args.get("before", "")), limit=PAGE + 1
        )
        counts = count_by_state(session)
    kept = {name: value for name, value in (("state", state), ("channel", channel)) if value}
    more = urlencode({**kept, "before": found[PAGE - 1].id}) if len(found) > PAGE else ""
    return render_template(
        "settings/deliveries.html", found=found[:PAGE], state=state, channel=channel, counts=counts, more=more,
        states=_states(), state_titles=[(key, title) for key, (title, _tone) in _states().items()],
        channels={key: gettext(title) for key, title in ALL.items()},
        topics={key: gettext(title) for key, title in TOPICS.items()},
    )  # fmt: skip


@bp.post("/settings/deliveries/retry")
@needs(MANAGE)
def retry() -> ResponseReturnValue:
    """Try one that was given up again, or without an id all of them."""
    one = _id(request.form.get("id", ""))
    with write() as session:
        if one:
            retry_delivery(session, one)
        n = 1 if one else retry_dead(session)
    flash(ngettext("%(num)s delivery is tried again.", "%(num)s deliveries are tried again.", n), "ok")
    return redirect("/settings/deliveries")


def _states() -> dict[State, tuple[str, str]]:
    """State → its title and tone."""
    return {key: (gettext(title), tone) for key, (title, tone) in STATE_WORDS.items()}


def _id(text: str) -> UUID | None:
    if not text:
        return None
    try:
        return UUID(text)
    except ValueError:
        raise Invalid(_("There is no such delivery")) from None
