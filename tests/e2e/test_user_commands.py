"""`wangge user …` and `wangge org …` as scripts run them."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from click.testing import CliRunner, Result
from sqlalchemy import text

from core.access.recognising import recognise
from core.db.session import connect, reading
from tests.beginning import begins_with
from tests.e2e.folks import TESTER, enter, journal
from tests.integration.grids.planting import planted
from web.cli.main import main

STREET = "139901001"


template = begins_with(planted)
pytestmark = pytest.mark.usefixtures("database")


def run(database: str, *arguments: str, status: int = 0, **options: Any) -> Result:
    """A command, and the connection of the test again after it."""
    done = CliRunner().invoke(main, arguments, **options)
    connect(database)
    assert done.exit_code == status, (done.output, done.exception)
    return done


def add(database: str, name: str, role: str = "worker") -> str:
    done = run(database, "user", "add", name, "--role", role, "--full-name", "张三", "--json")
    return str(json.loads(done.stdout)["password"])


def test_a_person_is_added_listed_reset_and_disabled(database: str) -> None:
    first = add(database, "zhang")
    assert enter("zhang", first)
    second = json.loads(run(database, "user", "passwd", "zhang", "--json").stdout)["password"]
    assert second != first
    assert enter("zhang", second)
    [row] = [json.loads(line) for line in run(database, "user", "list", "--json").stdout.splitlines()]
    assert row == {"login": "zhang", "name": "张三", "roles": ["worker"], "disabled": False}
    run(database, "user", "disable", "zhang")
    [row] = [json.loads(line) for line in run(database, "user", "list", "--json").stdout.splitlines()]
    assert row["disabled"]
    assert {who for who, _what, _after in journal("core.user_account.update")} == {"system:cli"}


def test_a_token_is_printed_alone_and_is_the_persons(database: str) -> None:
    add(database, "zhang")
    token = run(database, "user", "token", "zhang").stdout
    assert token.count("\n") == 1
    found = recognise(token.strip(), bearer=True)
    assert found is not None
    assert found.actor.name == "张三"
    assert found.actor.roles == {"worker"}


def test_a_chosen_password_may_be_typed(database: str) -> None:
    add(database, "zhang")
    run(database, "user", "passwd", "zhang", "--prompt", input="Nine-Kettles-2\nNine-Kettles-2\n")
    assert enter("zhang", "Nine-Kettles-2")


def test_refusals_are_exit_code_one_and_a_reason(database: str) -> None:
    add(database, "zhang", "system_admin")
    taken = run(database, "user", "add", "zhang", "--role", "worker", status=1)
    assert "The login name is taken" in taken.stderr
    stranger = run(database, "user", "token", "nobody", status=1)
    assert "nobody" in stranger.stderr
    assert stranger.stdout == ""
    run(database, "user", "add", "li", "--role", "emperor", status=1)
    run(database, "user", "add", "li", "--role", "worker", "--grid", "nowhere", status=1)
    run(database, "user", "disable", "zhang", status=1)
    run(database, "user", "add", "li", status=2)
    with reading(TESTER) as session:
        assert session.execute(text("select login from core.user_account")).scalars().all() == ["zhang"]


def test_people_and_where_they_walk_come_in_from_lists(database: str, tmp_path: Path) -> None:
    people = [
        ("登录名", "姓名", "角色", "网格编码"),
        *((f"w{n:03d}", f"网格员{n}", "worker", STREET) for n in range(400)),
    ]
    book = written(tmp_path / "people.xlsx", people)
    rows = [json.loads(line) for line in run(database, "user", "import", book, "--json").stdout.splitlines()]
    assert len({row["password"] for row in rows}) == 400
    assert enter("w399", rows[399]["password"])
    walks = [(f"w{n:03d}", f"{STREET}00{n % 4 + 1}", "网格员") for n in range(400)]
    book = written(tmp_path / "walks.xlsx", [("登录名", "网格编码", "岗位"), *walks])
    taken = json.loads(run(database, "org", "import-workers", book, "--json").stdout)
    assert taken == {"people": 400, "posts": 400, "deputies": 0, "unchanged": 0}
    again = json.loads(run(database, "org", "import-workers", book, "--json").stdout)
    assert again == {"people": 400, "posts": 0, "deputies": 0, "unchanged": 400}


def test_a_list_comes_again_and_slips_are_made_again(database: str, tmp_path: Path) -> None:
    heads, zhao, sun = ("登录名", "姓名"), ("zhao", "赵"), ("sun", "孙")
    first = run(database, "user", "import", written(tmp_path / "a.xlsx", [heads, zhao]), "--json")
    [row] = [json.loads(line) for line in first.stdout.splitlines()]
    assert enter("zhao", row["password"])
    again = written(tmp_path / "b.xlsx", [heads, ("zhao", "赵敏"), sun])
    tried = run(database, "user", "import", again, "--dry-run", "--json")
    assert [json.loads(line)["fate"] for line in tried.stdout.splitlines()] == ["left", "new"]
    second = run(database, "user", "import", again, "--json")
    assert [json.loads(line)["login"] for line in second.stdout.splitlines()] == ["sun"]
    assert "1 added, 1 differ, 0 unchanged" in second.stderr
    assert "赵 -> 赵敏 (left as it is)" in second.stderr
    list_id = second.stderr.split("list ", 1)[1].split(":", 1)[0]
    [slip] = [json.loads(line) for line in run(database, "user", "slips", list_id, "--json").stdout.splitlines()]
    assert enter("sun", slip["password"])
    assert run(database, "user", "slips", list_id, "--json").stdout == ""
    updated = run(database, "user", "import", again, "--update")
    assert "赵 -> 赵敏 (taken over)" in updated.stderr


def test_a_list_with_faults_changes_nothing(database: str, tmp_path: Path) -> None:
    doubled = written(tmp_path / "a.xlsx", [("登录名", "姓名"), ("zhao", "赵"), ("zhao", "赵")])
    assert "Row 3, 登录名: “zhao” stands in row 2 already" in run(database, "user", "import", doubled, status=1).stderr
    short = written(tmp_path / "b.xlsx", [("登录名", "姓名"), ("zhao", "赵"), ("x", "短")])
    assert "Row 3" in run(database, "user", "import", short, status=1).stderr
    with reading(TESTER) as session:
        assert session.execute(text("select count(*) from core.user_account")).scalar_one() == 0


def test_departments_are_made_and_listed(database: str) -> None:
    run(database, "org", "add-department", "civil", "民政局")
    run(database, "org", "add-department", "old-age", "养老科", "--parent", "civil")
    lines = run(database, "org", "departments", "--json").stdout.splitlines()
    assert [json.loads(line) for line in lines] == [
        {"code": "civil", "name": "民政局", "people": 0},
        {"code": "old-age", "name": "养老科", "people": 0},
    ]
    run(database, "org", "add-department", "civil", "民政局", "--parent", "old-age", status=1)


def written(path: Path, rows: Sequence[tuple[str, ...]]) -> str:
    book = openpyxl.Workbook()
    for row in rows:
        book.worksheets[0].append(row)
    book.save(path)
    return str(path)
