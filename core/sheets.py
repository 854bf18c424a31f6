"""Lists that offices keep in XLSX: read with limits, each fault named by row and column."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from core.errors import Invalid, Objection
from core.text import Text
from core.text import noop as _

MOST_ROWS: Final = 20_000
MOST_BYTES: Final = 20_000_000
MOST_UNPACKED: Final = 100_000_000
MOST_COLUMNS: Final = 100


@dataclass(frozen=True)
class Column:
    """A column of a list.

    :param key: name in the code; ``titles`` are the heads that mean it, the first is the template's.
    """

    key: str
    titles: tuple[str, ...]
    needed: bool = False


@dataclass(frozen=True)
class Line:
    """One row: its number in the sheet, and its texts by column key."""

    number: int
    values: Mapping[str, str]


def read_sheet(data: bytes, columns: Sequence[Column]) -> list[Line]:
    """The rows of the first sheet; empty rows are left out.

    :raises Invalid: no XLSX, a needed column is missing, a needed cell is empty, too many rows.
    """
    rows = _cells(data)
    heads = [str(cell or "").strip() for cell in rows[0]] if rows else []
    places = {column.key: _place(heads, column) for column in columns}
    lacking = [column.titles[0] for column in columns if column.needed and places[column.key] is None]
    if lacking:
        raise Invalid(_("The first row must hold the heads; these are missing: %(heads)s"), heads=", ".join(lacking))
    lines, faults = [], []
    for number, row in enumerate(rows[1:], 2):
        values = {
            key: _text(row[place]) if place is not None and place < len(row) else "" for key, place in places.items()
        }
        if not any(values.values()):
            continue
        faults += [
            fault(number, column.titles[0], _("is empty"), _("Fill the cell in"))
            for column in columns
            if column.needed and not values[column.key]
        ]
        lines.append(Line(number, values))
    refuse(faults)
    if not lines:
        raise Invalid(_("The list has no rows below the heads"))
    return lines


def fault(row: int, column: str, why: str, mend: str, **params: object) -> Objection:
    """One fault of a list: where, why, how to mend it."""
    values = {"row": row, "column": column, "why": Text(why, params)}
    return Objection(Text(_("Row %(row)s, %(column)s: %(why)s"), values), Text(mend, params), f"/{row}/{column}")


def refuse(faults: Sequence[Objection]) -> None:
    """Raise all faults together; nothing of the list is kept."""
    if faults:
        raise Invalid(_("Nothing was taken over: %(count)s faults"), count=len(faults), objections=faults)


def template(columns: Sequence[Column], example: Sequence[str]) -> bytes:
    """An XLSX with the heads and one example row."""
    import xlsxwriter

    buffer = io.BytesIO()
    with xlsxwriter.Workbook(buffer, {"in_memory": True}) as book:
        sheet = book.add_worksheet()
        bold = book.add_format({"bold": True})
        for place, column in enumerate(columns):
            sheet.write_string(0, place, column.titles[0], bold)
            sheet.write_string(1, place, example[place])
            sheet.set_column(place, place, 18)
    return buffer.getvalue()


def _cells(data: bytes) -> list[tuple[object, ...]]:
    import openpyxl

    if len(data) > MOST_BYTES:
        raise Invalid(_("The list is larger than %(mb)s MB"), mb=MOST_BYTES // 1_000_000)
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            if sum(member.file_size for member in archive.infolist()) > MOST_UNPACKED:
                raise Invalid(_("The list unpacks to far more than a list needs"))
        book = openpyxl.load_workbook(io.BytesIO(data), read_only=True, data_only=True)
        sheet = book.worksheets[0]
        rows: list[tuple[object, ...]] = []
        for row in sheet.iter_rows(max_col=MOST_COLUMNS, values_only=True):
            if len(rows) > MOST_ROWS:
                raise Invalid(_("The list has more than %(most)s rows; send it in parts"), most=MOST_ROWS)
            rows.append(tuple(row))
    except Invalid:
        raise
    except Exception as error:  # the library raises whatever a damaged file makes it stumble over
        raise Invalid(_("This is no XLSX list; save it as .xlsx and send it again")) from error
    return rows


def _place(heads: Sequence[str], column: Column) -> int | None:
    return next((heads.index(title) for title in column.titles if title in heads), None)


def _text(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    return str(value).strip()
