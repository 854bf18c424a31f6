"""What every template may use: the person, the menu, the organisation, filters for times, areas and codes."""

from __future__ import annotations

import datetime as dt
from contextlib import suppress
from itertools import pairwise
from typing import Any, Final
from zoneinfo import ZoneInfo

from flask import Flask, g, request
from flask_babel import format_decimal, get_locale, gettext
from markupsafe import Markup, escape
from sqlalchemy.exc import OperationalError

from core import clock
from core.access.policy import may
from core.instance import InstanceValues, instance_values, is_demo
from core.notices.queries import unread
from core.text import Text
from web import auth, forms, menu, slots
from web.actor_words import actor_words
from web.agents import agent_words
from web.areas import compared_areas, show_area
from web.assets import asset_path, preloads
from web.cells import labelled
from web.db import read
from web.deadlines import time_left
from web.i18n import translate_text

WEEKDAYS: Final = ("周一", "周二", "周三", "周四", "周五", "周六", "周日")


def init_app(app: Flask) -> None:
    """Attach globals and filters."""
    app.context_processor(_globals)
    app.jinja_env.filters.update(
        datetime=show_datetime,
        time_left=lambda due, now: time_left(due, now, zone()),
        date=show_date,
        area=show_area,
        number=show_number,
        code_blocks=code_blocks,
        told=told,
        labelled=labelled,
        agent=agent_words,
        who=actor_words,
    )
    app.jinja_env.globals["asset"] = lambda name: f"/static/{asset_path(name)}"
    app.jinja_env.globals["preloads"] = lambda name: [f"/static/{path}" for path in preloads(name)]
    app.jinja_env.globals["compared_areas"] = compared_areas
    app.jinja_env.globals["csrf_token"] = auth.csrf_token
    forms.init_app(app)


def instance() -> InstanceValues:
    """The instance's values, read once a request."""
    if "instance" not in g:
        g.instance, g.demo = InstanceValues(), False  # what the page says that tells of a database that is away
        with suppress(OperationalError), read() as session:
            g.instance = instance_values(session)
            g.demo = is_demo(session)
    values = g.instance
    assert isinstance(values, InstanceValues)
    return values


def is_demonstration() -> bool:
    """Whether what is shown is made up, so that whatever leaves the house says so."""
    instance()
    return bool(g.demo)


def language() -> str:
    """``zh`` or ``en``: the person's choice, else the cookie's, else the instance's."""
    actor = auth.current_actor()
    chosen = request.args.get("lang") or request.cookies.get("lang") or (actor.language if actor else "")
    return chosen if chosen in {"zh", "en"} else instance().language


def _globals() -> dict[str, Any]:
    actor = auth.current_actor()
    values = instance()
    logo = f"/settings/logo/{values.logo_file}" if values.logo_file else ""
    return {
        "me": actor,
        "org": {"name": values.organisation or gettext("Wangge"), "logo": logo},
        "lang": language(),
        "elder": request.cookies.get("elder") == "1",
        "demo": g.demo,
        "menu": menu.menu_for(actor, request.path) if actor else [],
        "plugin_problems": slots.problems() if actor and may(actor, "plugin.manage") else [],
        "may": lambda action, path=None: bool(actor and may(actor, action, path).allowed),
        "now": clock.now(),
        "unread_notices": _unread,
    }


def _unread() -> int:
    """How many notices the person has not read; asked by whole pages alone."""
    if auth.current_actor() is not None:
        with suppress(OperationalError), read() as session:
            return unread(session)
    return 0


def zone() -> ZoneInfo:
    """The time zone in which times are shown."""
    return instance().zone


def show_datetime(value: dt.datetime | None) -> str:
    """``2026-11-24 周二 08:12``; empty for ``None``."""
    if value is None:
        return ""
    local = value.astimezone(zone())
    day = WEEKDAYS[local.weekday()] if str(get_locale()).startswith("zh") else f"{local:%a}"
    return f"{local:%Y-%m-%d} {day} {local:%H:%M}"


def show_date(value: dt.datetime | dt.date | None) -> str:
    """``2026-11-24``; empty for ``None``."""
    if value is None:
        return ""
    return f"{value.astimezone(zone()):%Y-%m-%d}" if isinstance(value, dt.datetime) else value.isoformat()


def show_number(value: float | int | None) -> str:
    """A number with thousands separators."""
    return "" if value is None else str(format_decimal(value))


def told(value: Text | str | None) -> str:
    """A text or message id in the reader's language; empty for ``None``."""
    return translate_text(value if isinstance(value, Text) else Text(value)) if value else ""


def code_blocks(code: str) -> Markup:
    """A statistical code in blocks, 131003 001 002 003, which copies as the plain code; other codes as they are."""
    if not (code.isdigit() and len(code) in {9, 12, 15, 17}):
        return escape(code)
    cuts = [*range(6, min(len(code), 16), 3), len(code)]
    blocks = (Markup('<span class="ms-1">{}</span>').format(code[start:end]) for start, end in pairwise(cuts))
    return Markup(code[:6]) + Markup().join(blocks)
