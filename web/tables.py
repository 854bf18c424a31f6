"""Lists as files: XLSX and CSV in which no cell can become a formula and no code loses its zeros."""

from __future__ import annotations

import csv
import datetime as dt
import io
import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final
from urllib.parse import quote

import xlsxwriter
from flask import Response
from flask_babel import gettext

from web import context

XLSX: Final = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
CSV: Final = "text/csv; charset=utf-8"
FORMULA: Final = re.compile(r"[\s\0]*[=+\-@＝＋－＠]|[ \n\0]*[\t\r]")
"""How a text begins that some spreadsheet would compute; blanks before it do not help."""
WIDEST: Final = 60
NOT_IN_SHEET_NAMES: Final = re.compile(r"[\[\]:*?/\\\x00-\x1f]")
LONGEST_SHEET_NAME: Final = 31
FIRST_YEAR: Final = 1900
"""The first year that a sheet knows; older days are written as texts."""
DATE_FORMATS: Final[dict[type, str]] = {dt.datetime: "yyyy-mm-dd hh:mm", dt.date: "yyyy-mm-dd"}
MOST_CHARACTERS: Final = 32_767
"""Excel's own limit for a cell."""


def write(ending: str, columns: Sequence[str], rows: Iterable[Sequence[Any]], name: str, title: str) -> Response:
    """The list as ``xlsx`` or ``csv``, its times in the time zone of the instance; one of made-up data says so.

    :param name: file name without ending.
    :param title: name of the list in the reader's language, which the sheet bears.
    """
    if context.is_demonstration():
        name, title = f"demo-{name}", f"{title} · {gettext('Demonstration data')}"
    zone = context.zone()
    local = [[value.astimezone(zone) if isinstance(value, dt.datetime) else value for value in row] for row in rows]
    return write_xlsx(columns, local, name, title) if ending == "xlsx" else write_csv(columns, local, name)


def write_xlsx(columns: Sequence[str], rows: Iterable[Sequence[Any]], name: str, title: str = "") -> Response:
    """A sheet with a fixed head; texts are written as texts, numbers as numbers, days and times as such.

    :param name: file name without ending.
    :param title: name of the sheet.
    """
    buffer = io.BytesIO()
    with xlsxwriter.Workbook(
        buffer, {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    ) as book:
        sheet = book.add_worksheet(NOT_IN_SHEET_NAMES.sub(" ", title).strip("' ")[:LONGEST_SHEET_NAME] or None)
        formats = {kind: book.add_format({"num_format": shown}) for kind, shown in DATE_FORMATS.items()}
        bold = book.add_format({"bold": True, "bottom": 1})
        widths = [len(column) * 2 for column in columns]
        for number, column in enumerate(columns):
            sheet.write_string(0, number, column, bold)
        for line, row in enumerate(rows, 1):
            for number, value in enumerate(row):
                widths[number] = max(widths[number], _write(sheet, line, number, value, formats))
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


def _write(sheet: Any, line: int, number: int, value: Any, formats: Mapping[type, Any]) -> int:
    """Write one cell; returns its width in characters."""
    if value is None:
        return 0
    if isinstance(value, int | float) and not isinstance(value, bool):
        sheet.write_number(line, number, value)
        return len(str(value))
    if isinstance(value, dt.date) and value.year > FIRST_YEAR:
        plain = value.replace(tzinfo=None) if isinstance(value, dt.datetime) else value
        sheet.write_datetime(line, number, plain, formats[type(plain)])
        return len(DATE_FORMATS[type(plain)])
    shown = _text(value)[:MOST_CHARACTERS]
    sheet.write_string(line, number, shown)
    return sum(2 if ord(char) > 0x2E80 else 1 for char in shown)


def _text(value: Any) -> str:
    if isinstance(value, dt.datetime):
        return value.isoformat(timespec="seconds")
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
