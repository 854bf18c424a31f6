"""Lists that offices keep in XLSX: read with limits, each fault named by row and column."""

from __future__ import annotations

import io
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from core.errors import Invalid, Objection
from core.text import Text, listed
from core.text import noop as _
from gis.errors import FormatError
from gis.limited import ask

MOST_BYTES: Final = 20_000_000
MEMORY_MB: Final = 1024
SECONDS: Final = 30
QUOTED_MOST: Final = 40
"""Characters of a wrong value that its fault quotes."""
NO_LIST: Final = _("This is no XLSX list; save it as .xlsx and send it again")
UNPACKS: Final = _("The list unpacks to far more than a list needs; save it anew without pictures")
FAULTS: Final[Mapping[str, str]] = {
    "too_many_rows": _("The list has more than %(most)s rows; send it in parts"),
    "too_many_cells": _("The list holds too much: reading stopped at row %(row)s; send it in parts"),
    "zip_too_many": UNPACKS,
    "zip_too_large": UNPACKS,
    "zip_ratio": UNPACKS,
    "too_large": _("The list needs more than %(memory_mb)s MB of memory or %(seconds)s seconds; send it in parts"),
}
"""What is said to a list, by the code with which its reading ended."""
ASIDE: Final = frozenset({"序号", "备注", "no", "no.", "remark", "remarks"})
"""Heads of columns that lists have for their readers; any other that is not known may be a misnamed one."""
AS_TEXT: Final = _("Format the column as text and enter the cell again")
ODD: Final[Mapping[str, str]] = {
    "truth": _("is TRUE or FALSE, not text"),
    "long_number": _("is a number of more than 15 digits, of which a spreadsheet loses the last"),
    "date": _("is a date, not text"),
    "nul": _("holds a character that cannot be stored"),
    "error": _("is an error such as #N/A or #REF!, not text"),
}
"""What is said to a cell that holds no text, by what it holds."""
Odd = Mapping[tuple[int, int], str]


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


@dataclass(frozen=True)
class Sheet:
    """The rows of a list, and the faults of cells that are empty or hold no text; such cells read as empty."""

    lines: list[Line]
    faults: list[Objection]

    def refuse(self, found: Sequence[Objection]) -> None:
        """Raise the faults of the cells with those that were found in their meaning, in the order of the rows."""
        told = {one.pointer for one in self.faults}
        faults = [*self.faults, *(one for one in found if one.pointer not in told)]
        refuse(sorted(faults, key=lambda one: int(one.pointer.split("/")[1])))


@dataclass(frozen=True)
class Difference:
    """A cell of a list that says other than what stands.

    :param column: key of the column, or what else of the row differs.
    :param taken: whether the list's word holds now; else what stood was left.
    """

    row: int
    who: str
    column: str
    now: str
    listed: str
    taken: bool = False


def read_sheet(data: bytes, columns: Sequence[Column]) -> Sheet:
    """The rows of the first sheet; empty rows are left out.

    :raises Invalid: no XLSX, a needed column is missing, too many rows.
    """
    rows, odd = _cells(data)
    heads = rows[0] if rows else []
    places = {column.key: _place(heads, column) for column in columns}
    lacking = [column.titles[0] for column in columns if column.needed and places[column.key] is None]
    if lacking:
        raise Invalid(_("The first row must hold the heads; these are missing: %(heads)s"), heads=", ".join(lacking))
    known = {title for column in columns for title in column.titles}
    unknown = [head for head in heads if head and head not in known and head.casefold() not in ASIDE]
    if unknown:
        raise Invalid(
            _("These columns are not known: %(unknown)s. Known are %(known)s: rename them, or leave them out"),
            unknown=listed(unknown),
            known=listed(column.titles[0] for column in columns),
        )
    lines: list[Line] = []
    faults: list[Objection] = []
    for number, row in enumerate(rows[1:], 2):
        values = {key: row[place] if place is not None and place < len(row) else "" for key, place in places.items()}
        if any(values.values()):
            lines.append(Line(number, _judged(number, values, columns, places, odd, faults)))
    if not lines:
        raise Invalid(_("The list has no rows below the heads"))
    return Sheet(lines, faults)


def _judged(
    number: int, values: Mapping[str, str], columns: Sequence[Column], places: Mapping[str, int | None],
    odd: Odd, faults: list[Objection],
) -> dict[str, str]:  # fmt: skip
    """The values of a row without those that are no text; what is wrong with its cells goes to the faults."""
    kept = dict(values)
    for column in columns:
        place = places[column.key]
        kind = odd.get((number - 1, place), "") if place is not None else ""
        if kind:
            kept[column.key] = ""
            faults.append(fault(number, column.titles[0], ODD[kind], AS_TEXT))
        elif column.needed and not values[column.key]:
            faults.append(fault(number, column.titles[0], _("is empty"), _("Fill the cell in")))
    return kept


def fault(row: int, column: str, why: str, mend: str, *, value: str = "", **params: object) -> Objection:
    """One fault of a list: where, why, how to mend it.

    :param why: what is said of the cell, to stand behind its column and value.
    :param value: what stands in the cell, where it is wrong.
    """
    said = Text(why, params)
    if value:
        said = Text(_("“%(value)s” %(why)s"), {"value": _shortened(value), "why": said})
    told = Text(_("%(column)s %(why)s"), {"column": column, "why": said})
    return _fault(row, column, said, told, Text(mend, params))


def told_fault(row: int, column: str, reason: Objection, *, value: str = "") -> Objection:
    """A fault of a list that is told in a sentence of its own, as a form would tell it."""
    told = said = reason.text
    if value:
        told = said = Text(_("“%(value)s”: %(why)s"), {"value": _shortened(value), "why": said})
    return _fault(row, column, said, told, reason.mend or Text(_("Correct the row")))


def _fault(row: int, column: str, said: Text, told: Text, mend: Text) -> Objection:
    """:param told: the reason for a list of faults in which the same one of many rows stands once."""
    values = {"row": row, "column": column, "why": said, "told": told}
    return Objection(Text(_("Row %(row)s, %(column)s: %(why)s"), values), mend, f"/{row}/{column}")


def _shortened(value: str) -> str:
    return value if len(value) <= QUOTED_MOST else f"{value[:QUOTED_MOST]}…"


def refuse(faults: Sequence[Objection]) -> None:
    """Raise all faults together; nothing of the list is kept."""
    if faults:
        raise Invalid(_("Nothing was taken over: %(count)s faults"), count=len(faults), objections=faults)


def template(columns: Sequence[Column], example: Sequence[str]) -> bytes:
    """An XLSX with the heads, and on a second sheet, which is never read, an example row below them."""
    import xlsxwriter

    buffer = io.BytesIO()
    with xlsxwriter.Workbook(buffer, {"in_memory": True}) as book:
        bold = book.add_format({"bold": True})
        for title, cells in (("名单", ()), ("示例 Example", example)):
            sheet = book.add_worksheet(title)
            sheet.set_column(0, len(columns) - 1, 18)
            sheet.write_row(0, 0, [column.titles[0] for column in columns], bold)
            for place, cell in enumerate(cells):
                sheet.write_string(1, place, cell)
    return buffer.getvalue()


def _cells(data: bytes) -> tuple[list[list[str]], Odd]:
    """The texts of all rows, and which cells hold no text, read in the limited process."""
    if len(data) > MOST_BYTES:
        raise Invalid(_("The list is larger than %(mb)s MB"), mb=MOST_BYTES // 1_000_000)
    with tempfile.TemporaryDirectory(prefix="list-") as name:
        path = Path(name) / "list.xlsx"
        path.write_bytes(data)
        try:
            told = ask("core.cells", Path(name), {"path": str(path)}, memory_mb=MEMORY_MB, seconds=SECONDS)
        except FormatError as error:
            facts: dict[str, Any] = error.params
            raise Invalid(FAULTS.get(error.code, NO_LIST), **facts) from error
    rows: list[list[str]] = told["rows"]
    return rows, {(row, place): kind for row, place, kind in told["odd"]}


def _place(heads: Sequence[str], column: Column) -> int | None:
    return next((heads.index(title) for title in column.titles if title in heads), None)
