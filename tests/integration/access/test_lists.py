"""People from XLSX lists: 400 at once, each fault by row and column, whole or not at all; damaged files."""

from __future__ import annotations

import datetime as dt
import io
import zipfile
from collections.abc import Sequence
from pathlib import Path

import openpyxl
import pytest
import xlsxwriter

from core.access.commands import ImportUsers, NewUser
from core.access.importing import import_users, preview_users, users_template
from core.access.policy import may
from core.access.queries import user_ids
from core.access.slips import issue_slips
from core.db.session import reading
from core.errors import Forbidden, Invalid
from tests.integration.access.making import (
    EAST_STREET,
    SOUTH_STREET,
    TESTER,
    actor,
    do,
    enter,
    path,
    person,
    rows,
    sheet,
)

HEADS = ("登录名", "姓名", "电话", "角色", "网格编码")


def refusal(data: bytes) -> Invalid:
    """What is said to a list; nothing of it may be kept."""
    before = rows("select count(*) from core.user_account"), rows("select count(*) from core.journal")
    with pytest.raises(Invalid) as refused:
        do(TESTER, import_users, ImportUsers(data))
    assert (rows("select count(*) from core.user_account"), rows("select count(*) from core.journal")) == before
    return refused.value


def brought(data: bytes) -> list[NewUser]:
    """The people of a list with slips for them."""
    view = do(TESTER, import_users, ImportUsers(data))
    made: list[NewUser] = do(TESTER, issue_slips, view.id)
    return made


def faults(lines: Sequence[Sequence[object]]) -> list[tuple[str, str]]:
    error = refusal(sheet(HEADS, lines))
    for objection in error.objections:
        row, column = objection.pointer.strip("/").split("/")
        assert row in str(objection.text)
        assert column in str(objection.text)
    return [(objection.pointer, str(objection.text)) for objection in error.objections]


def test_four_hundred_workers_come_in_with_phone_role_and_grid() -> None:
    lines = [
        (f"walker{n:03}", f"网格员{n}", 13_900_000_000 + n, ("网格员", "worker")[n % 2], f"{EAST_STREET}{n % 4 + 1:03}")
        for n in range(400)
    ]
    made = brought(sheet(HEADS, lines))
    assert len(made) == len({person.one_time_password for person in made}) == 400
    assert rows("select count(*), min(phone), max(phone) from core.user_account") == [
        (400, "13900000000", "13900000399")
    ]
    assert rows("select count(*) from core.journal where action = 'core.grant.insert'") == [(400,)]
    seventh = next(person for person in made if person.login == "walker007")
    walker = actor(seventh.id)
    assert may(walker, "matter.report", path(f"{EAST_STREET}004"))
    assert not may(walker, "matter.report", path(f"{EAST_STREET}003"))
    assert enter("walker007", seventh.one_time_password or "")


def test_each_fault_stands_by_row_and_column_and_nobody_is_added() -> None:
    found = faults(
        [
            ("fine", "好", "", "worker", EAST_STREET),
            ("\u0430dmin", "形近", "", "", ""),
            ("twice", "一", "", "", ""),
            ("twice", "二", "", "emperor", ""),
            ("lost", "三", "", "worker", "no-such-grid"),
        ]
    )
    assert [pointer for pointer, _text in found] == ["/3/登录名", "/5/登录名", "/5/角色", "/6/网格编码"]
    assert "row 4" in found[1][1].lower()


def test_faults_that_only_the_service_sees_name_the_row_and_undo_the_rows_before() -> None:
    found = refusal(
        sheet(
            HEADS,
            [
                ("fine", "好", "", "worker", EAST_STREET),
                ("b d", "空格", "", "", ""),
                ("fine2", "名" * 61, "abc", "", ""),
                ("fine3", "部分", "", "audit_admin", EAST_STREET),
            ],
        )
    )
    places = ["/3/登录名", "/4/姓名", "/4/电话", "/5/角色"]
    assert [objection.pointer for objection in found.objections] == places
    with reading(TESTER) as session:
        assert user_ids(session, ["fine"]) == {}


def test_needed_cells_and_heads_are_asked_for_by_name() -> None:
    found = faults([("", "无登录", "", "", ""), ("noname", None, "", "", ""), (None, None, None, None, None)])
    assert [pointer for pointer, _text in found] == ["/2/登录名", "/3/姓名"]
    lacking = refusal(sheet(("login", "电话"), [("x1", "1")]))
    assert "姓名" in str(lacking)
    assert "rows" in str(refusal(sheet(HEADS, [])))


def test_a_column_that_is_not_known_is_refused_as_it_may_be_misnamed() -> None:
    said = str(refusal(sheet(("登录名", "姓名", "角色", "网格号"), [("fine", "好", "受理员", "139901")])))
    assert "网格号" in said
    assert "网格编码" in said


def test_the_usual_other_names_of_a_column_are_known() -> None:
    brought(
        sheet(("登录名", "姓名", "手机号", "角色", "所属网格"), [("fine", "好", "13800000000", "网格员", EAST_STREET)])
    )
    held = rows("select grid_id is not null from core.grant where role = 'worker'")
    assert [tuple(row) for row in held] == [(True,)]


def test_english_heads_in_another_order_and_columns_for_readers_are_read() -> None:
    made = brought(sheet(("Remark", "name", "login"), [("=1+1", "Ann", "ann"), ("", "Bob", 10086)]))
    assert {person.login for person in made} == {"ann", "10086"}


def test_the_template_as_it_comes_adds_nobody() -> None:
    assert "rows" in str(refusal(users_template()))
    assert openpyxl.load_workbook(io.BytesIO(users_template())).sheetnames == ["名单", "示例 Example"]


def test_who_walks_a_grid_gets_the_whole_city_only_when_the_list_says_so() -> None:
    assert [pointer for pointer, _text in faults([("walker", "甲", "", "网格员", "")])] == ["/2/网格编码"]
    brought(sheet(HEADS, [("walker", "甲", "", "网格员", "全市")]))


def test_files_that_are_no_list_are_refused_in_words() -> None:
    good = sheet(HEADS, [("fine", "好", "", "", "")])
    broken = bytearray(good)
    middle = len(broken) // 2
    broken[middle : middle + 60] = b"\0" * 60
    empty_zip = io.BytesIO()
    zipfile.ZipFile(empty_zip, "w").close()
    old_excel = b"\xd0\xcf\x11\xe0" + b"\0" * 600
    half = good[: len(good) // 2]
    for data in (b"", b"login,name\nfine,x\n", b"PK\x03\x04", half, bytes(broken), empty_zip.getvalue(), old_excel):
        assert "xlsx" in str(refusal(data)).lower()


def test_a_bomb_is_refused_before_it_is_unpacked() -> None:
    good = zipfile.ZipFile(io.BytesIO(sheet(HEADS, [("fine", "好", "", "", "")])))
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name in good.namelist():
            archive.writestr(name, good.read(name))
        with archive.open("xl/media/image1.png", "w", force_zip64=True) as member:
            for _n in range(300):
                member.write(b"\0" * 1_000_000)
    assert len(out.getvalue()) < 1_000_000
    assert "unpacks" in str(refusal(out.getvalue()))
    assert "larger" in str(refusal(b"PK" + b"\0" * 20_000_001))


def test_few_words_that_stand_in_many_cells_are_too_much() -> None:
    for row, line, count in (("668", ("x1", "长" * 30_000), 700), ("5001", ("x",) * 100, 5_000)):
        buffer = io.BytesIO()
        with xlsxwriter.Workbook(buffer) as book:  # keeps each word once
            page = book.add_worksheet()
            for number in range(count + 1):
                page.write_row(number, 0, line if number else HEADS)
        assert f"row {row};" in str(refusal(buffer.getvalue()))


def test_a_list_is_read_in_a_process_of_its_own(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    data = sheet(HEADS, [("fine", "好", "", "", "")])
    monkeypatch.delattr(openpyxl, "load_workbook")
    assert [person.login for person in brought(data)] == ["fine"]
    for death in ("kill -SEGV $$", "kill -KILL $$"):
        (tmp_path / "python").write_text(f"#!/bin/sh\n{death}\n")
        (tmp_path / "python").chmod(0o755)
        monkeypatch.setattr("sys.executable", str(tmp_path / "python"))
        assert "list" in str(refusal(data))


def test_entities_in_the_xml_do_not_grow() -> None:
    good = zipfile.ZipFile(io.BytesIO(sheet(HEADS, [("fine", "好", "", "", "")])))
    bomb = b'<?xml version="1.0"?><!DOCTYPE s [<!ENTITY a "' + b"0123456789" * 100 + b'">'
    for entity, below in zip(b"bcdef", b"abcde", strict=True):
        bomb += b"<!ENTITY %c '" % entity + b"&%c;" % below * 20 + b"'>"
    cell = b'<c r="A1" t="inlineStr"><is><t>&f;</t></is></c>'
    main = b'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'
    bomb += b"]><worksheet %b><sheetData><row r='1'>%b</row></sheetData></worksheet>" % (main, cell)
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for name in good.namelist():
            archive.writestr(name, bomb if name == "xl/worksheets/sheet1.xml" else good.read(name))
    assert "xlsx" in str(refusal(out.getvalue())).lower()


def test_a_sheet_as_wide_and_long_as_sheets_can_be_is_read_no_further_than_a_list_is() -> None:
    book = openpyxl.Workbook(write_only=True)
    page = book.create_sheet()
    page.append(HEADS)
    for _n in range(20_001):
        page.append(("x1",))
    buffer = io.BytesIO()
    book.save(buffer)
    assert "20000" in str(refusal(buffer.getvalue())).replace(",", "")


def test_only_user_managers_bring_people_in() -> None:
    data = sheet(HEADS, [("fine", "好", "", "", "")])
    for role, grid in (("grid_head", SOUTH_STREET), ("audit_admin", None)):
        with pytest.raises(Forbidden):
            do(actor(person(role, role, grid=grid)), import_users, ImportUsers(data))
    with pytest.raises(Forbidden):
        do(actor(person("fresh")), import_users, ImportUsers(b"not even looked at"))


def test_empty_cells_hide_no_other_fault() -> None:
    found = faults([("", "张三", "", "king", ""), ("li", "", "", "", "nowhere"), ("", "", "13900000001", "", "")])
    assert [pointer for pointer, _text in found] == [
        "/2/登录名", "/2/角色", "/3/姓名", "/3/网格编码", "/4/登录名", "/4/姓名",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("cell", "why"),
    [
        (True, "TRUE or FALSE"),
        (1234567890123456789012345678901, "more than 15 digits"),
        (1e15, "more than 15 digits"),
        (dt.date(2026, 11, 28), "is a date"),
        ("#N/A", "is an error"),
        ("#REF!", "is an error"),
    ],
)
def test_a_cell_that_holds_no_text_is_refused_by_row_and_column(cell: object, why: str) -> None:
    [(pointer, told)] = faults([("li", "李四", "", "", ""), (cell, "张三", "", "", "")])
    assert pointer == "/3/登录名"
    assert why in told


def test_a_preview_says_what_would_become_of_each_row_and_keeps_nothing() -> None:
    brought(sheet(HEADS, [("zhang", "张三", "", "", ""), ("li", "李四", "", "", "")]))
    data = sheet(HEADS, [("zhang", "张三", "", "", ""), ("li", "李四四", "", "", ""), ("wang", "王五", "", "", "")])
    before = rows("select count(*) from core.user_account"), rows("select count(*) from core.journal")
    fates = [
        [one.fate for one in do(TESTER, preview_users, ImportUsers(data, update=update)).people]
        for update in (False, True)
    ]
    assert fates == [["unchanged", "left", "new"], ["unchanged", "changed", "new"]]
    assert (rows("select count(*) from core.user_account"), rows("select count(*) from core.journal")) == before
    assert rows("select count(*) from core.user_import") == [(1,)]


def test_slips_come_grid_by_grid_as_they_are_handed_out() -> None:
    lines = [
        ("aa", "甲", "", "网格员", f"{SOUTH_STREET}001"),
        ("zz", "乙", "", "网格员", EAST_STREET),
        ("dd", "丙", "", "网格员", "全市"),
        ("bb", "丁", "", "网格员", EAST_STREET),
        ("cc", "戊", "", "", ""),
        ("ee", "己", "", "网格员", f"{EAST_STREET}001"),
    ]
    assert [one.login for one in brought(sheet(HEADS, lines))] == ["bb", "zz", "ee", "aa", "cc", "dd"]
