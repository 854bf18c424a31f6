"""The table of life is the same in the code, on the command line, in the documentation and at the API's doors."""

from __future__ import annotations

import json
import re
from typing import Any

from apiflask import APIFlask
from click.testing import CliRunner

from core.matters import life
from core.matters.inputs import input_of
from core.settings import CHECKOUT
from web.cli.main import main

Row = tuple[str, str, str]
FIRST: Row = ("draft", "report", "reported")


def table() -> set[Row]:
    return {(state, step, to) for (state, step), cell in life.TABLE.items() for to in cell.targets(state)} | {FIRST}


def printed() -> list[dict[str, Any]]:
    done = CliRunner().invoke(main, ["matter", "life", "--json"])
    assert done.exit_code == 0, done.output
    return [json.loads(line) for line in done.stdout.splitlines()]


def test_the_command_line_prints_the_table() -> None:
    rows = printed()
    assert all(set(row) == {"from", "step", "to", "who"} for row in rows)
    assert len(rows) == len(table())
    assert {(row["from"], row["step"], row["to"]) for row in rows} == table()
    assert all(row["who"] for row in rows), "somebody may take each step"


def test_the_documentation_draws_and_lists_the_table() -> None:
    page = (CHECKOUT / "docs" / "life.md").read_text()
    listed = re.findall(r"^\| (\w+) \| `(\w+)` \| (\w+) \| ([^|]*) \|$", page, re.M)
    assert {(before, step, after) for before, step, after, _who in listed} == table()
    assert [who.split(", ") for *_step, who in listed] == [row["who"] for row in printed()]
    drawn = re.findall(r"^    (\w+) --> (\w+): (.*)$", page, re.M)
    arrows = {(before, step, after) for before, after, steps in drawn for step in steps.split(", ")}
    assert arrows == {row for row in table() if row[0] != row[2]}


def test_each_step_of_the_table_has_a_door_that_takes_what_the_step_takes(app: APIFlask) -> None:
    document = app.test_client().get("/api/v1/openapi.json").json
    prefix = "/api/v1/matters/{matter_id}/steps/"
    doors = {path.removeprefix(prefix): door for path, door in document["paths"].items() if path.startswith(prefix)}
    assert set(doors) == {step for _before, step, _after in table()} - {"report"} == set(life.STEPS) - {"report"}
    for step, door in doors.items():
        named = door["post"]["requestBody"]["content"]["application/json"]["schema"]["$ref"]
        body = document["components"]["schemas"][named.rsplit("/", 1)[-1]]
        assert set(body["properties"]) == {"version", "device_at", "id", *input_of(step).model_fields}
