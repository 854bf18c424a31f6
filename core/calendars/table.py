"""Reads a table of days in CSV: a date, whether it is worked, and the holiday's name."""

from __future__ import annotations

import csv
import datetime as dt
import io
import re
from typing import TYPE_CHECKING, Final

from core.calendars.listing import MOST_DAYS, NAME_MOST, Listing, Said, checked, fault
from core.errors import Objection
from core.text import is_one_line
from core.text import noop as _

if TYPE_CHECKING:
    from _csv import Reader

HEADS: Final = {
    "day": ("date", "day", "日期", "日子"),
    "works": ("kind", "works", "work", "type", "类型", "安排", "上班", "是否上班"),
    "name": ("name", "note", "holiday", "名称", "节日", "备注", "说明"),
}
"""Heads of the columns; without a head the columns come in this order."""
WORKED: Final = frozenset({"work", "worked", "workday", "班", "上班", "补班", "工作日", "是", "true", "yes", "1"})
OFF: Final = frozenset({"off", "holiday", "休", "放假", "休息", "休息日", "节假日", "否", "false", "no", "0"})
DATE: Final = re.compile(r"(\d{4})[-/.年]?(\d{1,2})[-/.月]?(\d{1,2})日?")
NO_DATE: Final = _("Line %(line)s: “%(value)s” is no date")
NO_KIND: Final = _("Line %(line)s: “%(value)s” says neither work nor off")
LONG: Final = _("Line %(line)s: the name is one line of at most %(most)s characters")
NO_TABLE: Final = _("From line %(line)s on this is no CSV table: a quotation mark is not closed")


def read_table(text: str, title: str) -> Listing:
    """The days of a table.

    :raises Invalid: with every fault by its line.
    """
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=_mark(text))
    try:
        places, lines = _lines(reader)
    except csv.Error:
        return checked("table", title, (), [fault(NO_TABLE, f"lines/{reader.line_num}", line=reader.line_num)])
    days, faults = [], list[Objection]()
    for number, cells in lines:
        said = _said(number, {name: cells[at].strip() for name, at in places.items() if at < len(cells)})
        if isinstance(said, Said):
            days.append(said)
        else:
            faults.append(said)
    return checked("table", title, days, faults)


def _mark(text: str) -> str:
    """What stands between the cells."""
    first = next((line for line in text.splitlines() if line.strip() and not line.startswith("#")), "")
    return next((mark for mark in "\t;" if mark in first), ",")


def _lines(reader: Reader) -> tuple[dict[str, int], list[tuple[int, list[str]]]]:
    """Where each column stands, and the lines with their numbers; no more of them than there can be."""
    found: list[tuple[int, list[str]]] = []
    places = {name: at for at, name in enumerate(HEADS)}
    for cells in reader:
        if not any(cell.strip() for cell in cells) or cells[0].lstrip().startswith("#"):
            continue
        heads = [cell.strip().lower() for cell in cells]
        if not found and any(head in HEADS["day"] for head in heads):
            places = {name: heads.index(head) for name, known in HEADS.items() for head in heads if head in known}
            continue
        found.append((reader.line_num, cells))
        if len(found) > MOST_DAYS:
            break
    return places, found


def _said(line: int, cells: dict[str, str]) -> Said | Objection:
    pointer = f"lines/{line}"
    written, kind, name = (cells.get(key, "") for key in HEADS)
    day = _day(written)
    if day is None:
        return fault(NO_DATE, f"{pointer}/day", line=line, value=written[:NAME_MOST])
    if kind.lower() not in WORKED | OFF:
        mend = _("Write work or off, or 班 or 休")
        return fault(NO_KIND, f"{pointer}/works", mend, line=line, value=kind[:NAME_MOST])
    if len(name) > NAME_MOST or not is_one_line(name):
        return fault(LONG, f"{pointer}/name", line=line, most=NAME_MOST)
    return Said(day, kind.lower() in WORKED, name, pointer)


def _day(text: str) -> dt.date | None:
    match = DATE.fullmatch(text)
    try:
        return dt.date(int(match[1]), int(match[2]), int(match[3])) if match else None
    except ValueError:
        return None
