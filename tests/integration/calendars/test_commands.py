"""`wangge clock due` and `wangge calendar`."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from tests.unit.calendars.paper import NOTICE
from web.cli.main import main


@pytest.fixture(autouse=True)
def _database(database: str) -> None:
    """A database of its own."""


def run(*arguments: str) -> Result:
    return CliRunner().invoke(main, arguments)


def answered(*arguments: str) -> dict[str, Any]:
    done = run(*arguments, "--json")
    assert done.exit_code == 0, done.output
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def test_a_limit_is_counted_on_the_command_line(tmp_path: Path) -> None:
    assert answered("clock", "due", "2026-02-14T16:00", "4wh") == {
        "due": "2026-02-24T11:00:00+08:00", "provisional": False
    }  # fmt: skip
    assert answered("clock", "due", "2026-02-13T08:00:00Z", "1wd")["due"] == "2026-02-14T16:00:00+08:00"
    assert answered("clock", "due", "2027-01-29T16:00+08:00", "1wd") == {
        "due": "2027-02-01T16:00:00+08:00", "provisional": True
    }  # fmt: skip
    notice = tmp_path / "notice.txt"
    notice.write_text(NOTICE)
    assert answered("calendar", "import", str(notice)) == {"days": 33, "moved": 0}
    assert answered("clock", "due", "2027-01-29 16:00", "1wd") == {
        "due": "2027-01-31T16:00:00+08:00", "provisional": False
    }  # fmt: skip


@pytest.mark.parametrize("wrong", [("tomorrow", "1wd"), ("2026-02-14", "soon"), ("0001-01-01", "1wd")])
def test_what_is_no_time_or_limit_is_a_fault_of_usage(wrong: tuple[str, str]) -> None:
    assert run("clock", "due", *wrong).exit_code == 2


def test_a_wrong_file_is_refused_with_its_lines(tmp_path: Path) -> None:
    table = tmp_path / "days.csv"
    table.write_text("2027-01-01,off,x\n2027-02-30,off,x\n")
    done = run("calendar", "import", str(table), "--json")
    assert done.exit_code == 1
    assert json.loads(done.stdout)["errors"][0]["pointer"] == "/lines/2/day"


def test_the_days_of_a_year_are_shown() -> None:
    done = run("calendar", "show", "2026", "--json")
    rows = [json.loads(line) for line in done.stdout.splitlines()]
    assert len(rows) == 39
    assert rows[0] == {"day": "2026-01-01", "works": False, "name": "元旦"}
    assert "2027" in run("calendar", "show", "2027").stderr
