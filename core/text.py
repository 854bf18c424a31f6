"""Texts that a person will read, kept as a message and its values until their language is known."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final
from unicodedata import category

UNSEEN: Final = frozenset("\u115f\u1160\u2800\u3164\uffa0")
"""Letters and signs by their class that nevertheless show nothing: fillers of Hangul, the empty Braille cell."""
BREAKING: Final = frozenset({"Cc", "Zl", "Zp"})
"""Classes of characters that break a line: controls, U+2028, U+2029."""
TURNING: Final = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
"""Characters that turn the direction of writing."""


def is_blank(text: str) -> bool:
    """Whether a text shows nothing: spaces, control and format characters, marks without a letter, fillers."""
    return all(category(sign)[0] in "ZCM" or sign in UNSEEN for sign in text)


def is_one_line(text: str) -> bool:
    """Whether a text breaks no line and turns no direction of writing."""
    return not any(category(sign) in BREAKING or sign in TURNING for sign in text)


def storable(text: str) -> str:
    """Input without the one character that PostgreSQL's text cannot hold."""
    return text.replace("\0", "")


def noop(message: str) -> str:
    """Mark a string for translation without translating it; import it as ``_``."""
    return message


@dataclass(frozen=True)
class Text:
    """An English message with ``%(name)s`` places, and their values.

    ``str(text)`` gives English; the web floor gives the reader's language.
    """

    message: str
    params: Mapping[str, Any] = field(default_factory=dict)

    def __str__(self) -> str:
        return self.message % self.params if self.params else self.message

    def to_json(self) -> dict[str, Any]:
        """To be kept until the reader's language is known; values that JSON has not are kept as they are shown."""
        return {"message": self.message, "params": {name: _kept(value) for name, value in self.params.items()}}

    @classmethod
    def from_json(cls, value: Mapping[str, Any] | str) -> Text:
        """The text that ``to_json`` gave, or the string as which reports of files kept one at first."""
        found = json.loads(value) if isinstance(value, str) else value
        return cls(found["message"], {name: _read(part) for name, part in found["params"].items()})


def _kept(value: object) -> Any:
    if isinstance(value, Text):
        return value.to_json()
    if isinstance(value, list | tuple):
        return [_kept(part) for part in value]
    return value if value is None or isinstance(value, str | int | float) else str(value)


def _read(value: Any) -> Any:
    if isinstance(value, Mapping):
        return Text.from_json(value.get("text", value))
    return tuple(map(_read, value)) if isinstance(value, list) else value


def listed(parts: Iterable[str | Text]) -> Text:
    """Several texts as one, with the comma of the reader's language between them."""
    named = {f"part{number}": part for number, part in enumerate(parts)}
    message = "%(comma)s".join(f"%({name})s" for name in named) or "%(comma)s"
    return Text(message, {**named, "comma": Text(noop(", ")) if named else ""})
