"""What a grid is found by: code, name, pinyin and initials, other readings included."""

from __future__ import annotations

from functools import lru_cache
from typing import Final

MOST_READINGS: Final = 12
USUAL_WORDS: Final = 4
"""Code, name, pinyin and initials as they are usually read come first in ``search_text``, rarer readings after them."""


def search_text(code: str, name: str) -> str:
    """The words that ``grid_state.search`` holds: lower case, parted by blanks, each once."""
    words = [code.casefold(), name.casefold()]
    if not name.isascii():
        words += _spelt(name)
    return " ".join(dict.fromkeys(words))


@lru_cache(maxsize=4096)
def _spelt(name: str) -> tuple[str, ...]:
    """Pinyin and initials of the reading that words suggest, then those with one heteronym changed at a time."""
    from pypinyin import lazy_pinyin

    usual = lazy_pinyin(name)
    readings = [usual]
    for place, choices in enumerate(_choices(name, len(usual))):
        for other in choices:
            if other != usual[place] and len(readings) < MOST_READINGS:
                readings.append([*usual[:place], other, *usual[place + 1 :]])
    return tuple(word.casefold() for reading in readings for word in ("".join(reading), _initials(reading)))


def _initials(reading: list[str]) -> str:
    return "".join(part[0] if part.isascii() else part for part in reading if part)


def _choices(name: str, places: int) -> list[list[str]]:
    from pypinyin import Style, pinyin

    choices = pinyin(name, style=Style.NORMAL, heteronym=True)
    return choices if len(choices) == places else []
