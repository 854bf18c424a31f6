"""Calendars from files: the State Council's notices as they are written, and tables."""

from __future__ import annotations

import datetime as dt
import subprocess
import sys

import pytest

from core.calendars.files import read_days
from core.calendars.listing import Listing
from core.errors import Invalid
from tests.unit.calendars.paper import DAYS_2026, DAYS_2027, NOTICE, days

NOTICE_2026 = """国务院办公厅关于2026年部分节假日安排的通知
经国务院批准，现将2026年元旦、春节、清明节、劳动节、端午节、中秋节和国庆节放假调休日期的具体安排通知如下。
一、元旦：1月1日（周四）至3日（周六）放假调休，共3天。1月4日（周日）上班。
二、春节：2月15日（农历腊月二十八、周日）至23日（农历正月初七、周一）放假调休，共9天。2月14日（周六）、2月28日（周六）上班。
三、清明节：4月4日（周六）至6日（周一）放假，共3天。
四、劳动节：5月1日（周五）至5日（周二）放假调休，共5天。5月9日（周六）上班。
五、端午节：6月19日（周五）至21日（周日）放假，共3天。
六、中秋节：9月25日（周五）至27日（周日）放假，共3天。
七、国庆节：10月1日（周四）至7日（周三）放假调休，共7天。9月20日（周日）、10月10日（周六）上班。
节假日期间，各地区、各部门要妥善安排好值班和安全、保卫等工作，遇有重大突发事件，要按规定及时报告并妥善处置。"""
NOTICE_2019 = """国务院办公厅关于2019年部分节假日安排的通知
一、元旦：2018年12月30日至2019年1月1日放假调休，共3天。2018年12月29日（星期六）上班。
二、春节：2月4日至10日放假调休，共7天。2月2日（星期六）、2月3日（星期日）上班。
三、清明节：4月5日放假，与周末连休。
四、中秋节、国庆节：9月29日（星期日）、10月12日（星期六）上班；10月1日至7日放假调休，共7天。"""
OFF_2019 = "01-01 02-04..02-10 04-05 10-01..10-07"
WORKED_2019 = "02-02 02-03 09-29 10-12"


def said(found: Listing) -> dict[dt.date, bool]:
    return {each.day: each.works for each in found.days}


def faults(data: bytes) -> list[tuple[str, str]]:
    with pytest.raises(Invalid) as caught:
        read_days(data, "days.csv")
    return [(objection.pointer, str(objection.text)) for objection in caught.value.objections]


def test_the_notice_of_a_year_says_every_day() -> None:
    found = read_days(NOTICE_2026.encode(), "notice.txt")
    assert said(found) == DAYS_2026
    assert (found.source, found.title, found.years) == ("notice", "关于2026年部分节假日安排的通知", {2026})
    assert {each.name for each in found.days if each.day == dt.date(2026, 2, 14)} == {"春节"}


def test_a_day_that_is_only_recommended_stays_a_working_day() -> None:
    assert said(read_days(NOTICE.encode(), "")) == DAYS_2027


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
def test_a_notice_is_read_in_each_usual_encoding_and_however_its_lines_break(encoding: str) -> None:
    broken = NOTICE.replace("放假", "放\n　假").replace("（", "(").replace("）", ")").replace("：", ":")
    assert said(read_days(broken.encode(encoding), "")) == DAYS_2027


def test_a_notice_may_reach_into_the_year_before() -> None:
    before = {dt.date(2018, 12, 29): True, dt.date(2018, 12, 30): False, dt.date(2018, 12, 31): False}
    found = read_days(NOTICE_2019.encode(), "")
    assert said(found) == before | days(2019, OFF_2019, WORKED_2019)
    assert found.years == {2019}
    short = NOTICE_2019.replace("2018年12月", "12月").replace("2019年1月", "1月")
    assert said(read_days(short.encode(), "")) == said(found)


@pytest.mark.parametrize(
    ("there", "instead", "fault"),
    [
        ("1月1日（周五）", "1月1日（周四）", "元旦: 2027-01-01 does not fall on the day of the week"),
        ("至11日（周四）", "至12日（周五）", "春节: the notice says 7 days off and names 8"),
        ("6月9日", "6月31日", "端午节: “6月31日(周三)” is no day"),
        ("10月9日（周六）上班", "10月7日（周四）上班", "2027-10-07 is said to be worked and to be off"),
        ("关于2027年部分", "关于部分", "names no year"),
        ("1月1日（周五）至3日", "1月1日（周五）至9999年12月31日", "is no day"),
        ("至3日（周日）", "至12月31日（周五）", "is no day"),
        ("1月1日（周五）", "0001年1月1日（周五）", "is no day"),
    ],
)
def test_a_slip_in_a_notice_is_named(there: str, instead: str, fault: str) -> None:
    assert there in NOTICE
    text = NOTICE.replace(there, instead).replace("现将2027年", "现将")
    assert any(fault in told for _pointer, told in faults(text.encode()))


@pytest.mark.parametrize(
    "table",
    [
        "date,kind,name\n2027-01-01,off,元旦\n2027-01-31,work,春节\n",
        "日期,类型,备注\n2027年1月1日,休,元旦\n2027/1/31,班,春节\n",
        "2027-01-01,0,元旦\n20270131,1,春节\n",
        "备注;类型;日期\n元旦;放假;2027-01-01\n春节;上班;2027-01-31\n",
        "# days\n\n2027-01-01\toff\t元旦\n\n2027-01-31\twork\t春节",
    ],
)
def test_a_table_says_the_same_in_each_of_its_forms(table: str) -> None:
    found = read_days(table.encode(), "days.csv")
    assert [(each.day.isoformat(), each.works, each.name) for each in found.days] == [
        ("2027-01-01", False, "元旦"),
        ("2027-01-31", True, "春节"),
    ]
    assert (found.source, found.title, found.years) == ("table", "days.csv", {2027})


def test_a_table_that_leaves_out_new_year_is_no_whole_year() -> None:
    assert read_days(b"2027-05-01,off,x\n", "").years == frozenset()


def test_a_table_whose_quotation_mark_is_not_closed_is_told_by_its_line() -> None:
    table = 'date,kind,name\n2027-01-01,off,"' + "元旦" * 100_000
    assert faults(table.encode()) == [
        ("/lines/2", "From line 2 on this is no CSV table: a quotation mark is not closed")
    ]
    assert faults('2027-01-01,off,"元\n旦"\n'.encode())[0][0] == "/lines/2/name"


def test_every_fault_of_a_table_is_told_by_its_line() -> None:
    table = (
        b"date,kind,name\n2027-02-30,off,\n2027-01-02,perhaps,\n2027-01-03,off,\n2027-01-03,work,\n1890-01-01,off,\n"
    )
    assert faults(table) == [
        ("/lines/2/day", "Line 2: “2027-02-30” is no date"),
        ("/lines/3/works", "Line 3: “perhaps” says neither work nor off"),
        ("/lines/5", "2027-01-03 is said to be worked and to be off"),
        ("/lines/6", "1890-01-01 lies in no year of this calendar"),
    ]


@pytest.mark.parametrize("data", [b"", b"\0\0\0", b"\x89PNG\r\n\x1a\n\0\xff", b"date,kind\n", b"a" * 1_000_001])
def test_what_is_no_calendar_is_refused(data: bytes) -> None:
    assert faults(data)


@pytest.mark.parametrize("filler", ["一、", "一", "一、a", "一、a、"])
def test_a_text_full_of_half_sections_is_read_in_one_go(filler: str) -> None:
    """Read anew from each of its signs it would take minutes: the process is ended long before."""
    code = "import sys; from core.calendars.files import read_days; read_days(sys.stdin.buffer.read(), 'x')"
    sent = ("放假" + filler * 100_000).encode()
    done = subprocess.run([sys.executable, "-c", code], input=sent, capture_output=True, timeout=120, check=False)
    assert b"Invalid" in done.stderr
