"""Finding grids by what people type: code, name, pinyin, initials."""

from __future__ import annotations

import re

from core.db.session import WorkSession
from core.grids.asof import AsOf
from core.grids.queries import read_views
from core.grids.spelling import USUAL_WORDS
from core.grids.views import LEVELS, GridView
from core.text import storable

ORDER = f"""
order by s.code = :whole desc, s.name = :whole desc, starts_with(s.code, :whole) desc,
  starts_with(s.name, :whole) desc, s.search ~ :word desc,
  cardinality(string_to_array(left(s.search, strpos(' ' || s.search, ' ' || :first)), ' ')) > {USUAL_WORDS},
  array_position(array{list(LEVELS)!r}, g.level), s.code collate "C"
limit :limit
"""
INITIALS = f"split_part(s.search, ' ', {USUAL_WORDS})"
"""The initials as usually read: gaps that ran on into other words would find what nobody meant."""
MOST_WORDS = 8


def search_grids(session: WorkSession, text: str, limit: int = 20, as_of: AsOf = None) -> list[GridView]:
    """Grids that live then in whose code, name, pinyin or initials every word of ``text`` stands; best first.

    Where none has the words as they are, letters and digits are taken as initials with gaps: ``hps3`` finds
    和平社区3网格 by ``hpsq3wg``.
    """
    words = storable(text).casefold().split()[:MOST_WORDS]
    if not words:
        return []
    found = _matching(session, words, [f"%{escaped(word)}%" for word in words], limit, as_of)
    if found or not all(re.fullmatch(r"[a-z0-9]{2,}", word) for word in words):
        return found
    return _matching(session, words, ["%".join(word) + "%" for word in words], limit, as_of, INITIALS)


def escaped(word: str) -> str:
    """The word with the wildcards of ``like`` taken literally."""
    return re.sub(r"([\\%_])", r"\\\1", word)


def _matching(
    session: WorkSession, words: list[str], patterns: list[str], limit: int, as_of: AsOf, sought: str = "s.search"
) -> list[GridView]:
    where = " and ".join(f"{sought} like :pattern{n}" for n in range(len(patterns)))
    values = {f"pattern{n}": pattern for n, pattern in enumerate(patterns)}
    ranked = {"whole": "".join(words), "word": rf"\y{re.escape(words[0])}", "first": words[0], "limit": limit}
    return read_views(session, where, {**values, **ranked}, as_of, tail=ORDER)
