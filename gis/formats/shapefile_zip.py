"""Shapefiles out: what their table can hold is asked before anything is written, and their parts go into one zip."""

from __future__ import annotations

import zipfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Literal

from gis.errors import FormatError
from gis.formats.layer import Value

Encoding = Literal["utf-8", "gbk"]
"""In which encoding a table may be written: its .cpg says which it is."""

SUFFIX = ".zip"
PARTS = (".shp", ".shx", ".dbf", ".prj", ".cpg")
NAME_BYTES = 10
TEXT_BYTES = 254
SHOWN = 40


def refuse_unwritable(fields: Mapping[str, Sequence[Value]], encoding: Encoding) -> None:
    """Refuse what a dBase table cannot hold: names of fields over 10 bytes, texts over 254, characters not in GBK.

    Raises FormatError: `field_name_too_long`, `text_too_long`, `not_in_encoding`.
    """
    for field, values in fields.items():
        if len(_encoded(field, field, encoding)) > NAME_BYTES:
            raise FormatError(
                f"The name of field {field!r} is longer than the {NAME_BYTES} bytes a shapefile allows.",
                code="field_name_too_long",
                field=field,
                limit=NAME_BYTES,
            )
        for text in {value for value in values if isinstance(value, str)}:
            size = len(_encoded(text, field, encoding))
            if size > TEXT_BYTES:
                raise FormatError(
                    f"{text[:SHOWN]!r} in field {field!r} takes {size} bytes, a shapefile holds {TEXT_BYTES}. "
                    "Shorten it, or write a GeoPackage.",
                    code="text_too_long",
                    text=_short(text),
                    field=field,
                    bytes=size,
                    limit=TEXT_BYTES,
                )


def _encoded(text: str, field: str, encoding: Encoding) -> bytes:
    try:
        return text.encode(encoding)
    except UnicodeEncodeError as error:
        character = text[error.start]
        raise FormatError(
            f"{text[:SHOWN]!r} in field {field!r} holds {character!r}, which {encoding} does not have. Write UTF-8.",
            code="not_in_encoding",
            text=_short(text),
            field=field,
            character=character,
            encoding=encoding.upper(),
        ) from None


def _short(text: str) -> str:
    return text if len(text) <= SHOWN else f"{text[:SHOWN]}…"


def pack(shp: Path, target: Path) -> None:
    """Put the parts that lie beside a .shp into a new zip, flat; a shapefile of no known system has no .prj."""
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for part in (shp.with_suffix(suffix) for suffix in PARTS):
            if part.exists():
                archive.write(part, part.name)
