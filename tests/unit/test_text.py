"""What counts as an empty text wherever a title or a name is asked for, and texts kept until they are read."""

from __future__ import annotations

import datetime as dt
import json
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest

from core.text import Text, is_blank


@pytest.mark.parametrize(
    "text", ["", " \t", "\u3000", "\u200b\u2060", "\u3164", "\uffa0\u115f", "\u2800", "\ufeff\u034f"]
)
def test_a_text_that_shows_nothing_is_blank(text: str) -> None:
    assert is_blank(text)


@pytest.mark.parametrize("text", ["井", "a\u200b", "…", "①", "🚧", "é"])
def test_a_text_with_one_sign_that_shows_is_not(text: str) -> None:
    assert not is_blank(text)


KEPT = UUID("0192f3a0-0000-7000-8000-000000000001")


def kept(text: Text) -> Text:
    """The text after a stay in the database."""
    return Text.from_json(json.loads(json.dumps(text.to_json())))


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        ("东县", "东县"),
        (7, "7"),
        (None, "None"),
        (dt.date(2026, 2, 1), "2026-02-01"),
        (KEPT, "0192f3a0-0000-7000-8000-000000000001"),
        (Decimal("1.50"), "1.50"),
        ({"message": "is a value", "params": {}}, "{'message': 'is a value', 'params': {}}"),
        (Text("%(n)s m", {"n": 3}), "3 m"),
    ],
)
def test_a_kept_text_reads_as_before(value: Any, shown: str) -> None:
    assert str(kept(Text("%(value)s!", {"value": value}))) == f"{shown}!"


def test_texts_among_the_values_stay_texts() -> None:
    inner = Text("%(deep)s and %(both)s", {"deep": Text("the end"), "both": (Text("one"), "two")})
    assert kept(Text("why: %(why)s", {"why": inner})) == Text("why: %(why)s", {"why": inner})


def test_a_text_of_an_earlier_version_is_read() -> None:
    inner = json.dumps({"message": "%(count)s gaps", "params": {"count": 2}})
    outer = json.dumps({"message": "It does not tile: %(defects)s", "params": {"defects": {"text": inner}}})
    assert Text.from_json(outer) == Text(
        "It does not tile: %(defects)s", {"defects": Text("%(count)s gaps", {"count": 2})}
    )
