"""Texts kept in a row until their reader's language is known."""

from __future__ import annotations

import json

from core.text import Text


def coded(text: Text) -> str:
    """A text kept until its reader's language is known."""
    params = {name: {"text": coded(value)} if isinstance(value, Text) else value for name, value in text.params.items()}
    return json.dumps({"message": text.message, "params": params}, ensure_ascii=False, default=str)


def decoded(value: str) -> Text:
    """The text that ``coded`` kept."""
    found = json.loads(value)
    params = {
        name: decoded(part["text"]) if isinstance(part, dict) and "text" in part else part
        for name, part in found["params"].items()
    }
    message: str = found["message"]
    return Text(message, params)
