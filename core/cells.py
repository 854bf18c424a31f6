"""The cells of an XLSX list as texts; runs in the limited process, see ``gis.limited``."""

from __future__ import annotations

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


def answer(_folder: Path, request: dict[str, Any]) -> dict[str, Any]:
    """``{"rows": …}``: the texts of the first sheet of ``request["path"]``, empty cells at a row's end left out.

    :raises FormatError: ``no_list``, ``too_many_rows``, ``too_many_cells``, or a code of ``judge_sizes``.
    """
    try:
        with zipfile.ZipFile(request["path"]) as archive:
            judge_sizes(archive, MOST_UNPACKED)
        return {"rows": _rows(request["path"])}
    except (FormatError, MemoryError):
        raise
    except Exception as error:  # the library raises whatever a damaged file makes it stumble over
        raise FormatError("This is no XLSX list", code="no_list", detail=type(error).__name__) from error


def _rows(path: str) -> list[list[str]]:
    import openpyxl

    book = openpyxl.load_workbook(path, read_only=True, data_only=True)
    rows: list[list[str]] = []
    cells = characters = 0
    for row in book.worksheets[0].iter_rows(max_col=MOST_COLUMNS, values_only=True):
        if len(rows) > MOST_ROWS:
            raise FormatError(f"The list has more than {MOST_ROWS} rows", code="too_many_rows", most=MOST_ROWS)
        texts = [_text(value) for value in row]
        while texts and not texts[-1]:
            texts.pop()
        cells += len(texts)
        characters += sum(map(len, texts))
        if cells > MOST_CELLS or characters > MOST_CHARACTERS:
            raise FormatError(f"Row {len(rows) + 1} is too much", code="too_many_cells", row=len(rows) + 1)
        rows.append(texts)
    return rows


def _text(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    return str(value).strip()
