"""Password hashing, bounded in how many run at once, and the rules for a new password."""

from __future__ import annotations

import secrets
import threading
import unicodedata
from typing import Final

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from core.errors import Objection
from core.text import Text
from core.text import noop as _

SHORTEST = 10
LONGEST = 128
AT_ONCE = 2
ALPHABET: Final = "abcdefghjkmnpqrstuvwxyz23456789"
COMMON: Final = ("password", "passw0rd", "qwerty", "admin", "123456", "abc123", "wangge", "iloveyou", "88888888")

_hasher = PasswordHasher(time_cost=2, memory_cost=32 * 1024, parallelism=1)
_light = PasswordHasher(time_cost=1, memory_cost=1024, parallelism=1)
_gate = threading.BoundedSemaphore(AT_ONCE)
_nobody = _hasher.hash(secrets.token_urlsafe(24))


def hash_password(password: str) -> str:
    """Argon2id hash of a password that a person chose."""
    with _gate:
        return _hasher.hash(_folded(password))


def one_time_password() -> tuple[str, str]:
    """A random password of 79 bits and its hash.

    Guessing it is hopeless whatever a try costs, so the hash is cheap and 400 of them are made in a second.
    """
    plain = "-".join("".join(secrets.choice(ALPHABET) for _i in range(4)) for _j in range(4))
    return plain, _light.hash(plain)


def verify_password(stored: str | None, password: str) -> bool:
    """Whether the password fits; costs the same for no hash, a cheap hash and a full one."""
    with _gate:
        full = stored is not None and not _hasher.check_needs_rehash(stored)
        fits = _fits(stored, _folded(password)) if stored is not None else False
        if not full:
            _fits(_nobody, _folded(password))
        return fits


def rules() -> Text:
    """What a new password must be, to be read before one is thought of."""
    said = _("%(least)d to %(most)d characters, at least two of letters, digits and signs, without the login name")
    return Text(said, {"least": SHORTEST, "most": LONGEST})


def objections(password: str, login: str) -> list[Objection]:
    """What is wrong with a new password; empty when it may be used."""
    found: list[Objection] = []
    folded = _folded(password)
    if not SHORTEST <= len(folded) <= LONGEST:
        found.append(_objection("length", _("The password needs %(least)d to %(most)d characters")))
    if len({_kind(char) for char in folded}) < 2:
        found.append(_objection("kinds", _("The password needs at least two of letters, digits and signs")))
    low = folded.casefold()
    if login and login in low:
        found.append(_objection("login", _("The password must not contain the login name")))
    if any(word in low and len(low) - len(word) < 5 for word in COMMON) or len(set(low)) < 5:
        found.append(_objection("common", _("The password is too easy to guess")))
    return found


def _objection(code: str, message: str) -> Objection:
    params = {"least": SHORTEST, "most": LONGEST} if code == "length" else {}
    return Objection(
        Text(message, params),
        mend=Text(_("Take a sentence that only you would think of")),
        pointer="/password",
        code=f"password-{code}",
    )


def _kind(char: str) -> str:
    if char.isdigit():
        return "digit"
    return "letter" if char.isalpha() else "sign"


def _folded(password: str) -> str:
    return unicodedata.normalize("NFKC", password)


def _fits(stored: str, password: str) -> bool:
    try:
        return _hasher.verify(stored, password)
    except (VerificationError, InvalidHashError):
        return False
