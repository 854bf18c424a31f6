"""What the geometry engine did or could not do and a person should know, though it hindered nothing."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Note:
    """A remark in English, as a `GisError` is one.

    `code` is a stable slug for programs, `params` the values named in the message (for translation).
    """

    message: str
    code: str
    params: Mapping[str, object] = field(default_factory=dict)

    def __str__(self) -> str:
        return self.message


def note(message: str, *, code: str, **params: object) -> Note:
    """A remark with its values."""
    return Note(message, code, params)
