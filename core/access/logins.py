"""How login names and telephone numbers are written, compared and shown."""

from __future__ import annotations

import re
import unicodedata
from typing import Final

from core.text import Text
from core.text import noop as _

HAN: Final = "\u3400-\u4dbf\u4e00-\u9fff\U00020000-\U0003ffff"
LETTER: Final = re.compile(rf"[a-z0-9_.@\-{HAN}]")
LOGIN: Final = re.compile(rf"[a-z0-9_{HAN}][a-z0-9_.@\-{HAN}]{{1,39}}")


def fold_login(login: str) -> str:
    """The form in which login names are kept and compared: full-width as half-width, lower case."""
    return unicodedata.normalize("NFKC", login).strip().casefold()


def login_fault(login: str) -> Text | None:
    """Why a folded name may be nobody's login; ``None`` when it may.

    Of all alphabets only Latin without accents and Chinese characters are let in: Cyrillic ``а`` and Latin ``a``
    look alike, and two people would seem one.
    """
    strange = next((sign for sign in login if not LETTER.fullmatch(sign)), None)
    if strange is not None:
        message = _("A login name must not contain %(sign)s; use a–z, digits, Chinese characters, or _ . @ -")
        return Text(message, {"sign": _told(strange)})
    if not LOGIN.fullmatch(login):
        return Text(_("A login name has 2 to 40 signs and begins with a letter, a digit or _"))
    return None


def _told(sign: str) -> str:
    """A sign so that it can be told from those that look like it: ``“а” (CYRILLIC SMALL LETTER A, U+0430)``."""
    shown = f"“{sign}” " if sign.isprintable() else ""
    name = unicodedata.name(sign, "")
    return f"{shown}({name + ', ' if name else ''}U+{ord(sign):04X})"


def fold_phone(phone: str) -> str:
    """Digits with an optional leading plus; blanks and dashes are dropped."""
    return re.sub(r"[\s()\-]", "", unicodedata.normalize("NFKC", phone))


def is_phone(phone: str) -> bool:
    """Whether a folded number is plausible: 5 to 15 digits."""
    return bool(re.fullmatch(r"\+?\d{5,15}", phone))


def mask_phone(phone: str) -> str:
    """``138****5678``: enough to recognise, too little to call."""
    if len(phone) < 7:
        return "*" * len(phone)
    return f"{phone[:3]}{'*' * (len(phone) - 7)}{phone[-4:]}"
