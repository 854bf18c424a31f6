"""Due dates against dates counted on a calendar by hand."""

from __future__ import annotations

import datetime as dt
from typing import Any, Literal
from zoneinfo import ZoneInfo

import pytest
from pydantic import BaseModel
from sqlalchemy import Column, MetaData, Table, Uuid

from core.calendars.course import due_at
from core.calendars.limits import parse_limit
from core.calendars.working import Calendar
from core.errors import Invalid
from core.matters.forms import validate_form
from core.matters.kinds import FormDay, FormLimit, MatterKind, kind, kinds, register_kind, unregister

SHANGHAI = ZoneInfo("Asia/Shanghai")
PLAIN = Calendar(SHANGHAI)


@pytest.mark.parametrize(
    ("limit", "start", "end"),
    [
        ("30min", "2026-11-24 23:45", "2026-11-25 00:15"),
        ("2h", "2026-11-24 23:30", "2026-11-25 01:30"),
        ("30nd", "2026-11-24 08:12", "2026-12-24 08:12"),
        ("1wd", "2026-11-24 08:12", "2026-11-25 08:12"),
        ("3wd", "2026-11-27 16:00", "2026-12-02 16:00"),
        ("1wd", "2026-11-28 10:00", "2026-11-30 10:00"),
        ("4wh", "2026-11-24 08:30", "2026-11-24 14:00"),
        ("4wh", "2026-11-24 11:00", "2026-11-24 16:30"),
        ("1wh", "2026-11-24 12:30", "2026-11-24 14:30"),
        ("2wh", "2026-11-27 17:00", "2026-11-30 10:00"),
        ("8wh", "2026-11-28 09:00", "2026-12-01 09:00"),
    ],
)
def test_a_limit_ends_when_the_calendar_says(limit: str, start: str, end: str) -> None:
    begin = dt.datetime.fromisoformat(start).replace(tzinfo=SHANGHAI)
    found = due_at(begin, parse_limit(limit), PLAIN)
    assert f"{found.astimezone(SHANGHAI):%Y-%m-%d %H:%M}" == end


@pytest.mark.parametrize("text", ["", "3", "wd", "0wd", "3 wd", "-1h", "3days", "1.5h"])
def test_what_is_no_limit_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="time limit"):
        parse_limit(text)


class Leak(BaseModel):
    level: Literal["small", "large"] | None = None
    gas: bool = False
    until: dt.date | None = None


LEAKS = Table("leak", MetaData(), Column("matter_id", Uuid, primary_key=True), *map(Column, Leak.model_fields))
RULES = (FormLimit("level", {"large": "1wd"}), FormLimit("gas", {"true": "30min"}), FormDay("until"))


@pytest.mark.parametrize(
    ("form", "end"),
    [
        ({}, "2026-11-27 08:12"),
        ({"level": "small"}, "2026-11-27 08:12"),
        ({"level": "large"}, "2026-11-25 08:12"),
        ({"level": "large", "gas": True}, "2026-11-24 08:42"),
        ({"until": dt.date(2026, 12, 31)}, "2026-12-31 23:59"),
        ({"until": dt.date(2026, 12, 31), "level": "large"}, "2026-11-25 08:12"),
        ({"until": dt.date(2026, 11, 24), "level": "large"}, "2026-11-24 23:59"),
    ],
)
def test_a_limit_follows_what_the_form_says(form: dict[str, Any], end: str) -> None:
    leak = MatterKind("pipes.leak", "Leak", form=Leak, table=LEAKS, limit="3wd", limit_by=RULES)
    begin = dt.datetime(2026, 11, 24, 8, 12, tzinfo=SHANGHAI)
    term = leak.term(Leak(**form), begin, PLAIN)
    assert term is not None
    assert f"{due_at(begin, term, PLAIN).astimezone(SHANGHAI):%Y-%m-%d %H:%M}" == end


@pytest.mark.parametrize("day", ["0001-01-01", "1969-12-31", "2200-01-01", "9999-12-31"])
def test_a_day_at_the_ends_of_the_calendar_is_a_fault_of_its_field(day: str) -> None:
    leak = MatterKind("pipes.leak", "Leak", form=Leak, table=LEAKS, limit="3wd", limit_by=RULES)
    with pytest.raises(Invalid) as caught:
        validate_form(leak, {"until": day})
    assert [objection.pointer for objection in caught.value.objections] == ["/form/until"]


@pytest.mark.parametrize(
    ("rule", "reason"),
    [
        (FormLimit("depth", {"1": "1h"}), "no field depth"),
        (FormLimit("level", {"huge": "1h"}), "no choice huge"),
        (FormLimit("level", {"large": "soon"}), "time limit"),
        (FormDay("gas"), "no date"),
    ],
)
def test_a_rule_that_the_form_does_not_know_is_refused(rule: FormLimit | FormDay, reason: str) -> None:
    with pytest.raises(ValueError, match=reason):
        MatterKind("pipes.leak", "Leak", form=Leak, table=LEAKS, limit_by=(rule,))


def test_kinds_come_and_go_with_their_plugin() -> None:
    fallen = MatterKind("trees.fallen", "Fallen tree")
    register_kind(fallen, "trees")
    try:
        assert kind("trees.fallen") is fallen
        assert [each.name for each in kinds()][-2:] == ["trees.fallen", "general"]
        with pytest.raises(ValueError, match="taken by trees"):
            register_kind(fallen, "trees")
        with pytest.raises(ValueError, match=r"must be named parks\."):
            register_kind(fallen, "parks")
    finally:
        unregister("trees")
    assert kind("trees.fallen") is None
    assert kind("general") is not None


@pytest.mark.parametrize(
    "wrong",
    [
        {"name": "Trees"},
        {"limit": "soon"},
        {"priority": 4},
        {"steps_off": {"accept"}},
        {"steps_off": {"note", "close"}},
        {"steps_off": {"nap"}},
    ],
)
def test_a_kind_that_makes_no_sense_is_refused(wrong: dict[str, object]) -> None:
    values: dict[str, object] = {"name": "trees.fallen", "title": "Fallen tree"}
    with pytest.raises(ValueError, match=r"Trees|limit|priority|cannot be switched off"):
        MatterKind(**(values | wrong))  # type: ignore[arg-type]
