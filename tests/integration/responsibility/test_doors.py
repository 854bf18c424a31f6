"""The matrix through the API, the pages, the map and the command line."""

from __future__ import annotations

import io
import json
from collections.abc import Iterator
from typing import Any

import openpyxl
import pytest
from apiflask import APIFlask
from click.testing import CliRunner

from core.db.session import connect
from core.matters.kinds import MatterKind, register_kind, unregister
from tests.integration.access.making import sheet
from tests.integration.matters.doors import Person
from web.app import create_app
from web.cli.main import main

STALL = MatterKind("test.stall", "Street stall", category="order")


@pytest.fixture(autouse=True)
def stall() -> Iterator[None]:
    register_kind(STALL, "test")
    yield
    unregister("test")


@pytest.fixture
def app() -> APIFlask:
    return create_app()


@pytest.fixture
def leader(app: APIFlask) -> Person:
    return Person(app, "leader", "leader", None)


@pytest.fixture
def worker(app: APIFlask) -> Person:
    return Person(app, "worker", "worker", "139901")


def added(person: Person, **row: Any) -> dict[str, Any]:
    answer = person.api("POST", "/responsibilities", json={"grid": "139900", **row})
    assert answer.status_code == 201
    made: dict[str, Any] = answer.get_json()
    return made


def leads(person: Person, kind: str, grid: str) -> list[str]:
    answer = person.api("GET", "/responsibilities/of", query_string={"kind": kind, "grid": grid})
    found: list[str] = answer.get_json()["leads"]
    return found


def test_the_api_adds_changes_and_ends_a_row(leader: Person, worker: Person) -> None:
    row = added(leader, kind="test.stall", lead="urban", assistants=["police"], fallback="town")
    assert row.pop("id")
    assert row == {
        "kind": "test.stall", "category": "", "grid": "139900", "grid_name": "试验市", "lead": "urban",
        "lead_name": "城管局", "assistants": ["police"], "fallback": "town", "answers": True, "version": 1,
    }  # fmt: skip
    [listed] = worker.api("GET", "/responsibilities").get_json()["items"]
    path = f"/responsibilities/{listed['id']}"
    assert leads(worker, "test.stall", "139902") == ["urban"]
    assert leads(worker, "general", "139902") == []
    assert worker.api("PUT", path, json={"lead": "civil", "version": 1}).status_code == 403
    assert leader.api("PUT", path, json={"lead": "civil"}).status_code == 422
    assert leader.api("PUT", path, json={"lead": "civil", "version": 1}).get_json()["version"] == 2
    stale = leader.api("PUT", path, json={"lead": "town"}, headers={"If-Match": '"1"'})
    assert (stale.status_code, stale.get_json()["theirs"]["lead"]) == (409, "civil")
    assert leader.api("POST", f"{path}/end").status_code == 204
    assert leader.api("POST", f"{path}/end").status_code == 404
    assert leads(worker, "test.stall", "139902") == []


@pytest.mark.parametrize(
    ("body", "status", "pointer"),
    [
        ({"kind": "parking", "lead": "urban"}, 422, "/kind"),
        ({"kind": "test.stall", "category": "order", "lead": "urban"}, 422, "/category"),
        ({"lead": "nobody"}, 422, "/lead"),
        ({"lead": "urban", "assistants": ["urban"]}, 422, "/assistants"),
        ({"lead": "urban", "grid": "1"}, 404, "/grid"),
        ({"lead": "urban", "colour": "red"}, 422, "/colour"),
    ],
)
def test_what_is_wrong_is_said_at_its_place(leader: Person, body: dict[str, Any], status: int, pointer: str) -> None:
    answer = leader.api("POST", "/responsibilities", json={"grid": "139900", **body})
    assert (answer.status_code, [fault["pointer"] for fault in answer.get_json()["errors"]]) == (status, [pointer])


def asked(database: str, *words: str) -> tuple[int, str]:
    """Exit code and answer of a command, after which this process is connected again."""
    done = CliRunner().invoke(main, ["matter", "responsibility", *words])
    connect(database)
    return done.exit_code, done.output


def test_the_proof_by_the_api_the_map_and_the_command_line(leader: Person, database: str) -> None:
    added(leader, category="order", lead="urban")
    added(leader, category="order", lead="police", grid="139901")
    added(leader, category="order", lead="civil", grid="139901")
    told = leader.api("GET", "/responsibilities/check").get_json()
    known = {kind["name"] for kind in leader.api("GET", "/matter-kinds").get_json()["items"]}
    without = len(known - {"test.stall"})
    assert (told["kinds"], told["leaves"], told["holes"], told["doubles"]) == (len(known), 2, 2 * without, 1)
    assert {"kind": "test.stall", "defect": "double", "grid": "139901", "grid_name": "西县", "leaves": 1,
            "leads": ["police", "civil"]} in told["findings"]  # fmt: skip
    colours = leader.page("/map/themes/double").get_json()["levels"]
    assert (colours["county"]["counts"], colours["city"]["counts"]) == ({"139901": 1}, {"139900": 1})
    assert leader.page("/map/themes/hole").get_json()["levels"]["county"]["counts"] == {
        "139901": without, "139902": without,
    }  # fmt: skip
    code, said = asked(database, "--check", "--json")
    assert (code, json.loads(said)) == (1, told)
    added(leader, lead="town")
    for row in leader.api("GET", "/responsibilities").get_json()["items"]:
        if row["lead"] == "civil":
            leader.api("POST", f"/responsibilities/{row['id']}/end")
    code, said = asked(database, "--check")
    assert (code, "0 holes, 0 double claims" in said) == (0, True)
    _code, said = asked(database, "--json")
    assert [json.loads(line)["lead"] for line in said.splitlines()] == ["town", "urban", "police"]


def test_the_pages_add_change_and_end_a_row(leader: Person, worker: Person) -> None:
    form = {"subject": "kind:test.stall", "grid": "139901", "lead": "urban", "assistants": ["police", "civil"]}
    assert worker.send("/responsibilities/new", **form).status_code == 403
    wrong = leader.send("/responsibilities/new", **{**form, "assistants": ["urban"]})
    assert wrong.status_code == 422
    assert "部门 urban 在本条中重复出现" in wrong.text
    assert leader.send("/responsibilities/new", **form).status_code == 302
    page = worker.page("/responsibilities")
    assert "城管局" in page.text
    assert "/responsibilities/new" not in page.text
    [row] = worker.api("GET", "/responsibilities").get_json()["items"]
    address = f"/responsibilities/{row['id']}"
    assert 'value="police" checked' in leader.page(address).text
    assert leader.send(address, version="1", lead="town").status_code == 302
    late = leader.send(address, version="1", lead="civil")
    assert late.status_code == 409
    assert "这一条在此期间已被他人修改" in late.text
    tree = worker.page("/responsibilities/tree?subject=kind:test.stall").text
    assert tree.count("街道办") == 1
    assert tree.count("无人负责") == 2
    assert leader.send(f"{address}/end").status_code == 302
    assert leader.page(address).status_code == 404


def test_an_exported_list_comes_back_as_it_is(leader: Person) -> None:
    added(leader, kind="test.stall", lead="urban", assistants=["police", "civil"], fallback="town")
    added(leader, grid="139901", lead="town")
    out = leader.page("/responsibilities.xlsx")
    rows = list(openpyxl.load_workbook(io.BytesIO(out.data)).active.values)
    assert [row[2:] for row in rows[1:]] == [
        ("139901", "西县", "街道办", "", ""),
        ("139900", "试验市", "城管局", "公安局、民政局", "街道办"),
    ]
    back = leader.api("POST", "/responsibilities/import", data={"file": (io.BytesIO(out.data), "list.xlsx")})
    assert back.get_json() == {"added": 0, "changed": 0, "unchanged": 2}
    wrong = sheet([column for column in rows[0] if column], [("钓鱼", None, "139900", "", "城管局", "", "")])
    refused = leader.send("/responsibilities/import", file=(io.BytesIO(wrong), "list.xlsx"))
    assert refused.status_code == 422
    assert "第 2 行" in refused.text
    assert "钓鱼" in refused.text
