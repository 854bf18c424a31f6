"""What counts as an empty text wherever a title or a name is asked for."""

from __future__ import annotations

import pytest

from core.text import is_blank


@pytest.mark.parametrize(
    "text", ["", " \t", "\u3000", "\u200b\u2060", "\u3164", "\uffa0\u115f", "\u2800", "\ufeff\u034f"]
)
def test_a_text_that_shows_nothing_is_blank(text: str) -> None:
    assert is_blank(text)


@pytest.mark.parametrize("text", ["井", "a\u200b", "…", "①", "🚧", "é"])
def test_a_text_with_one_sign_that_shows_is_not(text: str) -> None:
    assert not is_blank(text)
