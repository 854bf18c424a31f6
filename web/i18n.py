"""Catalogues: one per room in `translations/<language>/<room>.po`, merged into the one that pages read.

`python -m web.i18n compile` merges and compiles; `check` names every text of the code without
a translation, and those with two.
"""

from __future__ import annotations

import datetime as dt
import os
import sys
from collections.abc import Callable, Iterator, Mapping
from functools import lru_cache
from gettext import NullTranslations, translation
from io import BytesIO
from pathlib import Path
from typing import Any, Final

from babel.messages.catalog import Catalog
from babel.messages.extract import extract
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po

from core.errors import DomainError
from core.text import Text

ROOT: Final = Path(__file__).resolve().parent.parent
FOLDER: Final = ROOT / "web" / "translations"
SOURCE: Final = "en"
LANGUAGES: Final = ("zh",)
UNDATED: Final = dt.datetime(2000, 1, 1, tzinfo=dt.UTC)
"""The same texts give the same compiled catalogue, whenever that is done."""
TERMINAL_LOCALE: Final = ("LC_ALL", "LC_MESSAGES", "LANG")
KEYWORDS: Final[dict[str, tuple[int, ...] | None]] = {
    "_": None, "gettext": None, "ngettext": (1, 2), "noop": None, "lazy_gettext": None, "Text": None,
}  # fmt: skip
MOST_SAID: Final = 20
"""Of what a refusal lists."""
DOMAIN_CALLS: Final = (
    "DomainError", "Invalid", "NotFound", "Refused", "Forbidden", "Unauthenticated", "TooMany", "Conflict",
    "KeyReused", "NoRoom", "Unavailable", "Unusable", "Misdeclared",
)  # fmt: skip


def _in_the_readers_language(message: str) -> str:
    """By the request; on the command line by the terminal's locale."""
    # Building a wheel compiles catalogues where Flask is not installed.
    from flask import has_app_context
    from flask_babel import gettext

    return str(gettext(message)) if has_app_context() else _terminal().gettext(message)


def translate_text(text: Text, gettext: Callable[[str], str] = _in_the_readers_language) -> str:
    """A carried message in the reader's language, the texts among its values too.

    :param gettext: of another language than the one in which this request, or this terminal, is read.
    """

    def told(value: object) -> object:
        if isinstance(value, Text):
            return translate_text(value, gettext)
        if isinstance(value, tuple):
            return gettext(", ").join(str(told(part)) for part in value)
        return value

    translated = gettext(text.message)
    return translated % {name: told(value) for name, value in text.params.items()} if text.params else translated


def translate_kept(kept: Mapping[str, Any] | str) -> str:
    """A text that was kept by ``Text.to_json``, in the reader's language."""
    return translate_text(Text.from_json(kept))


def said(error: DomainError) -> str:
    """A refusal and what it lists as one text in the reader's language."""
    whole = translate_text(error.text)
    parts = [translate_text(objection.text) for objection in error.objections[:MOST_SAID]]
    return " · ".join([whole, *(part for part in parts if part not in whole)])


@lru_cache(maxsize=1)
def _terminal() -> NullTranslations:
    """Chinese where ``LC_ALL``, ``LC_MESSAGES`` or ``LANG`` asks for it, else English."""
    locale = next((value for name in TERMINAL_LOCALE if (value := os.environ.get(name))), "")
    return catalogue("zh" if locale.startswith("zh") else SOURCE)


@lru_cache(maxsize=len(LANGUAGES) + 1)
def catalogue(language: str) -> NullTranslations:
    """The compiled catalogue of a language; texts as they stand where there is none."""
    return translation("messages", FOLDER, [language], fallback=True) if language in LANGUAGES else NullTranslations()


def rooms(language: str) -> list[Path]:
    """The catalogues of one language, one per room."""
    return sorted((FOLDER / language).glob("*.po"))


def merged(language: str) -> Catalog:
    """All rooms' messages in one catalogue; an earlier translation of the same text stays."""
    whole = Catalog(locale=language, charset="utf-8", creation_date=UNDATED, revision_date=UNDATED)
    for path in rooms(language):
        with path.open("rb") as file:
            room = read_po(file, locale=language)
        for message in room:
            if message.id and message.string and whole.get(message.id) is None:
                whole.add(message.id, message.string, flags=message.flags)
    return whole


def compile_catalogues() -> list[Path]:
    """Write the compiled catalogues, only where they changed; gives those written."""
    written = []
    for language in LANGUAGES:
        target = FOLDER / language / "LC_MESSAGES" / "messages.mo"
        buffer = BytesIO()
        write_mo(buffer, merged(language))
        if not target.is_file() or target.read_bytes() != buffer.getvalue():
            target.parent.mkdir(parents=True, exist_ok=True)
            fresh = target.with_suffix(".new")
            fresh.write_bytes(buffer.getvalue())
            fresh.replace(target)
            written.append(target)
    return written


def source_texts() -> Iterator[tuple[str, str]]:
    """Every marked text of code and templates as (text, where it stands)."""
    keywords = KEYWORDS | dict.fromkeys(DOMAIN_CALLS)
    code = ("gis", "core", "web", "plugins/sdk/wangge")
    files = [
        *((path, "python") for room in code for path in (ROOT / room).rglob("*.py")),
        *((path, "jinja2") for path in (ROOT / "web" / "templates").rglob("*.html")),
    ]
    for path, method in sorted(files):
        with path.open("rb") as file:
            for line, found, _comments, _context in extract(method, file, keywords=keywords):
                for text in found if isinstance(found, tuple) else (found,):
                    if text:
                        yield text, f"{path.relative_to(ROOT)}:{line}"


def untranslated(language: str) -> list[tuple[str, str]]:
    """Marked texts that the language lacks, each once, with the first place that uses it."""
    catalogue = merged(language)
    known = {part for message in catalogue for part in _ids(message.id)}
    missing: dict[str, str] = {}
    for text, place in source_texts():
        if text not in known:
            missing.setdefault(text, place)
    return sorted(missing.items(), key=lambda item: item[1])


def contradictions(language: str) -> list[str]:
    """Texts that two rooms translate in two ways, each with the rooms: only one of them could be shown."""
    said: dict[str, dict[str, str]] = {}
    for path in rooms(language):
        with path.open("rb") as file:
            for message in read_po(file, locale=language):
                if message.id and message.string:
                    text = _ids(message.id)[0]
                    said.setdefault(text, {}).setdefault(str(message.string), path.stem)
    return [f"{', '.join(told.values())}: {text!r}" for text, told in said.items() if len(told) > 1]


def unused(language: str) -> list[str]:
    """Texts that are translated and stand nowhere, each with its room."""
    marked = {text for text, _place in source_texts()}
    left = []
    for path in rooms(language):
        with path.open("rb") as file:
            messages = list(read_po(file, locale=language))
        left += [f"{path.stem}: {m.id!r}" for m in messages if m.id and not marked.intersection(_ids(m.id))]
    return left


def _ids(identity: str | list[str] | tuple[str, ...]) -> tuple[str, ...]:
    return (identity,) if isinstance(identity, str) else tuple(identity)


def missing_po(language: str) -> str:
    """The missing texts as the lines of a catalogue, to be translated."""
    catalogue = Catalog(locale=language, charset="utf-8")
    for text, place in untranslated(language):
        path, line = place.rsplit(":", 1)
        catalogue.add(text, locations=[(path, int(line))])
    buffer = BytesIO()
    write_po(buffer, catalogue, omit_header=True)
    return buffer.getvalue().decode()


def main(arguments: list[str]) -> int:
    """`compile`, `check` or `missing`."""
    match arguments:
        case ["compile"]:
            if compile_catalogues():
                print("catalogues compiled", file=sys.stderr)
        case ["check"]:
            missing = [(language, *entry) for language in LANGUAGES for entry in untranslated(language)]
            for language, text, place in missing:
                print(f"{place}: no {language} for {text!r}", file=sys.stderr)
            twofold = [(language, each) for language in LANGUAGES for each in contradictions(language)]
            for language, where in twofold:
                print(f"two {language} in {where}", file=sys.stderr)
            left = [(language, each) for language in LANGUAGES for each in unused(language)]
            for language, where in left:
                print(f"nothing says what {language} translates in {where}", file=sys.stderr)
            return 1 if missing or twofold or left else 0
        case ["missing"]:
            print("\n".join(missing_po(language) for language in LANGUAGES))
        case _:
            print("usage: python -m web.i18n compile | check | missing", file=sys.stderr)
            return 2
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
