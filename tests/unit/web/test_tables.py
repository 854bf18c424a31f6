"""No text of a list becomes a formula, and every text comes back as it was."""

from __future__ import annotations

import csv
import datetime as dt
import io

import openpyxl
from hypothesis import example, given
from hypothesis import strategies as st

from web.tables import write_csv, write_xlsx

STARTS = "=+-@\t\r\n＝＋－＠ \u3000'"
BEGINS_FORMULA = tuple("=+-@\t\r＝＋－＠")
texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
dangerous = st.builds(lambda start, rest: start + rest, st.sampled_from(STARTS), texts)
XML_TEXT = st.text(st.characters(exclude_categories=["Cs", "Cc", "Cn", "Co"]), max_size=20)


@given(st.lists(st.one_of(texts, dangerous), min_size=1, max_size=5))
@example(["=cmd|' /C calc'!A0"])
@example(["\n=1+1"])
@example([" =1+1"])
@example(["\0=1"])
def test_no_cell_of_a_csv_begins_a_formula(values: list[str]) -> None:
    body = write_csv(values, [values], "list").get_data().decode("utf-8-sig")
    head, row = csv.reader(io.StringIO(body, newline=""))
    for cells in (head, row):
        assert len(cells) == len(values)
        for cell, value in zip(cells, values, strict=True):
            assert not cell.lstrip(" \n\x00\u3000").startswith(BEGINS_FORMULA)
            assert cell.removeprefix("'") == value.removeprefix("'")


@given(st.one_of(XML_TEXT, st.builds(lambda start, rest: start + rest, st.sampled_from("=+-@{"), XML_TEXT)))
@example("=1+1")
@example('=HYPERLINK("http://evil.example")')
@example("http://evil.example")
@example("{=SUM(A1)}")
@example("131003001004012")
def test_every_text_in_a_sheet_is_a_text_and_comes_back(value: str) -> None:
    body = write_xlsx([value], [(value,)], "list").get_data()
    sheet = openpyxl.load_workbook(io.BytesIO(body)).active
    assert sheet is not None
    for row in (1, 2):
        cell = sheet.cell(row, 1)
        assert cell.data_type in {"s", "inlineStr"} or value == ""
        assert (cell.value or "") == value
        assert cell.hyperlink is None


def test_numbers_stay_numbers_and_nothing_stays_empty() -> None:
    moment = dt.datetime(2026, 11, 24, 8, 12, tzinfo=dt.UTC)
    values = (-3, 0.5, None, True, moment)
    sheet = openpyxl.load_workbook(io.BytesIO(write_xlsx("abcde", [values], "列表").get_data())).active
    assert sheet is not None
    assert [cell.value for cell in sheet[2]] == [-3, 0.5, None, "True", dt.datetime(2026, 11, 24, 8, 12)]
    assert sheet[2][4].number_format == "yyyy-mm-dd hh:mm"
    body = write_csv("abcde", [values], "列表")
    assert body.get_data().decode("utf-8-sig") == "a,b,c,d,e\r\n-3,0.5,,True,2026-11-24T08:12:00+00:00\r\n"
    assert body.headers["Content-Disposition"] == "attachment; filename*=UTF-8''%E5%88%97%E8%A1%A8.csv"


def test_a_text_longer_than_a_cell_is_cut() -> None:
    body = write_xlsx(["a"], [("字" * 40_000,)], "list").get_data()
    sheet = openpyxl.load_workbook(io.BytesIO(body)).active
    assert sheet is not None
    assert len(str(sheet["A2"].value)) == 32_767


def test_days_are_days_and_the_sheet_bears_the_name_of_the_list() -> None:
    old, day = dt.date(1899, 5, 1), dt.date(2026, 11, 24)
    book = openpyxl.load_workbook(io.BytesIO(write_xlsx("ab", [(day, old)], "list", "事项[1]/全部?").get_data()))
    (sheet,) = book.worksheets
    assert sheet.title == "事项 1  全部"
    assert [cell.value for cell in sheet[2]] == [dt.datetime(2026, 11, 24), "1899-05-01"]
    assert sheet[2][0].number_format == "yyyy-mm-dd"
    head, row = write_csv("ab", [(day, old)], "list").get_data().decode("utf-8-sig").splitlines()
    assert (head, row) == ("a,b", "2026-11-24,1899-05-01")
