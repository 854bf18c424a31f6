"""By what a layer is known: its code in addresses, its title to people; no two layers have the same one."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Final

from sqlalchemy import select

from core.db.session import WorkSession
from core.errors import Objection
from core.layers.kinds import ABOUT
from core.layers.models import ReferenceLayer
from core.layers.queries import drawn_rows
from core.layers.views import LayerOptions
from core.text import Text
from core.text import noop as _

NUMBERED: Final = re.compile(r"-\d+$")
TITLES: Final = ("title_zh", "title_en")


def named_layer(session: WorkSession, options: LayerOptions) -> ReferenceLayer | None:
    """The layer that a file is for, locked: that of its code; without one that of its title; without either that of
    the kind's code. ``None`` where the file becomes a new layer.
    """
    rows = drawn_rows(session)
    titles = _folded(options.title_zh, options.title_en)
    if options.code is None and titles:
        titled = [row for row in rows if titles & _folded(row.title_zh, row.title_en)]
        found = max(titled, key=lambda row: (row.kind == options.kind, row.imported_at), default=None)
    else:
        found = next((row for row in rows if row.code == (options.code or options.kind)), None)
    if found is None:
        return None
    return session.scalar(select(ReferenceLayer).where(ReferenceLayer.id == found.id).with_for_update())


def new_code(session: WorkSession, options: LayerOptions) -> str:
    """The code of a new layer: the one given, else the kind, else the first that no layer has."""
    if options.code is not None:
        return options.code
    taken = any(row.code == options.kind for row in drawn_rows(session))
    return free_code(session, options.kind) if taken else options.kind


def free_code(session: WorkSession, code: str) -> str:
    """The first of ``code-2``, ``code-3`` … that no layer has."""
    stem = NUMBERED.sub("", code)[:36]
    known = {row.code for row in drawn_rows(session)}
    number = 2
    while f"{stem}-{number}" in known:
        number += 1
    return f"{stem}-{number}"


def new_titles(session: WorkSession, options: LayerOptions) -> tuple[str, str]:
    """Chinese and English title of a new layer: those given, else those of the kind, numbered where they are taken."""
    if options.title_zh or options.title_en:
        return options.title_zh or options.title_en or "", options.title_en or ""
    chinese, english = ABOUT[options.kind].titles
    return free_title(session, chinese), free_title(session, english)


def free_title(session: WorkSession, title: str) -> str:
    """A title, with the first number from 2 on where a layer has it."""
    taken = {each for row in drawn_rows(session) for each in _folded(row.title_zh, row.title_en)}
    if _folded(title).isdisjoint(taken):
        return title
    stem = re.sub(r" \d+$", "", title)[:36]
    number = 2
    while f"{stem} {number}".casefold() in taken:
        number += 1
    return f"{stem} {number}"


def is_titled(row: ReferenceLayer, title: str) -> bool:
    """Whether a layer has this title, in whichever language."""
    return not _folded(title).isdisjoint(_folded(row.title_zh, row.title_en))


def title_faults(session: WorkSession, own: ReferenceLayer | None, titles: Mapping[str, Any]) -> list[Objection]:
    """What is wrong with titles because another layer has them.

    :param own: the layer that shall have them: what it is called now may stay.
    :param titles: by ``title_zh`` and ``title_en``; unset or empty: none.
    """
    others = [row for row in drawn_rows(session) if own is None or row.id != own.id]
    return [
        Objection(
            Text(_("There is a layer %(title)s already: give another title"), {"title": titles[name].strip()}),
            pointer=f"/{name}", code="taken",
        )
        for name in TITLES
        if titles.get(name) and (own is None or _folded(titles[name]) != _folded(getattr(own, name)))
        and any(_folded(titles[name]) == _folded(getattr(row, name)) for row in others)
    ]  # fmt: skip


def _folded(*titles: str | None) -> set[str]:
    """Titles as they are compared: without regard to case and white space; empty ones are none."""
    return {" ".join(title.split()).casefold() for title in titles if title and title.strip()}
