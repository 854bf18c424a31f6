"""Objections as JSON values, for API and command line."""

from __future__ import annotations

from typing import Any

from core.errors import DomainError
from web.i18n import translate_text


def objection_values(error: DomainError) -> list[dict[str, Any]]:
    """What stands against something, each with its place in the input and how to mend it, in the person's language."""
    return [
        {
            "pointer": objection.pointer,
            "code": objection.code,
            "detail": translate_text(objection.text),
            "mend": translate_text(objection.mend) if objection.mend else "",
            **({"plugin": objection.plugin} if objection.plugin else {}),
            **(dict(zip(("lon", "lat"), objection.place, strict=True)) if objection.place else {}),
        }
        for objection in error.objections
    ]
