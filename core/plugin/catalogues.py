"""A plugin's own translations: ``translations/<language>.po`` in its package, compiled when it is installed."""

from __future__ import annotations

from pathlib import Path

from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

FOLDER = "translations"


def compile_catalogues(package: Path) -> None:
    """Write ``translations/<language>/LC_MESSAGES/messages.mo`` for each catalogue of a package."""
    for source in sorted((package / FOLDER).glob("*.po")):
        with source.open("rb") as file:
            catalogue = read_po(file, locale=source.stem)
        target = package / FOLDER / source.stem / "LC_MESSAGES" / "messages.mo"
        target.parent.mkdir(parents=True, exist_ok=True)
        with target.open("wb") as file:
            write_mo(file, catalogue)


def texts(package: Path, messages: set[str]) -> dict[str, dict[str, str]]:
    """Translations of some messages by language, for pages that show a plugin without loading it."""
    found: dict[str, dict[str, str]] = {}
    for source in sorted((package / FOLDER).glob("*.po")):
        with source.open("rb") as file:
            catalogue = read_po(file, locale=source.stem)
        found[source.stem] = {
            message.id: message.string
            for message in catalogue
            if isinstance(message.id, str) and isinstance(message.string, str) and message.id in messages
        }
    return found
