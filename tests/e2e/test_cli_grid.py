"""The grid commands as scripts use them: JSON keys, exit codes, files, and a private database that comes and goes."""

from __future__ import annotations

import csv
import datetime as dt
import json
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import shapely
from click.testing import CliRunner
from pyogrio.raw import read

from core.db.session import connect
from core.settings import CHECKOUT, get_settings
from tests.integration.grids.bringing import bring, written
from tests.integration.grids.drawing import COUNTIES, NODED_CITY, PLAIN_CITY, draw, feature, polygon
from web.cli.main import main

CHECK_KEYS = {
    "root", "as_of", "levels", "leaves", "edges", "unmatched", "invalid", "gaps", "overlaps", "area_m2", "exact",
    "seconds",
}  # fmt: skip
IMPORT_KEYS = {
    "change", "grids", "cleaned", "max_shift_m", "changed_area_m2", "defects", "exact", "refused", "reason", "seconds",
}  # fmt: skip
DEFECT_KEYS = {"kind", "codes", "area_m2", "lon", "lat"}


@dataclass
class Said:
    """What a command answered."""

    code: int
    out: str
    err: str

    @property
    def one(self) -> dict[str, Any]:
        """The one JSON object on stdout."""
        answer: dict[str, Any] = json.loads(self.out)
        return answer

    @property
    def lines(self) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self.out.splitlines()]


class Instance:
    """An instance on a fresh database; its files."""

    def __init__(self, url: str, folder: Path) -> None:
        self.url = url
        self.folder = folder
        self.city = draw(folder / "city.geojson", NODED_CITY)
        self.counties = draw(folder / "counties.geojson", *COUNTIES)

    def grid(self, *arguments: object) -> Said:
        """``wangge grid …`` in this process."""
        done = CliRunner().invoke(main, ["grid", *map(str, arguments)])
        connect(self.url)
        if done.exception is not None and not isinstance(done.exception, SystemExit):
            raise done.exception
        return Said(done.exit_code, done.stdout, done.stderr)


@pytest.fixture
def empty(database: str, tmp_path: Path) -> Instance:
    return Instance(database, tmp_path)


@pytest.fixture
def city(empty: Instance) -> Instance:
    """A city of two counties."""
    bring(empty.city, "city")
    bring(empty.counties, "county")
    return empty


def test_an_import_answers_with_the_change_and_the_grids(empty: Instance) -> None:
    root = empty.grid("import", empty.city, "--level", "city", "--json")
    assert root.code == 0
    assert set(root.one) >= IMPORT_KEYS
    said = empty.grid("import", empty.counties, "--level", "county", "--reason", "first", "--json")
    assert (said.code, said.err) == (0, "")
    report = said.one
    assert (report["grids"], report["exact"], report["refused"], report["reason"]) == ({"county": 2}, True, False, None)
    assert (report["cleaned"], report["changed_area_m2"], report["max_shift_m"], report["defects"]) == (
        False,
        0,
        0.0,
        [],
    )
    (period,) = empty.grid("history", "139901", "--json").lines
    assert (period["change_id"], period["reason"], period["version"]) == (report["change"], "first", 2)


def test_a_day_from_which_grids_hold_begins_where_the_instance_stands(empty: Instance) -> None:
    empty.grid("import", empty.city, "--level", "city", "--valid-from", "2020-01-01")
    (period,) = empty.grid("history", "139900", "--json").lines
    assert dt.datetime.fromisoformat(period["valid_from"]) == dt.datetime(2019, 12, 31, 16, tzinfo=dt.UTC)


def test_a_refusal_is_exit_code_1_with_places_and_writes_nothing(city: Instance) -> None:
    half = draw(city.folder / "half.geojson", feature("139901001", polygon([(0, 0), (1, 0), (1, 2), (0, 2)]), "街道"))
    before = written()
    target = city.folder / "defects.gpkg"
    said = city.grid("import", half, "--level", "street", "--parent", "139901", "--defects", target, "--json")
    assert said.code == 1
    assert set(said.one) >= IMPORT_KEYS
    assert (said.one["refused"], said.one["exact"], said.one["change"], said.one["grids"]) == (True, False, None, {})
    assert "--clean" in said.one["reason"]
    missing = next(defect for defect in said.one["defects"] if defect["kind"] == "missing")
    assert set(missing) >= DEFECT_KEYS
    assert (missing["lon"] > 116.1, missing["area_m2"] > 1e6) == (True, True)
    assert written() == before
    meta, _, wkb, columns = read(str(target))
    fields = dict(zip(meta["fields"], columns, strict=True))
    assert sorted(fields["kind"]) == sorted(defect["kind"] for defect in said.one["defects"])
    assert shapely.contains(shapely.from_wkb(wkb)[fields["kind"] == "missing"][0], shapely.Point(116.15, 39.1))


def test_a_dry_run_says_the_same_and_writes_nothing(empty: Instance) -> None:
    bring(empty.city, "city")
    before = written()
    dry = empty.grid("import", empty.counties, "--level", "county", "--dry-run", "--json")
    assert (dry.code, dry.one["change"], dry.one["grids"], dry.one["exact"]) == (0, None, {"county": 2}, True)
    assert written() == before
    wet = empty.grid("import", empty.counties, "--level", "county", "--json")
    same = IMPORT_KEYS - {"change", "seconds"}
    assert {key: dry.one[key] for key in same} == {key: wet.one[key] for key in same}


def test_cleaning_and_nesting_and_a_root_are_told_by_options(empty: Instance) -> None:
    cells = [
        feature(f"{x}", polygon([(x, 0), (x + 1, 0), (x + 1, 1), (x, 1)]), f"格{x}", c="AB"[x // 2]) for x in range(4)
    ]
    path = draw(empty.folder / "cells.geojson", *cells)
    said = empty.grid("import", path, "--root", "R:城", "--nest", "c=county", "--level", "grid", "--clean", "--json")
    assert said.one["grids"] == {"city": 1, "county": 2, "grid": 4}
    assert empty.grid("tree", "--json").lines[:2] == [
        {"code": "R", "name": "城", "level": "city", "parent": None, "leaves": 4},
        {"code": "A", "name": "A", "level": "county", "parent": "R", "leaves": 2},
    ]


def test_a_fitted_layer_reports_what_it_changed(empty: Instance) -> None:
    bring(draw(empty.folder / "plain.geojson", PLAIN_CITY), "city")
    said = empty.grid("import", empty.counties, "--level", "county", "--clean", "--gap-width-m", "5", "--json")
    assert (said.code, said.one["cleaned"], said.one["exact"]) == (0, True, True)


@pytest.mark.parametrize(
    ("content", "said"),
    [("no map", "no GIS file"), ("", "empty"), ('{"type":"FeatureCollection","features":[]}', "no")],
)
def test_a_file_that_is_no_layer_is_the_same_answer_refused(empty: Instance, content: str, said: str) -> None:
    path = empty.folder / "bad.geojson"
    path.write_text(content, encoding="utf-8")
    before = written()
    answer = empty.grid("import", path, "--level", "city", "--json")
    assert answer.code == 1
    assert set(answer.one) >= IMPORT_KEYS
    assert answer.one["refused"]
    assert said in answer.one["reason"]
    assert said in answer.err
    assert written() == before


@pytest.mark.parametrize(
    "arguments",
    [
        ("import", "missing.gpkg", "--level", "city"),
        ("import", "city.geojson"),
        ("import", "city.geojson", "--level", "city", "--nest", "x"),
        ("import", "city.geojson", "--level", "city", "--defects", "x.shp"),
        ("locate", "116.1"),
        ("locate", "--csv", "city.geojson"),
        ("check", "--as-of", "yesterday"),
        ("check", "--as-of", "2999-01-01"),
    ],
)
def test_wrong_usage_is_exit_code_2(
    empty: Instance, monkeypatch: pytest.MonkeyPatch, arguments: tuple[str, ...]
) -> None:
    monkeypatch.chdir(empty.folder)
    before = written()
    assert empty.grid(*arguments).code == 2
    assert written() == before


def test_check_proves_and_its_exit_code_is_the_verdict(city: Instance) -> None:
    said = city.grid("check", "--json")
    assert said.code == 0
    assert set(said.one) >= CHECK_KEYS
    assert (said.one["root"], said.one["exact"], said.one["levels"]) == ("139900", True, {"city": 1, "county": 2})
    assert (said.one["leaves"], said.one["unmatched"], said.one["gaps"], said.one["overlaps"]) == (2, 0, 0, 0)
    assert city.grid("check", "139901", "--json").one["root"] == "139901"
    assert city.grid("check", "777", "--json").code == 1
    assert "exact" in city.grid("check").out


def test_an_empty_city_answers_too(empty: Instance) -> None:
    check = empty.grid("check", "--json")
    assert (check.code, check.one["root"], check.one["leaves"]) == (0, None, 0)
    assert (empty.grid("tree", "--json").code, empty.grid("tree", "--json").out) == (0, "")
    assert empty.grid("locate", "116.1", "39.1", "--json").code == 1


def test_locate_answers_one_point(city: Instance) -> None:
    said = city.grid("locate", "116.1", "39.1", "--json")
    assert (said.code, said.one) == (
        0,
        {"code": "139901", "path": ["139900", "139901"], "name": "西县", "level": "county"},
    )
    assert city.grid("locate", "116.2", "39.1", "--json").one["code"] == "139902"
    outside = city.grid("locate", "-118.2", "34.1", "--json")
    assert (outside.code, outside.out) == (1, "")
    assert "outside" in outside.err
    for wrong in (("200", "95"), ("116.1", "39.1", "--crs", "EPSG:99999"), ("116.1", "39.1", "--crs", "EPSG:4548")):
        said = city.grid("locate", *wrong)
        assert (said.code, said.out, bool(said.err)) == (1, "", True)


def table(path: Path, text: str, encoding: str = "utf-8") -> Path:
    path.write_bytes(text.encode(encoding))
    return path


def rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def test_locate_gives_a_file_its_columns_grid_and_path(city: Instance) -> None:
    source = table(
        city.folder / "points.csv",
        'id,x,y,note\n1,116.1,39.1,"a, b"\n2,116.2,39.1,界\n3,10,10,\n4,,,\n5,abc,39,\n6,181,39,\n7,116.3,39.05\n',
    )
    target = city.folder / "out.csv"
    said = city.grid("locate", "--csv", source, "--lon-field", "x", "--lat-field", "y", "--out", target, "--json")
    assert said.code == 0
    counts = said.one
    assert counts.pop("seconds") >= 0
    assert counts == {"points": 7, "located": 3, "outside": 1, "invalid": 3}
    assert said.err.splitlines() == [
        "line 5: no coordinates",
        "line 6: abc, 39 is no pair of numbers",
        "line 7: 181, 39 is no place of this coordinate system",
    ]
    found = rows(target)
    assert [row["grid"] for row in found] == ["139901", "139902", "", "", "", "", "139902"]
    assert [row["path"] for row in found][:3] == ["139900/139901", "139900/139902", ""]
    assert (found[0]["note"], found[1]["note"], found[1]["id"]) == ("a, b", "界", "2")


def test_locate_reads_tables_of_chinese_spreadsheets_and_other_systems(city: Instance) -> None:
    source = table(city.folder / "gbk.csv", "经度,纬度,备注\n116.1,39.1,安次区\n200,39,越界\n", "gbk")
    target = city.folder / "out.csv"
    said = city.grid(
        "locate",
        "--csv",
        source,
        "--lon-field",
        "经度",
        "--lat-field",
        "纬度",
        "--crs",
        "gcj02",
        "--out",
        target,
        "--json",
    )
    assert (said.one["located"], said.one["invalid"]) == (1, 1)
    assert rows(target)[0]["备注"] == "安次区"


@pytest.mark.parametrize(
    ("text", "said"),
    [("lon,y\n1,2\n", "lat"), ("lon,lat,grid\n1,2,3\n", "grid"), ("", "lon")],
)
def test_locate_refuses_a_table_without_its_columns(city: Instance, text: str, said: str) -> None:
    target = city.folder / "out.csv"
    answer = city.grid("locate", "--csv", table(city.folder / "p.csv", text), "--out", target, "--json")
    assert answer.code == 1
    assert said in answer.err
    assert not target.exists()


def test_locate_names_a_target_that_cannot_be(city: Instance) -> None:
    source = table(city.folder / "p.csv", "lon,lat\n116.1,39.1\n")
    before = source.read_bytes()
    for target, said in ((source, "written over itself"), (city.folder / "none" / "p.csv", "There is no folder")):
        answer = city.grid("locate", "--csv", source, "--out", target)
        assert (answer.code, answer.out) == (1, "")
        assert said in answer.err
    assert source.read_bytes() == before


def test_export_writes_what_proves_from_outside(city: Instance) -> None:
    target = city.folder / "out.gpkg"
    assert city.grid("export", "139900", target, "--all-levels", "--json").one["grids"] == 3
    meta, _, wkb, columns = read(str(target))
    fields = dict(zip(meta["fields"], columns, strict=True))
    assert set(fields) == {"code", "name", "level", "parent", "valid_from"}
    shapes = shapely.from_wkb(wkb)
    children = shapes[fields["parent"] == "139900"]
    assert shapely.coverage_is_valid(children)
    assert shapely.coverage_union_all(children).equals(shapes[fields["code"] == "139900"][0])
    again = city.grid("export", "139900", target)
    assert (again.code, "exists" in again.err) == (1, True)
    assert city.grid("export", "139900", city.folder / "out.shp").code == 1
    assert city.grid("export", "777", city.folder / "no.gpkg").code == 1
    endless = city.grid("export", "139900", city.folder / f"{'长' * 90}.gpkg")
    assert (endless.code, "cannot be written" in endless.err) == (1, True)


def test_export_of_chosen_levels_and_attributes(city: Instance) -> None:
    target = city.folder / "out.geojson"
    chosen = ("--level", "county", "--level", "city", "--attributes", "name, code,name")
    assert city.grid("export", "139900", target, *chosen, "--json").one["grids"] == 3
    written = [each["properties"] for each in json.loads(target.read_text(encoding="utf-8"))["features"]]
    assert written[0] == {"name": "试验市", "code": "139900"}
    for wrong, code in (
        (("--level", "county", "--all-levels"), 2),
        (("--level", "village"), 2),
        (("--level", "micro"), 1),
        (("--attributes", "name,"), 1),
    ):
        assert city.grid("export", "139900", city.folder / "no.geojson", *wrong).code == code
    assert not (city.folder / "no.geojson").exists()


def test_export_states_its_system_and_refuses_one_that_does_not_fit(city: Instance) -> None:
    target = city.folder / "out.zip"
    assert city.grid("export", "139900", target, "--crs", "4548", "--encoding", "gbk", "--json").one["grids"] == 2
    meta, _, wkb, _ = read(f"/vsizip/{target}")
    assert meta["crs"] == "EPSG:4548"
    assert shapely.total_bounds(shapely.from_wkb(wkb))[1] > 4_000_000
    for crs, said in (("EPSG:1", "Unknown coordinate system"), ("EPSG:4534", "would not come back exactly")):
        answer = city.grid("export", "139900", city.folder / "no.zip", "--crs", crs)
        assert (answer.code, said in answer.err) == (1, True)
    assert not (city.folder / "no.zip").exists()


def test_tree_and_show_and_history_name_parents_before_children(city: Instance) -> None:
    tree = city.grid("tree", "--json").lines
    assert tree == [
        {"code": "139900", "name": "试验市", "level": "city", "parent": None, "leaves": 2},
        {"code": "139901", "name": "西县", "level": "county", "parent": "139900", "leaves": 1},
        {"code": "139902", "name": "东县", "level": "county", "parent": "139900", "leaves": 1},
    ]
    assert [row["code"] for row in city.grid("tree", "139902", "--json").lines] == ["139902"]
    assert city.grid("tree", "777", "--json").code == 1
    show = city.grid("show", "139901", "--json").one
    assert (show["name"], show["parent"], show["children"]) == ("西县", "139900", [])
    said = city.grid("show", "139900").out
    assert "path       139900\n" in said
    assert said.endswith("children   139901, 139902\n")
    assert "children   –" in city.grid("show", "139901").out
    assert city.grid("show", "777").code == 1


@pytest.fixture
def private(tmp_path: Path) -> dict[str, str]:
    """The environment of an instance with a data folder and a private server of its own."""
    tmp_path.chmod(0o755)
    get_settings.cache_clear()
    kept = {name: value for name, value in os.environ.items() if not name.startswith("WANGGE_")}
    return {**kept, "WANGGE_HOME": str(tmp_path / "home")}


def test_a_private_server_is_started_for_a_command_and_left_as_it_was(private: dict[str, str], tmp_path: Path) -> None:
    def wangge(*arguments: object) -> Said:
        command = [sys.executable, "-m", "web.cli", *map(str, arguments)]
        done = subprocess.run(command, env=private, cwd=CHECKOUT, capture_output=True, text=True, check=False)
        return Said(done.returncode, done.stdout, done.stderr)

    def server_runs() -> bool:
        return any((tmp_path / "home").rglob("postmaster.pid"))

    said = wangge("grid", "import", draw(tmp_path / "city.geojson", NODED_CITY), "--level", "city", "--json")
    assert said.code == 0, said.err
    assert said.one["grids"] == {"city": 1}
    assert not server_runs()
    check = wangge("grid", "check", "--json")
    assert (check.code, check.one["exact"], check.one["leaves"]) == (0, True, 1)
    assert not server_runs()


def test_the_first_commands_of_a_new_home_may_come_at_once(private: dict[str, str]) -> None:
    command = [sys.executable, "-m", "web.cli", "user", "list"]
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True}
    started = [subprocess.Popen(command, env=private, cwd=CHECKOUT, **pipes) for _ in range(3)]
    said = [process.communicate(timeout=240) for process in started]
    assert [process.returncode for process in started] == [0, 0, 0], said
