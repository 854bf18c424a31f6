"""What people write on a plan: its title, the reason for it, why it is given back."""

from __future__ import annotations

from typing import Final

from core.errors import Invalid, Objection
from core.text import Text, is_blank, is_one_line
from core.text import noop as _

LONGEST_TITLE: Final = 200
LONGEST_NOTE: Final = 2000
"""Characters of a reason or a comment."""


def note_of(typed: str) -> str:
    """A reason or comment as it is kept: no space around it, and lines ended by one character, as forms count them."""
    return typed.replace("\r\n", "\n").strip()


def refuse_bad_words(title: str, reason: str) -> None:
    """Refuse a plan's title and reason that cannot stand.

    :raises Invalid: each fault with its field.
    """
    faults = []
    if is_blank(title):
        faults.append(_fault("title", Text(_("Give the plan a title, such as what it changes"))))
    elif not is_one_line(title):
        faults.append(
            _fault("title", Text(_("The title holds a character that breaks or turns the line; type it anew")))
        )
    faults += [*_too_long("title", title, LONGEST_TITLE), *_note_faults("reason", reason)]
    if faults:
        raise Invalid(_("The plan's title or reason is wrong"), objections=faults)


def refuse_bad_comment(comment: str) -> None:
    """Refuse to give a plan back without words, or with such as cannot be kept.

    :raises Invalid: each fault with its field.
    """
    missing = Text(_("Say what shall be changed before the plan can be approved"))
    faults = [_fault("comment", missing)] if is_blank(comment) else _note_faults("comment", comment)
    if faults:
        raise Invalid(faults[0].text, objections=faults)


def _note_faults(field: str, note: str) -> list[Objection]:
    faults = _too_long(field, note, LONGEST_NOTE)
    if not all(is_one_line(line) for line in note.replace("\t", " ").splitlines()):
        faults.append(_fault(field, Text(_("The text holds a character that cannot be kept"))))
    return faults


def _too_long(field: str, text: str, most: int) -> list[Objection]:
    if len(text) <= most:
        return []
    said = _("At most %(most)s characters fit; there are %(n)s")
    return [_fault(field, Text(said, {"most": most, "n": len(text)}))]


def _fault(field: str, said: Text) -> Objection:
    return Objection(said, pointer=f"/{field}", code="invalid")
