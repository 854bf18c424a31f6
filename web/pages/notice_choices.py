"""How a person wants to be told outside of the inbox: channels, topics, the digest's hour and quiet hours."""

from __future__ import annotations

from typing import Any

from apiflask import APIBlueprint
from flask import flash, redirect, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from core.errors import Invalid
from core.notices.channels import PERSONAL, open_channels
from core.notices.choices import own_choices, save_choices
from core.notices.outbox import own_addresses
from core.notices.topics import TOPICS
from core.settings import get_settings
from core.text import noop as _
from web import auth
from web.db import read, write
from web.notice_words import MODES, choices_from, choices_values
from web.reporting import messages

bp = APIBlueprint("notice_choices", __name__, enable_openapi=False)

ADDRESS = "/account/notices/choices"
HOURS = ("quiet_from", "quiet_to", "digest_at")


@bp.get(ADDRESS)
@auth.signed_in
def show() -> str:
    """The form with what holds now."""
    with read() as session:
        values = choices_values(own_choices(session))
        return _page(values, {}, own_addresses(session))


@bp.post(ADDRESS)
@auth.signed_in
def save() -> ResponseReturnValue:
    """Keep the choices; those of channels that are not set up stay as they were."""
    hours = {name: request.form.get(name, "").strip() for name in HOURS}
    with write() as session:
        before = choices_values(own_choices(session))
        modes = before["modes"] | {
            channel: {topic: request.form.get(f"{channel}.{topic}", "") or "off" for topic in TOPICS}
            for channel in open_channels(get_settings())
        }
        try:
            save_choices(session, choices_from(modes, hours))
        except Invalid as fault:
            return _page({"modes": modes, **hours}, messages(fault), own_addresses(session)), fault.status
    flash(gettext(_("Your choices were saved.")), "ok")
    return redirect(ADDRESS)


def _page(values: dict[str, Any], errors: dict[str, str], addresses: dict[str, str]) -> str:
    channels = [(channel, gettext(PERSONAL[channel])) for channel in open_channels(get_settings())]
    topics = [(topic, gettext(title)) for topic, title in TOPICS.items()]
    modes = [(mode, gettext(title)) for mode, title in MODES.items()]
    return render_template(
        "account/notice_choices.html", values=values, errors=errors, channels=channels, topics=topics, modes=modes,
        addresses=addresses,
    )  # fmt: skip
