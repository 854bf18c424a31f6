"""Lists as files: XLSX and CSV in which no cell can become a formula and no code loses its zeros."""

from __future__ import annotations

import csv
import datetime as dt
import io
import re
from collections.abc import Iterable, Sequence
from typing import Any, Final
from urllib.parse import quote

import xlsxwriter
from flask import Response

XLSX: Final = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
CSV: Final = "text/csv; charset=utf-8"
FORMULA: Final = re.compile(r"[\s\0]*[=+\-@＝＋－＠]|[ \n\0]*[\t\r]")
"""How a text begins that some spreadsheet would compute; blanks before it do not help."""
WIDEST: Final = 60
MOST_CHARACTERS: Final = 32_767
"""Excel's own limit for a cell."""


def write_xlsx(columns: Sequence[str], rows: Iterable[Sequence[Any]], name: str) -> Response:
    """A sheet with a fixed head; texts are written as texts, numbers as numbers.

    :param name: file name without ending.
    """
    buffer = io.BytesIO()
    with xlsxwriter.Workbook(
        buffer, {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    ) as book:
        sheet = book.add_worksheet()
        bold = book.add_format({"bold": True, "bottom": 1})
        widths = [len(column) * 2 for column in columns]
        for number, column in enumerate(columns):
            sheet.write_string(0, number, column, bold)
        for line, row in enumerate(rows, 1):
            for number, value in enumerate(row):
                widths[number] = max(widths[number], _write(sheet, line, number, value))
        for number, width in enumerate(widths):
            sheet.set_column(number, number, min(width + 2, WIDEST))
        sheet.freeze_panes(1, 0)
    return _attachment(buffer.getvalue(), XLSX, f"{name}.xlsx")


def write_csv(columns: Sequence[str], rows: Iterable[Sequence[Any]], name: str) -> Response:
    """UTF-8 with a byte order mark, for Excel; what would begin a formula gets an apostrophe before it."""
    buffer = io.StringIO()
    writer = csv.writer(buffer, lineterminator="\r\n")
    writer.writerow([_harmless(column) for column in columns])
    for row in rows:
        writer.writerow([_harmless(value) for value in row])
    return _attachment(buffer.getvalue().encode("utf-8-sig"), CSV, f"{name}.csv")


def _write(sheet: Any, line: int, number: int, value: Any) -> int:
    """Write one cell; returns its width in characters."""
    if value is None:
        return 0
    if isinstance(value, int | float) and not isinstance(value, bool):
        sheet.write_number(line, number, value)
        return len(str(value))
    shown = _text(value)[:MOST_CHARACTERS]
    sheet.write_string(line, number, shown)
    return sum(2 if ord(char) > 0x2E80 else 1 for char in shown)


def _text(value: Any) -> str:
    if isinstance(value, dt.datetime):
        return f"{value:%Y-%m-%d %H:%M}"
    return str(value)


def _harmless(value: Any) -> str:
    if value is None:
        return ""
    shown = _text(value)
    if isinstance(value, int | float):
        return shown
    return f"'{shown}" if FORMULA.match(shown) else shown


def _attachment(body: bytes, kind: str, name: str) -> Response:
    answer = Response(body, mimetype=kind)
    answer.headers["Content-Disposition"] = f"attachment; filename*=UTF-8''{quote(name)}"
    return answer
