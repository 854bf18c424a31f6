"""Lists as files: no text becomes a formula, no code loses its zeros, Chinese names survive."""

from __future__ import annotations

import csv
import datetime as dt
import io
from collections.abc import Sequence

import openpyxl
import pytest

from web.tables import write_csv, write_xlsx

ROWS = [("007", "王芳", 3, 1.5, None, dt.datetime(2026, 11, 24, 8, 12, tzinfo=dt.UTC))]
HEADS = ["code", "姓名", "count", "share", "note", "at"]


def sheet(rows: Sequence[tuple[object, ...]], heads: list[str]) -> list[list[tuple[object, str]]]:
    body = write_xlsx(heads, rows, "list").get_data()
    book = openpyxl.load_workbook(io.BytesIO(body))
    return [[(cell.value, cell.data_type) for cell in row] for row in book.worksheets[0].iter_rows()]


def lines(rows: Sequence[tuple[object, ...]], heads: list[str]) -> list[list[str]]:
    return list(csv.reader(io.StringIO(write_csv(heads, rows, "list").get_data().decode("utf-8-sig"))))


def test_a_sheet_keeps_texts_as_texts_and_numbers_as_numbers() -> None:
    head, row = sheet(ROWS, HEADS)
    assert [value for value, _kind in head] == HEADS
    assert row == [
        ("007", "s"), ("王芳", "s"), (3, "n"), (1.5, "n"), (None, "n"), ("2026-11-24 08:12", "s"),
    ]  # fmt: skip


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r", "＝", "＋", "－", "＠"])
def test_what_begins_a_formula_is_harmless_in_both(start: str) -> None:
    dangerous = f"{start}cmd|' /C calc'!A0"
    [[(_value, kind)]] = sheet([(dangerous,)], ["text"])[1:]
    assert kind == "s"
    assert lines([(dangerous,)], ["text"])[1] == [f"'{dangerous}"]


def test_a_link_stays_a_text() -> None:
    assert sheet([("https://example.org/",)], ["text"])[1] == [("https://example.org/", "s")]


def test_negative_numbers_keep_their_sign_in_csv() -> None:
    assert lines([(-3, -0.5)], ["a", "b"])[1] == ["-3", "-0.5"]


def test_csv_opens_in_excel_and_quotes_what_needs_it() -> None:
    answer = write_csv(["a"], [('first\nsecond, "third"',)], "名单")
    assert answer.get_data().startswith(b"\xef\xbb\xbf")
    assert lines([('first\nsecond, "third"',)], ["a"])[1] == ['first\nsecond, "third"']
    assert answer.headers["Content-Disposition"] == "attachment; filename*=UTF-8''%E5%90%8D%E5%8D%95.csv"


def test_a_text_longer_than_a_cell_is_cut_not_lost() -> None:
    [[(value, _kind)]] = sheet([("字" * 40_000,)], ["text"])[1:]
    assert value == "字" * 32_767
