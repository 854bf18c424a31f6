"""`wangge grid repair`: a list to decide on, a trial, and one recorded change; exit codes as scripts need them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import shapely
from pyogrio.raw import read

from core.db.cluster import Cluster
from tests.e2e.test_cli_grid import Instance, Said
from tests.integration.grids.bringing import bring, proven, tamper, written
from tests.integration.grids.drawing import COUNTIES, box, draw, feature

WEST_SHRUNK = "POLYGON((116 39, 116.2 39, 116.15 39.1, 116.2 39.2, 116 39.2, 116 39))"


@pytest.fixture
def damaged(database: str, cluster: Cluster, tmp_path: Path) -> Instance:
    """A city of two counties, of which the western one lost a triangle to nobody."""
    city = Instance(database, tmp_path)
    bring(city.city, "city")
    bring(city.counties, "county")
    tamper(
        cluster, database, f"update core.grid_shape set geom = st_geomfromtext('{WEST_SHRUNK}', 4490) where id ="
        " (select shape_id from core.grid_state where code = '139901' and upper_inf(valid))",
    )  # fmt: skip
    return city


def listed(city: Instance) -> dict[str, Any]:
    return city.grid("repair", "--json").one


def gap_of(found: dict[str, Any]) -> dict[str, Any]:
    (gap,) = (each for each in found["defects"] if each["kind"] == "gap")
    return dict(gap)


def test_a_list_is_exit_code_1_and_tells_proposals_and_effects(damaged: Instance) -> None:
    said = damaged.grid("repair")
    assert said.code == 1
    found = listed(damaged)
    gap = gap_of(found)
    assert f"list {found['list']}" in said.out
    assert [way["choice"] for way in gap["proposals"]] == ["give:139901", "give:139902", "leave"]
    assert gap["proposals"][1]["effects"] == [{"code": "139902", "m2": gap["area_m2"]}]
    assert gap["names"] == ["西县", "东县"]


def test_choices_are_tried_and_written_only_when_it_is_said(damaged: Instance) -> None:
    found, before = listed(damaged), written()
    decided = (
        "repair",
        "--list",
        found["list"],
        "--choose",
        f"{gap_of(found)['number']}=give:139902",
        "--all",
        "proposed",
    )
    tried = damaged.grid(*decided, "--json")
    assert (tried.code, tried.one["change"], tried.one["exact"]) == (0, None, True)
    assert written() == before
    assert damaged.grid(*decided, "--write").code == 1
    assert written() == before
    done = damaged.grid(*decided, "--write", "--reason", "归东县", "--json")
    assert (done.code, done.one["exact"]) == (0, True)
    areas = {grid["code"]: grid["after_m2"] - grid["before_m2"] for grid in done.one["grids"]}
    assert areas["139902"] == pytest.approx(gap_of(found)["area_m2"], rel=1e-3)
    assert proven().exact
    assert damaged.grid("repair").code == 0
    again = damaged.grid(*decided, "--write", "--reason", "再来")
    assert again.code == 1
    assert "List them again" in again.err or "清单" in again.err


def test_a_file_holds_the_list_and_the_choices(damaged: Instance, tmp_path: Path) -> None:
    kept, layer = tmp_path / "choices.json", tmp_path / "defects.gpkg"
    damaged.grid("repair", "--save", kept, "--defects", layer)
    shapes = shapely.from_wkb(read(layer)[2])
    assert [shape.geom_type for shape in shapes if shape.geom_type != "Point"]
    values = json.loads(kept.read_text(encoding="utf-8"))
    gap = gap_of(values)
    assert gap["choice"] == "give:139901"
    for each in values["defects"]:
        if each["number"] == gap["number"]:
            each["choice"] = "give:139902"
    kept.write_text(json.dumps(values), encoding="utf-8")
    assert damaged.grid("repair", "--choices", kept, "--write", "--reason", "归东县").code == 0
    assert proven().exact


@pytest.mark.parametrize(
    "arguments",
    [("--choose", "x=longest"), ("--choose", "1"), ("--write", "--reason", "x"), ("--choices", "no-such-file")],
)
def test_what_cannot_be_meant_is_exit_code_2(damaged: Instance, arguments: tuple[str, ...]) -> None:
    before = written()
    said: Said = damaged.grid("repair", *arguments)
    assert said.code == 2
    assert written() == before


def test_a_file_is_decided_on_by_the_command(database: str, tmp_path: Path) -> None:
    city = Instance(database, tmp_path)
    bring(city.city, "city")
    gapped = draw(tmp_path / "gapped.geojson", feature("139901", box(0, 0, 1, 2), "西县"), COUNTIES[1])
    asked = ("import", gapped, "--level", "county")
    assert "--repair proposed" in city.grid(*asked).err + city.grid(*asked).out
    kept = tmp_path / "choices.json"
    looked = city.grid(*asked, "--repair", "proposed", "--dry-run", "--save", kept)
    assert looked.code == 0
    assert "→ proposed give:139902" in looked.out
    values = json.loads(kept.read_text(encoding="utf-8"))
    (number,) = (each["number"] for each in values["defects"] if each["kind"] == "missing")
    assert city.grid(*asked, "--choose", f"{number}=give:139901").code == 2
    done = city.grid(
        *asked, "--repair", "proposed", "--list", values["list"], "--choose", f"{number}=give:139901", "--json"
    )
    assert (done.code, done.one["exact"], done.one["method"]) == (0, True, "decided")
    (told,) = (each for each in done.one["repair"]["defects"] if each["number"] == number)
    assert told["choice"] == "give:139901"
    assert proven().exact


def test_a_file_of_choices_is_taken_by_the_import(database: str, tmp_path: Path) -> None:
    city = Instance(database, tmp_path)
    bring(city.city, "city")
    gapped = draw(tmp_path / "gapped.geojson", feature("139901", box(0, 0, 1, 2), "西县"), COUNTIES[1])
    asked, kept = ("import", gapped, "--level", "county"), tmp_path / "choices.json"
    city.grid(*asked, "--repair", "proposed", "--dry-run", "--save", kept)
    kept.write_text(
        kept.read_text(encoding="utf-8").replace('"choice": "give:139902"', '"choice": "give:139901"'), "utf-8"
    )
    done = city.grid(*asked, "--choices", kept, "--json")
    assert (done.code, done.one["exact"]) == (0, True)
    gained = {each["code"] for each in done.one["changes"] if each["gained_m2"] > 0}
    assert gained == {"139901"}
