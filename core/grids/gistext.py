"""What the geometry engine says, as texts a person can read in their language."""

from __future__ import annotations

from core.text import Text
from gis.errors import GisError


def explain(error: GisError) -> Text:
    """The error's message; its values stay apart where the message is known by its code."""
    return Text("%(detail)s", {"detail": str(error)})
