"""Whoever acted, in the reader's language."""

from __future__ import annotations

from core.actor import COMMAND_LINE
from core.text import Text
from core.text import noop as _
from web.i18n import translate_text


def actor_words(name: str | None, actor_id: str | None) -> str:
    """A person by name; of the command line which user of the operating system gave the command."""
    if name and actor_id == COMMAND_LINE:
        return translate_text(Text(_("command line (%(user)s)"), {"user": name}))
    return name or ""
