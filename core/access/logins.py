"""How login names and telephone numbers are written, compared and shown."""

from __future__ import annotations

import re
import unicodedata

LOGIN = re.compile(r"[\w][\w.@-]{1,39}")


def fold_login(login: str) -> str:
    """The form in which login names are kept and compared: full-width as half-width, lower case, no NUL."""
    return unicodedata.normalize("NFKC", login).replace("\0", "").strip().casefold()


def is_login(login: str) -> bool:
    """Whether a folded name may be a login: 2 to 40 letters (Chinese too), digits, ``_ . @ -``."""
    return bool(LOGIN.fullmatch(login))


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
