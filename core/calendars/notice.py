"""Reads the plain text of the State Council's yearly notice on holidays, as it is published.

Each section names a holiday and says in sentences which days are off and which are worked instead. What a sentence
says of days of the week and of how many days there are is compared with the calendar, so that a slip in copying shows.
"""

from __future__ import annotations

import datetime as dt
import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final

from core.calendars.limits import YEARS
from core.calendars.listing import Listing, Said, checked, fault
from core.errors import Objection
from core.text import noop as _

TITLE: Final = re.compile(r"(?:国务院办公厅)?关于(\d{4})年部分节假日安排的通知")
SECTION: Final = re.compile(
    r"(?<![一二三四五六七八九十])[一二三四五六七八九十]{1,3}、([^:。、;,]{1,8}(?:、[^:。、;,]{1,8}){0,8}):"
)
"""Bounded in every part: the text comes from outside, and each start of a section is tried."""
SENTENCE: Final = re.compile(r"[。;]")
VERB: Final = re.compile(r"放假|补休|公休|上班")
DATE: Final = re.compile(r"(?:(\d{4})年)?(?:(\d{1,2})月)?(\d{1,2})日(?:\(([^()]*)\))?")
TO: Final = re.compile(r"[至到~—–-]+")
WEEKDAY: Final = re.compile(r"(?:周|星期)([一二三四五六日天])")
COUNT: Final = re.compile(r"共(\d{1,2})天")
LONGEST: Final = 60
"""Days that one holiday lasts at most."""
ADVICE: Final = ("鼓励", "建议", "可以结合")
"""Words of sentences that recommend and rule nothing."""
WEEK: Final = {"一": 0, "二": 1, "三": 2, "四": 3, "五": 4, "六": 5, "日": 6, "天": 6}
NO_NOTICE: Final = _("This is not the notice on the holidays of a year: it names no year")
NO_HOLIDAY: Final = _("The notice has no section of a holiday")
NO_DAY: Final = _("%(holiday)s: “%(value)s” is no day")
OTHER_WEEKDAY: Final = _("%(holiday)s: %(day)s does not fall on the day of the week that the notice says")
OTHER_COUNT: Final = _("%(holiday)s: the notice says %(said)s days off and names %(named)s")


@dataclass
class _Reading:
    """What was read so far; ``month`` holds for days that name none."""

    year: int
    month: int | None = None
    days: list[Said] = field(default_factory=list)
    faults: list[Objection] = field(default_factory=list)


def is_notice(text: str) -> bool:
    """Whether a text looks like a notice rather than a table."""
    plain = _plain(text)
    return "放假" in plain and bool(SECTION.search(plain))


def read_notice(text: str) -> Listing:
    """The days of a notice.

    :raises Invalid: with every fault.
    """
    plain = _plain(text)
    title = TITLE.search(plain) or re.search(r"现将(\d{4})年", plain)
    if title is None:
        return checked("notice", "", (), [fault(NO_NOTICE, "")])
    reading = _Reading(int(title[1]))
    heads = list(SECTION.finditer(plain))
    if not heads:
        reading.faults.append(fault(NO_HOLIDAY, ""))
    for at, head in enumerate(heads):
        end = heads[at + 1].start() if at + 1 < len(heads) else len(plain)
        _read_section(reading, head[1], plain[head.end() : end])
    return checked("notice", f"关于{reading.year}年部分节假日安排的通知", reading.days, reading.faults)


def _plain(text: str) -> str:
    """Without spaces and line ends, full-width signs as the usual ones."""
    return re.sub(r"\s+", "", unicodedata.normalize("NFKC", text))


def _read_section(reading: _Reading, holiday: str, body: str) -> None:
    reading.month = None
    for sentence in SENTENCE.split(body):
        if any(word in sentence for word in ADVICE):
            continue
        off, begin = 0, 0
        for verb in VERB.finditer(_masked(sentence)):
            works = verb[0] == "上班"
            for day in _days(reading, holiday, sentence[begin : verb.start()]):
                reading.days.append(Said(day, works, holiday, holiday))
                off += not works
            begin = verb.end()
        counted = COUNT.search(sentence)
        if counted and int(counted[1]) != off:
            reading.faults.append(fault(OTHER_COUNT, holiday, holiday=holiday, said=counted[1], named=off))


def _masked(sentence: str) -> str:
    """A sentence with what stands in brackets blotted out, as long as before."""
    return re.sub(r"\([^()]*\)", lambda found: " " * len(found[0]), sentence)


def _days(reading: _Reading, holiday: str, part: str) -> Iterator[dt.date]:
    """The days that stand before a verb; from one to another all between."""
    dates = list(DATE.finditer(part))
    first: dt.date | None = None
    for at, match in enumerate(dates):
        reading.month = int(match[2]) if match[2] else reading.month
        after = dates[at + 1] if at + 1 < len(dates) else None
        joined = after is not None and TO.fullmatch(part[match.end() : after.start()]) is not None
        turns = joined and reading.month == 12 and after is not None and after[2] == "1"
        day = _day(reading, holiday, match, reading.year - turns)
        if day is not None:
            begin = (first or day).toordinal() + (first is not None)
            if day.toordinal() - begin > LONGEST:
                reading.faults.append(fault(NO_DAY, holiday, holiday=holiday, value=match[0]))
                return
            yield from map(dt.date.fromordinal, range(begin, day.toordinal() + 1))
        first = day if joined else None


def _day(reading: _Reading, holiday: str, match: re.Match[str], year: int) -> dt.date | None:
    """The day that a date names; one in December may be of the year before, as its day of the week then says."""
    try:
        day = dt.date(int(match[1] or year), reading.month or 0, int(match[3]))
        if day.year not in YEARS:
            raise ValueError
    except ValueError:
        reading.faults.append(fault(NO_DAY, holiday, holiday=holiday, value=match[0]))
        return None
    said = WEEKDAY.search(match[4] or "")
    if said is None or day.weekday() == WEEK[said[1]]:
        return day
    if match[1] is None and day.month == 12 and (before := day.replace(year=year - 1)).weekday() == WEEK[said[1]]:
        return before
    reading.faults.append(fault(OTHER_WEEKDAY, holiday, holiday=holiday, day=day.isoformat()))
    return None
