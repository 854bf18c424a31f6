"""The dBase table of a shapefile, read from its bytes, because GDAL guesses its encoding and does not ask."""

from __future__ import annotations

import math
import struct
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from gis.errors import FormatError
from gis.formats.layer import Value
from gis.formats.text import Cell, choose, decode
from gis.notes import Note, note

HEADER = 32
END_OF_COLUMNS = 0x0D
TEXT, NUMBERS, DATE, LOGICAL = "C", "NF", "D", "L"
# Language byte of the header to code page (dBase and FoxPro tables); ESRI's 0x57 "ANSI" says nothing.
LANGUAGES = {
    0x01: "cp437", 0x02: "cp850", 0x03: "cp1252", 0x13: "cp932", 0x4D: "936", 0x4E: "cp949", 0x4F: "cp950",
    0x78: "cp950", 0x79: "cp949", 0x7A: "936", 0x7B: "cp932", 0xC8: "cp1250", 0xC9: "cp1251",
}  # fmt: skip


class Column(NamedTuple):
    """One column of the table."""

    name: bytes
    type: str
    width: int
    decimals: int


class Table(NamedTuple):
    """The rows of a .dbf: name to values (deleted rows included), which rows live, encoding, what was amiss."""

    fields: dict[str, list[Value]]
    living: NDArray[np.bool_]
    encoding: str
    notes: tuple[Note, ...]


def _damaged(detail: str) -> FormatError:
    return FormatError(
        f"The table (.dbf) of the shapefile is damaged: {detail}. Export the layer again.",
        code="damaged",
        detail=detail,
    )


def _columns(data: bytes, header_size: int) -> list[Column]:
    columns = []
    for at in range(HEADER, header_size, HEADER):
        if data[at] == END_OF_COLUMNS or at + HEADER > header_size:
            break
        name = data[at : at + 11].split(b"\0")[0].strip()
        columns.append(Column(name, chr(data[at + 11]), data[at + 16], data[at + 17]))
    return columns


def _rows(data: bytes) -> tuple[list[Column], NDArray[np.void]]:
    """Cut the file into its columns and a structured array: `alive` and one byte string per column."""
    if len(data) < HEADER + 1:
        raise _damaged("it is shorter than its header")
    count, header_size, row_size = struct.unpack("<IHH", data[4:12])
    if header_size <= HEADER or header_size > len(data):
        raise _damaged("its header is cut off")
    columns = _columns(data, header_size)
    if any(c.width == 0 for c in columns) or row_size != 1 + sum(c.width for c in columns):
        raise _damaged("the widths of its columns do not add up to a row")
    if len(data) < header_size + count * row_size:
        raise _damaged("it ends before its last row")
    shape = np.dtype([("alive", "S1"), *((f"c{i}", f"S{c.width}") for i, c in enumerate(columns))])
    return columns, np.frombuffer(data, dtype=shape, count=count, offset=header_size)


def _number(raw: bytes, decimals: int) -> tuple[Value, bool]:
    """A number, or None; and whether the cell was readable."""
    text = raw.strip(b" \0")
    if not text or not text.strip(b"*"):
        return None, True
    try:
        if decimals == 0 and text.lstrip(b"+-").isdigit():
            return int(text), True
        number = float(text)
    except ValueError:
        return None, False
    return (number, True) if math.isfinite(number) else (None, False)


def _date(raw: bytes) -> Value:
    text = raw.decode("ascii", errors="replace").strip(" \0")
    return f"{text[:4]}-{text[4:6]}-{text[6:8]}" if len(text) == 8 and text.strip("0") else None


def _logical(raw: bytes) -> Value:
    letter = raw.strip().upper()
    return 1 if letter in (b"T", b"Y") else 0 if letter in (b"F", b"N") else None


def _unique(name: str, taken: dict[str, list[Value]]) -> str:
    candidate, number = name, 2
    while candidate in taken:
        candidate, number = f"{name}_{number}", number + 1
    return candidate


def read_table(data: bytes, cpg: str | None, stated: str | None) -> Table:
    """Read a whole .dbf; `cpg` is the text of the .cpg beside it, `stated` the encoding the user insists on.

    Text loses the blanks that pad it on the right and nothing else; empty text is None.
    Raises FormatError: `damaged`, `wrong_encoding`, `unknown_encoding`.
    """
    columns, rows = _rows(data)
    texts = {
        i: [Cell(raw.split(b"\0")[0].rstrip(b" "), False) for raw in rows[f"c{i}"].tolist()]
        for i, column in enumerate(columns)
        if column.type == TEXT
    }
    texts = {i: [cell._replace(full=len(cell.raw) == columns[i].width) for cell in cells] for i, cells in texts.items()}
    names = [Cell(column.name, len(column.name) >= 10) for column in columns]
    declared = (cpg or "").strip() or LANGUAGES.get(data[29])
    everything = [*names, *(cell for cells in texts.values() for cell in cells)]
    encoding, lies = choose(everything, stated, declared, "the table of the shapefile")
    notes = [*lies]
    fields: dict[str, list[Value]] = {}
    for i, column in enumerate(columns):
        name = _unique(decode(names[i], encoding), fields)
        if column.type == TEXT:
            fields[name] = [decode(cell, encoding) or None for cell in texts[i]]
            continue
        values, amiss = _plain(rows[f"c{i}"].tolist(), column, name)
        notes.extend(amiss)
        if values is not None:
            fields[name] = values
    return Table(fields, rows["alive"] != b"*", encoding, tuple(notes))


def _plain(cells: list[bytes], column: Column, name: str) -> tuple[list[Value] | None, tuple[Note, ...]]:
    """The values of a column without text, and a note when some or all cannot be read."""
    if column.type == DATE:
        return [_date(cell) for cell in cells], ()
    if column.type == LOGICAL:
        return [_logical(cell) for cell in cells], ()
    if column.type not in NUMBERS:
        left_out = note(
            f"Field {name!r} was left out: its dBase type {column.type!r} is not supported.",
            code="field_type", field=name, type=column.type,
        )  # fmt: skip
        return None, (left_out,)
    pairs = [_number(cell, column.decimals) for cell in cells]
    bad = sum(not readable for _, readable in pairs)
    values = [value for value, _ in pairs]
    if not bad:
        return values, ()
    emptied = note(
        f"Field {name!r} has {bad} numbers that cannot be read; they were left empty.",
        code="numbers_unreadable", field=name, count=bad,
    )  # fmt: skip
    return values, (emptied,)
