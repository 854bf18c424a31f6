"""Plans drawn in another program and brought back: who goes on, who is born, who ends; what is mended or refused."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
import pytest
import shapely

from core.db.session import reading, work
from core.errors import Refused
from core.grids.exporting import ExportOptions, export_grids
from core.grids.plans.files import FileOperation, FileOptions, operation_of
from core.grids.plans.unfit import Unfit
from core.grids.plans.verdict import PlanVerdict, check_plan
from core.grids.queries import grid_by_code, history
from core.grids.views import LEVELS
from gis.formats import read_layer
from tests.beginning import begins_with
from tests.integration.grids.bringing import TESTER, proven, written
from tests.integration.grids.drawing import box, draw, feature, polygon
from tests.integration.grids.plans import codes, draft, run, two_counties

WEST = polygon([(0, 0), (2, 0), (2, 1), (2, 2), (0, 2)])
EAST = polygon([(2, 0), (4, 0), (4, 2), (2, 2), (2, 1)])


template = begins_with(two_counties)
pytestmark = pytest.mark.usefixtures("database")


def brought(path: Path, parent: str = "139900", **options: Any) -> FileOperation:
    wanted = FileOptions(**options)
    with reading(TESTER) as session:
        return operation_of(session, parent, read_layer(path), wanted)


def checked(path: Path, parent: str = "139900", **options: Any) -> PlanVerdict:
    plan = draft("139900", brought(path, parent, **options).value)
    with reading(TESTER) as session:
        return check_plan(session, plan.id)


def told(done: PlanVerdict) -> tuple[list[str], list[str], list[str]]:
    return list(done.born), list(done.retired), list(done.touched)


def grid(code: str) -> Any:
    with reading(TESTER) as session:
        return grid_by_code(session, code)


def test_an_export_brought_back_as_it_is_changes_nothing(tmp_path: Path) -> None:
    run("139900", {"op": "subdivide", "grid": "139901", "net_m": 6000})
    target = tmp_path / "all.gpkg"
    with work(TESTER) as session:
        export_grids(session, "139900", target, ExportOptions(levels=LEVELS))
    made = brought(target)
    assert made.left_out == ("139900", "139901"), "grids with others below follow by themselves"
    done = checked(target)
    assert (*told(done), done.noded) == ([], [], [], ())
    assert not done.mended
    assert not made.warnings


def test_a_border_drawn_elsewhere_a_new_grid_and_one_that_ends(tmp_path: Path) -> None:
    layer = draw(
        tmp_path / "q.geojson",
        feature("139901", box(0, 0, 1, 2), "西县"),
        feature(None, polygon([(1, 0), (2, 0), (4, 0), (4, 2), (2, 2), (1, 2)]), None),
    )
    before = grid("139901")
    done = run("139900", brought(layer).value)
    assert (done.retired, done.touched) == (("139902",), ("139901",))
    assert len(done.born) == 1
    assert done.exact
    assert proven().exact
    after, born = grid("139901"), grid(done.born[0])
    assert after.id == before.id
    assert (born.name, born.level) == (done.born[0], "county")


def test_a_grid_whose_outline_is_as_it_was_gets_no_new_state(tmp_path: Path) -> None:
    turned = polygon([(2, 1), (2, 2), (0, 2), (0, 0), (2, 0)])
    south, north = polygon([(2, 0), (4, 0), (4, 1), (2, 1)]), polygon([(2, 1), (4, 1), (4, 2), (2, 2)])
    layer = draw(
        tmp_path / "q.geojson",
        feature("139901", turned, "西县"),
        feature("139902", south, "东县"),
        feature("139903", north, "北县"),
    )
    done = checked(layer)
    assert told(done) == (["139903"], [], ["139902"])
    run("139900", brought(layer).value)
    with reading(TESTER) as session:
        assert len(history(session, grid("139901").id)) == 1
    assert grid("139903").name == "北县"


def test_a_name_written_in_the_file_is_a_new_name_and_none_is_the_old(tmp_path: Path) -> None:
    layer = draw(tmp_path / "q.geojson", feature("139901", WEST, "新名"), feature("139902", EAST, None))
    run("139900", brought(layer).value)
    assert (grid("139901").name, grid("139902").name) == ("新名", "东县")


def test_a_leaf_gets_the_polygons_as_its_children(tmp_path: Path) -> None:
    layer = draw(
        tmp_path / "q.geojson",
        feature(None, polygon([(0, 0), (2, 0), (2, 1), (0, 1)]), "南"),
        feature(None, polygon([(0, 1), (2, 1), (2, 2), (0, 2)]), "北"),
    )
    done = run("139900", brought(layer, "139901", level="grid").value)
    assert len(done.born) == 2
    assert {grid(code).level for code in done.born} == {"grid"}
    assert not grid("139901").leaf
    assert proven().exact


def test_slivers_of_snapping_are_mended_and_told_and_the_city_keeps_its_outlines(tmp_path: Path) -> None:
    shifted = polygon([(2, 0), (4, 0), (4, 2), (2, 2), (2 + 2e-6, 1)])
    layer = draw(tmp_path / "q.geojson", feature("139902", shifted, "东县"), feature("139901", WEST, "西县"))
    done = checked(layer)
    assert (*told(done), done.noded) == ([], [], [], ()), "what is as it was yields to nobody"
    assert [(one.code, one.name) for one in done.mended] == [("139902", "东县")]
    assert done.mended[0].gained_m2 > 0


@pytest.mark.parametrize(
    ("east", "says", "place"),
    [
        (polygon([(2, 0), (4, 0), (4, 2), (2, 2), (2.1, 1)]), "missing", (116.2, 39.15)),
        (polygon([(2, 0), (4, 0), (4, 2), (2, 2), (1.9, 1)]), "overlap", (116.2, 39.1)),
        (polygon([(2, 0), (3, 0), (3, 2), (2, 2), (2, 1)]), "missing", (116.35, 39.1)),
        (polygon([(2, 0), (5, 0), (5, 2), (2, 2), (2, 1)]), "outside", (116.45, 39.1)),
        (polygon([(2, 0), (4, 2), (4, 0), (2, 2), (2, 1)]), "invalid", (116.3, 39.1)),
    ],
)
def test_what_does_not_tile_is_refused_with_what_where_and_how_large(
    tmp_path: Path, east: Any, says: str, place: tuple[float, float]
) -> None:
    layer = draw(tmp_path / "q.geojson", feature("139901", WEST), feature("139902", east))
    before = written()
    with pytest.raises(Unfit) as refused:
        draft("139900", brought(layer).value)
    assert says in str(refused.value)
    assert "139902" in str(refused.value) or says == "missing"
    assert refused.value.place == (pytest.approx(place[0], abs=0.06), pytest.approx(place[1], abs=0.06))
    assert written() == before


def test_codes_that_cannot_be_borne_are_refused(tmp_path: Path) -> None:
    run("139900", {"op": "merge", "grids": ["139901", "139902"], "code": "139901"})
    run(
        "139900",
        {"op": "split", "grid": "139901", "line": [[116.2, 38.9], [116.2, 39.3]], "codes": ["139901", "139903"]},
    )
    halves = {
        "139901": [("139901", WEST), ("139901", EAST)],
        "belonged": [("139901", WEST), ("139902", EAST)],
        "no leaf": [("139901", WEST), ("139900", EAST)],
    }
    for says, rows in halves.items():
        operation = {"op": "load", "parent": "139900", "polygons": [{"code": c, "polygon": p} for c, p in rows]}
        with pytest.raises(Refused, match=says):
            draft("139900", operation)


def test_polygons_of_another_place_are_refused(tmp_path: Path) -> None:
    far = [{"polygon": box(9, 9, 10, 10)}]
    with pytest.raises(Refused, match="not of 139900"):
        draft("139900", {"op": "load", "parent": "139900", "polygons": far})
    layer = draw(tmp_path / "q.geojson", feature("139901", box(9, 9, 10, 10)))
    with pytest.raises(Refused, match="beside the parent grid 139900 试验市") as refused:
        brought(layer)
    assert [way.code for way in refused.value.objections] == ["parent", "true_crs"]


def test_more_vertices_than_a_plan_can_hold_are_refused_with_the_limit(tmp_path: Path) -> None:
    angle = np.linspace(0, 2 * np.pi, 1_000_000)
    around = shapely.Polygon(np.column_stack([116.2 + 0.05 * np.cos(angle), 39.1 + 0.05 * np.sin(angle)]))
    layer = draw(tmp_path / "q.geojson", feature("139901", json.loads(shapely.to_geojson(around))))
    with pytest.raises(Refused, match="200000"):
        brought(layer)


def test_a_file_older_than_a_change_of_its_grids_is_told(tmp_path: Path) -> None:
    target = tmp_path / "leaves.gpkg"
    with work(TESTER) as session:
        export_grids(session, "139900", target, ExportOptions())
    run("139900", {"op": "rename", "grid": "139902", "name": "改"})
    (warning,) = brought(target).warnings
    assert "139902" in str(warning)
    assert "139901" not in str(warning)


SAVED: dict[str, Callable[[dt.datetime], str]] = {
    "with its zone": lambda at: at.astimezone(ZoneInfo("Asia/Shanghai")).isoformat(),
    "in UTC, as the pages of features say it": lambda at: at.astimezone(dt.UTC).isoformat().replace("+00:00", "Z"),
    "in UTC to the thousandth": lambda at: at.astimezone(dt.UTC).isoformat(timespec="milliseconds"),
    "without its zone": lambda at: at.astimezone(dt.UTC).replace(tzinfo=None).isoformat(timespec="milliseconds"),
    "by the clock of the place": lambda at: at.astimezone(ZoneInfo("Asia/Shanghai")).strftime("%Y/%m/%d %H:%M:%S.%f")[
        :-3
    ],
}
"""A moment as programs save it."""


def saved(path: Path, said: Callable[[dt.datetime], str]) -> Path:
    """The leaves as they are now, in a file that tells their moments in its own way."""
    rows = [grid("139901"), grid("139902")]
    shapes = (WEST, EAST)
    drawn = [
        feature(row.code, shape, row.name, valid_from=said(row.valid_from))
        for row, shape in zip(rows, shapes, strict=True)
    ]
    return draw(path, *drawn)


@pytest.mark.parametrize("form", SAVED)
def test_a_file_older_than_a_change_is_told_however_it_says_its_moments(tmp_path: Path, form: str) -> None:
    target = saved(tmp_path / "saved.geojson", SAVED[form])
    assert not brought(target).warnings, "nothing has changed yet"
    run("139900", {"op": "rename", "grid": "139902", "name": "改"})
    (warning,) = brought(target).warnings
    assert "139902" in str(warning)
    assert "139901" not in str(warning)


@pytest.mark.parametrize("end", ["gpkg", "geojson", "zip", "kml"])
def test_an_own_export_older_than_a_change_is_told_in_every_format(tmp_path: Path, end: str) -> None:
    target = tmp_path / f"leaves.{end}"
    with work(TESTER) as session:
        export_grids(session, "139900", target, ExportOptions())
    assert not brought(target).warnings
    run("139900", {"op": "rename", "grid": "139902", "name": "改"})
    (warning,) = brought(target).warnings
    assert "139902" in str(warning)


def test_a_file_that_knows_days_alone_is_told_once_a_day_is_over(tmp_path: Path) -> None:
    before = saved(tmp_path / "before.geojson", lambda at: (at - dt.timedelta(days=2)).strftime("%Y-%m-%d"))
    (warning,) = brought(before).warnings
    assert "139901" in str(warning)
    same = saved(tmp_path / "same.geojson", lambda at: at.astimezone(dt.UTC).strftime("%Y-%m-%d"))
    assert not brought(same).warnings


def test_a_row_that_names_another_grid_above_moves_there(tmp_path: Path) -> None:
    run("139900", {"op": "subdivide", "grid": "139901", "lines": [[[115.9, 39.15], [116.3, 39.15]]], "level": "grid"})
    run("139900", {"op": "subdivide", "grid": "139902", "lines": [[[116.1, 39.15], [116.5, 39.15]]], "level": "grid"})
    target = tmp_path / "leaves.geojson"
    with work(TESTER) as session:
        export_grids(session, "139900", target, ExportOptions())
    layer = json.loads(target.read_text(encoding="utf-8"))
    moved = next(one for one in layer["features"] if one["properties"]["parent"] == "139902")
    moved["properties"]["parent"] = "139901"
    target.write_text(json.dumps(layer), encoding="utf-8")
    done = run("139900", brought(target).value)
    assert sorted(done.touched) == sorted(["139901", "139902", moved["properties"]["code"]])
    assert proven().exact


def test_what_the_plan_moved_there_before_is_replaced_too(tmp_path: Path) -> None:
    across = [[115.9, 39.1], [116.3, 39.1]]
    down = [[116.1, 38.9], [116.1, 39.3]]
    run(
        "139900",
        {"op": "subdivide", "grid": "139901", "lines": [across], "level": "street", "codes": ["north", "south"]},
    )
    run("139900", {"op": "subdivide", "grid": "139902", "net_m": 15000, "level": "street"})
    run("139900", {"op": "subdivide", "grid": "south", "lines": [down], "level": "grid", "codes": ["sw", "se"]})
    rest = polygon([(1, 0), (2, 0), (4, 0), (4, 2), (2, 2), (2, 1), (1, 1)])
    rows = [
        {"code": "west", "level": "street", "polygon": box(0, 0, 1, 1)},
        {"code": "rest", "level": "street", "polygon": rest},
    ]
    done = run(
        "139900",
        {"op": "move", "grid": "south", "parent": "139902"},
        {"op": "load", "parent": "139902", "polygons": rows},
    )
    assert {"south", "sw", "se"} <= set(done.retired)
    assert codes() == ["139900", "139901", "north", "139902", "rest", "west"]
    assert proven().exact


@pytest.mark.long
def test_borders_that_were_measured_anew_point_by_point_replace_the_old_ones() -> None:
    """A border of 70,000 points, each a few centimetres beside where it was."""
    random = np.random.default_rng(7)
    along = np.linspace(0, 2, 70_002)[1:-1]

    def halves() -> list[dict[str, Any]]:
        wavers = [(2 + shift, y) for shift, y in zip(random.uniform(-3e-6, 3e-6, len(along)), along, strict=True)]
        west = polygon([(0, 0), (2, 0), *wavers, (2, 2), (0, 2)])
        east = polygon([(2, 0), (4, 0), (4, 2), (2, 2), *wavers[::-1]])
        return [{"code": "139901", "polygon": west}, {"code": "139902", "polygon": east}]

    for _survey in range(2):
        applied = run("139900", {"op": "load", "parent": "139900", "polygons": halves()})
        assert (applied.exact, applied.born, applied.retired) == (True, (), ())
        assert set(applied.touched) == {"139901", "139902"}
    assert proven().exact
