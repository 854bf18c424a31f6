"""The cells of an XLSX list as texts; runs in the limited process, see ``gis.limited``."""

from __future__ import annotations

import datetime as dt
import zipfile
from pathlib import Path
from typing import Any, Final

from gis.errors import FormatError
from gis.formats.archive import judge_sizes

MOST_ROWS: Final = 20_000
MOST_COLUMNS: Final = 100
MOST_CELLS: Final = 500_000
MOST_CHARACTERS: Final = 20_000_000
MOST_UNPACKED: Final = 100_000_000
EXACT: Final = 10**15
"""Numbers from here on have more digits than a spreadsheet keeps."""
ERRORS: Final = frozenset(
    {"#NULL!", "#DIV/0!", "#VALUE!", "#REF!", "#NAME?", "#NUM!", "#N/A", "#GETTING_DATA", "#SPILL!"}
)
"""What stands in a cell of which the formula went wrong."""


def answer(_folder: Path, request: dict[str, Any]) -> dict[str, Any]:
    """The texts of the first sheet of ``request["path"]`` as ``rows``, empty cells at a row's end left out.

    ``odd`` names the cells that hold no text that could be meant, as (row, column, kind), counted from 0.

    :raises FormatError: ``no_list``, ``too_many_rows``, ``too_many_cells``, or a code of ``judge_sizes``.
    """
    try:
        with zipfile.ZipFile(request["path"]) as archive:
            judge_sizes(archive, MOST_UNPACKED)
        rows, odd = _rows(request["path"])
        return {"rows": rows, "odd": odd}
    except (FormatError, MemoryError):
        raise
    except Exception as error:  # the library raises whatever a damaged file makes it stumble over
        raise FormatError("This is no XLSX list", code="no_list", detail=type(error).__name__) from error


def _rows(path: str) -> tuple[list[list[str]], list[tuple[int, int, str]]]:
    import openpyxl

    book = openpyxl.load_workbook(path, read_only=True, data_only=True)
    rows: list[list[str]] = []
    odd: list[tuple[int, int, str]] = []
    cells = characters = 0
    for row in book.worksheets[0].iter_rows(max_col=MOST_COLUMNS, values_only=True):
        if len(rows) > MOST_ROWS:
            raise FormatError(f"The list has more than {MOST_ROWS} rows", code="too_many_rows", most=MOST_ROWS)
        texts = [_text(value) for value in row]
        odd += [(len(rows), place, kind) for place, value in enumerate(row) if (kind := _odd(value))]
        while texts and not texts[-1]:
            texts.pop()
        cells += len(texts)
        characters += sum(map(len, texts))
        if cells > MOST_CELLS or characters > MOST_CHARACTERS:
            raise FormatError(f"Row {len(rows) + 1} is too much", code="too_many_cells", row=len(rows) + 1)
        rows.append(texts)
    return rows, odd


def _text(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    return str(value).strip()


def _odd(value: object) -> str:
    """Why a cell cannot be taken as text: a spreadsheet changed what was typed, or it is no text at all."""
    if isinstance(value, bool):
        return "truth"
    if isinstance(value, int | float) and abs(value) >= EXACT:
        return "long_number"
    if isinstance(value, dt.date | dt.time | dt.timedelta):
        return "date"
    if value in ERRORS:
        return "error"
    return "nul" if isinstance(value, str) and "\0" in value else ""
