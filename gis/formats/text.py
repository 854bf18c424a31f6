"""In which encoding text stands: stated, declared or found out, and mojibake never enters.

Chinese layers come as UTF-8 or as GBK, often without saying so or saying the wrong one. UTF-8 text of Chinese is
practically never valid by accident; GBK is believed when it decodes without a fault and most of its characters
are those of everyday Chinese (GB 2312), which text in a Western encoding does not do.
"""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from gis.errors import FormatError
from gis.notes import Note, note

UTF8 = "utf-8"
GB = "gb18030"
EVERYDAY_SHARE = 0.8
MULTIBYTE = frozenset({UTF8, GB, "big5", "cp950", "big5hkscs", "cp932", "shift_jis", "euc_jp", "cp949", "euc_kr"})


class Cell(NamedTuple):
    """Some text as bytes; `full` when it fills its column, so that its last character may be cut in the middle."""

    raw: bytes
    full: bool


def codec(name: str) -> str | None:
    """The Python name of an encoding as people and .cpg files write it (GBK, 936, ANSI 1252, 65001), or None.

    GBK and its relatives become GB18030, which holds them.
    """
    short = re.sub(r"[\s_-]", "", name).lower().removeprefix("ansi").removeprefix("oem")
    if short in ("936", "cp936", "gbk", "gb2312", "gb18030", "gb", "euccn", "ms936"):
        return GB
    if short in ("65001", "utf8", "utf8sig"):
        return UTF8
    if part := re.fullmatch(r"(?:iso)?8859(\d{1,2})", short):
        short = f"iso8859-{part[1]}"
    try:
        found = codecs.lookup(f"cp{short}" if short.isdecimal() else short)
        "a".encode(found.name)
    except (LookupError, ValueError):
        return None
    return found.name


def spoken(encoding: str) -> str:
    """An encoding's name as it is stated on the command line."""
    return "gbk" if encoding == GB else encoding


def decode(cell: Cell, encoding: str) -> str:
    """Decode strictly; only a full cell may end in half a character, which is dropped.

    Raises UnicodeDecodeError.
    """
    decoder = codecs.getincrementaldecoder(encoding)("strict")
    return decoder.decode(cell.raw, final=not cell.full)


def _decoded(cells: Sequence[Cell], encoding: str) -> str | None:
    try:
        return "".join(decode(cell, encoding) for cell in cells)
    except UnicodeDecodeError:
        return None


def _is_chinese_in_gb(cells: Sequence[Cell]) -> bool:
    text = _decoded(cells, GB)
    if text is None:
        return False
    foreign = [c for c in text if not c.isascii()]
    everyday = "".join(foreign).encode("gb2312", errors="ignore").decode("gb2312")
    return len(everyday) >= EVERYDAY_SHARE * len(foreign)


def _guess(cells: Sequence[Cell]) -> str | None:
    if _decoded(cells, UTF8) is not None:
        return UTF8
    return GB if _is_chinese_in_gb(cells) else None


def choose(cells: Iterable[Cell], stated: str | None, declared: str | None, where: str) -> tuple[str, tuple[Note, ...]]:
    """Decide the encoding of some text, and say in a sentence when the file's own declaration was wrong.

    `stated` comes from the user and is obeyed or refused, `declared` from the file and is believed while the
    bytes agree. `where` names the text in messages. Raises FormatError (`wrong_encoding`, `unknown_encoding`).
    """
    foreign = [cell for cell in cells if not cell.raw.isascii()]
    utf8 = _decoded(foreign, UTF8)
    surely_utf8 = utf8 is not None and any(c >= "\u0800" for c in utf8)
    if stated is not None:
        return _obey(foreign, stated, surely_utf8, where), ()
    if not foreign:
        return UTF8, ()
    named = codec(declared) if declared else None
    if named is not None:
        agrees = named in MULTIBYTE or not _is_chinese_in_gb(foreign)
        if agrees and (named == UTF8 or not surely_utf8) and _decoded(foreign, named) is not None:
            return named, ()
    found = _guess(foreign)
    if found is None:
        raise FormatError(
            f"The encoding of {where} cannot be told: it is neither UTF-8 nor GBK. State it, for example latin-1.",
            code="wrong_encoding",
            where=where,
            stated=None,
            remedy=None,
        )
    if declared is None:
        return found, ()
    lie = note(
        f"{where} declares {declared!r}, but is {spoken(found)}; it was read as {spoken(found)}.",
        code="encoding_lies", where=where, declared=declared, found=spoken(found),
    )  # fmt: skip
    return found, (lie,)


def _obey(foreign: Sequence[Cell], stated: str, surely_utf8: bool, where: str) -> str:
    named = codec(stated)
    if named is None:
        raise FormatError(
            f"Unknown encoding {stated[:40]!r}. Write utf-8, gbk or another name that Python knows.",
            code="unknown_encoding",
            stated=stated[:40],
        )
    if _decoded(foreign, named) is not None and (named == UTF8 or not surely_utf8):
        return named
    remedy = _guess(foreign)
    hint = f"Most likely it is {spoken(remedy)}." if remedy else "State another one."
    raise FormatError(
        f"{where} is not {stated}: read so, its text cannot be right. {hint}",
        code="wrong_encoding",
        where=where,
        stated=stated,
        remedy=spoken(remedy) if remedy else None,
    )
