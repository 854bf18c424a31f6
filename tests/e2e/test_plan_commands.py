"""`wangge plan …` as scripts run it."""

from __future__ import annotations

import datetime as dt
import json
from pathlib import Path
from typing import Any
from uuid import UUID

import geopandas
import pytest
from click.testing import CliRunner, Result

from core import clock
from core.db.session import connect
from core.grids.plans.due import apply_due
from tests.beginning import begins_with
from tests.integration.grids.bringing import proven
from tests.integration.grids.drawing import box, draw, feature, polygon
from tests.integration.grids.plans import two_counties
from web.cli.main import main

SPLIT = {"op": "split", "grid": "139901", "line": [[116.1, 38.95], [116.1, 39.25]], "codes": ["139901", "139911"]}
MERGE = {"op": "merge", "grids": ["139911", "139902"], "code": "139902"}


template = begins_with(two_counties)
pytestmark = pytest.mark.usefixtures("database")


def plan(database: str, *arguments: str, status: int = 0) -> Result:
    done = CliRunner().invoke(main, ["plan", *arguments])
    connect(database)
    assert done.exit_code == status, (done.output, done.exception)
    return done


def said(done: Result) -> Any:
    return json.loads(done.stdout)


def lines(path: Path, *operations: Any) -> str:
    path.write_text("".join(json.dumps(operation) + "\n" for operation in operations), encoding="utf-8")
    return str(path)


def test_a_file_of_operations_is_drawn_and_applied_at_once(database: str, tmp_path: Path) -> None:
    ops = lines(tmp_path / "ops.jsonl", SPLIT, MERGE)
    done = said(plan(database, "run", "--parent", "139900", "--ops", ops, "--json"))
    assert done.keys() >= {"plan", "change", "operations", "born", "retired", "touched", "rehomed", "exact", "seconds"}
    assert (done["operations"], done["born"], done["retired"]) == (2, [], [])
    assert sorted(done["touched"]) == ["139901", "139902"]
    assert done["exact"] is True
    assert proven().exact


def test_what_does_not_fit_is_refused_with_its_number_and_nothing_is_kept(database: str, tmp_path: Path) -> None:
    ops = lines(tmp_path / "ops.jsonl", SPLIT, {"op": "rename", "grid": "139977", "name": "x"})
    refused = plan(database, "run", "--parent", "139900", "--ops", ops, status=1)
    assert "2" in refused.stderr
    assert refused.stderr.count("139977") == 1, "the reason is said once"
    assert plan(database, "list", "--json").stdout == ""


def test_a_refusal_is_said_in_json_where_that_was_asked_for(database: str, tmp_path: Path) -> None:
    ops = lines(tmp_path / "ops.jsonl", SPLIT, {"op": "rename", "grid": "139977", "name": "x"})
    refused = plan(database, "run", "--parent", "139900", "--ops", ops, "--json", status=1)
    answered = said(refused)
    assert "139977" in answered["detail"]
    assert [each.keys() >= {"detail", "mend", "pointer", "code"} for each in answered["errors"]] == [True]
    assert "139977" in refused.stderr


def test_an_approved_plan_is_given_a_moment_and_another_one(database: str, tmp_path: Path) -> None:
    key = plan(database, "new", "--parent", "139900", "--title", "西县拆分").stdout.strip()
    plan(database, "add", key, "--op", json.dumps(SPLIT))
    plan(database, "submit", key)
    plan(database, "approve", key)
    assert "past" in plan(database, "apply", key, "--at", "2020-01-01T08:00+0800", status=1).stderr
    now = dt.datetime.now(dt.UTC).replace(microsecond=0)
    for moment in (now - dt.timedelta(minutes=2), now - dt.timedelta(minutes=1)):
        with clock.turned(lambda: now - dt.timedelta(minutes=3)):
            timed = said(plan(database, "apply", key, "--at", f"{moment:%Y-%m-%dT%H:%M:%S%z}", "--json"))
        assert timed["state"] == "approved"
        assert dt.datetime.fromisoformat(timed["apply_at"]) == moment
    apply_due(UUID(key), timed["version"] - 1)
    assert said(plan(database, "show", key, "--json"))["state"] == "approved", "the moment set before counts no longer"
    apply_due(UUID(key), timed["version"])
    assert said(plan(database, "show", key, "--json"))["state"] == "applied"
    assert proven().exact


def test_a_plan_goes_its_way_step_by_step(database: str, tmp_path: Path) -> None:
    key = plan(database, "new", "--parent", "139900", "--title", "西县拆分").stdout.strip()
    plan(database, "add", key, "--op", json.dumps(SPLIT))
    plan(database, "add", key, "--ops", lines(tmp_path / "ops.jsonl", MERGE))
    assert [one["op"] for one in said(plan(database, "undo", key, "--json"))["operations"]] == ["split"]
    assert len(said(plan(database, "redo", key, "--json"))["operations"]) == 2
    assert sorted(said(plan(database, "check", key, "--json"))["touched"]) == ["139901", "139902"]
    assert "a draft cannot" in plan(database, "approve", key, status=1).stderr
    plan(database, "submit", key)
    assert said(plan(database, "return", key, "--comment", "线不对", "--json"))["comment"] == "线不对"
    plan(database, "submit", key)
    assert said(plan(database, "approve", key, "--effective-on", "2026-12-01", "--json"))["state"] == "approved"
    assert said(plan(database, "apply", key, "--json"))["exact"] is True
    shown = said(plan(database, "show", key, "--json"))
    assert (shown["state"], shown["effective_on"], bool(shown["change"])) == ("applied", "2026-12-01", True)
    plan(database, "withdraw", key, status=1)


@pytest.mark.parametrize("text", ["not json", "[1, 2]", '{"op": "melt"}'])
def test_what_is_no_operation_is_said(database: str, text: str) -> None:
    key = plan(database, "new", "--parent", "139900", "--title", "x").stdout.strip()
    done = CliRunner().invoke(main, ["plan", "add", key, "--op", text])
    connect(database)
    assert done.exit_code in (1, 2)
    assert done.stderr.strip()
    assert "Traceback" not in done.output


def test_what_a_plan_drawn_anew_left_out_is_shown_as_long_as_it_is_drawn(database: str, tmp_path: Path) -> None:
    plan_id = plan(database, "new", "--parent", "139900", "--title", "西县拆分").stdout.strip()
    ops = {**SPLIT, "codes": ["139901", "139922"]}, {"op": "rename", "grid": "139902", "name": "新东县"}
    plan(database, "add", plan_id, "--ops", lines(tmp_path / "later.jsonl", *ops))
    plan(database, "run", "--parent", "139900", "--ops", lines(tmp_path / "first.jsonl", SPLIT))
    plan(database, "rebase", plan_id)
    shown = plan(database, "show", plan_id).stdout
    assert 'left out: {"op": "split", "grid": "139901"' in shown
    assert "does not cut" in shown
    [left] = said(plan(database, "show", plan_id, "--json"))["left_out"]
    assert (left["operation"]["op"], "does not cut" in left["reason"]) == ("split", True)
    plan(database, "submit", plan_id)
    assert "left out" not in plan(database, "show", plan_id).stdout


def test_a_layer_drawn_in_qgis_becomes_an_operation(database: str, tmp_path: Path) -> None:
    target = tmp_path / "grids.gpkg"
    CliRunner().invoke(main, ["grid", "export", "139900", str(target), "--level", "county"])
    connect(database)
    table = geopandas.read_file(target)
    table.loc[table.code == "139902", "code"] = None
    table.to_file(target, driver="GPKG")
    key = plan(database, "new", "--parent", "139900", "--title", "x").stdout.strip()
    plan(database, "add", key, "--file", str(target), "--op", "{}", status=2)
    plan(database, "add", key, "--file", str(target))
    shown = said(plan(database, "check", key, "--json"))
    assert (len(shown["born"]), shown["retired"], shown["mended"]) == (1, ["139902"], [])
    (operation,) = said(plan(database, "show", key, "--json"))["operations"]
    assert (operation["op"], operation["parent"], len(operation["polygons"])) == ("load", "139900", 2)


def test_operations_may_name_files_that_lie_beside_them(database: str, tmp_path: Path) -> None:
    half = [feature(None, box(0, 0, 2, 1)), feature(None, polygon([(0, 1), (2, 1), (2, 2), (0, 2)]))]
    draw(tmp_path / "half.geojson", *half)
    ops = lines(tmp_path / "ops.jsonl", {"op": "subdivide", "grid": "139901", "file": "half.geojson"})
    assert len(said(plan(database, "run", "--parent", "139900", "--ops", ops, "--json"))["born"]) == 2
    assert proven().exact
    wrong = lines(tmp_path / "wrong.jsonl", {"op": "merge", "grids": ["a", "b"], "file": "half.geojson"})
    assert "merge" in plan(database, "run", "--parent", "139900", "--ops", wrong, status=1).stderr


def test_before_and_after_go_into_a_geopackage(database: str, tmp_path: Path) -> None:
    key = plan(database, "new", "--parent", "139900", "--title", "x").stdout.strip()
    plan(database, "add", key, "--op", json.dumps(SPLIT))
    target = tmp_path / "plan.gpkg"
    done = said(plan(database, "export", key, str(target), "--json"))
    assert (done["before"], done["after"]) == (2, 3)
    assert list(geopandas.list_layers(target).name) == ["before", "after"]
    plan(database, "export", key, str(target), status=1)
    plan(database, "export", key, str(tmp_path / "plan.zip"), status=2)


def test_a_change_is_taken_back(database: str, tmp_path: Path) -> None:
    done = said(plan(database, "run", "--parent", "139900", "--ops", lines(tmp_path / "ops.jsonl", SPLIT), "--json"))
    key = plan(database, "new", "--revert", done["change"]).stdout.strip()
    assert [one["op"] for one in said(plan(database, "show", key, "--json"))["operations"]] == ["load"]
    for act in ("submit", "approve", "apply"):
        plan(database, act, key)
    assert proven().exact
    refused = plan(database, "new", "--revert", done["change"], status=1)
    assert "139911" in refused.stderr
    plan(database, "new", "--title", "x", status=2)


def test_a_state_that_is_none_is_a_fault_of_usage(database: str) -> None:
    refused = plan(database, "list", "--state", "aproved", status=2)
    assert "approved" in refused.stderr
