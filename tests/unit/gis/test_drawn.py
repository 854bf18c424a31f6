"""Layers that are only drawn, read in parts by the limited process: every row once, its fields beside it."""

from __future__ import annotations

import contextlib
import sqlite3
import struct
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pyogrio
import pytest
import shapely

from gis.drawn import About, Part, Wanted, drawn_in_subprocess
from gis.errors import FormatError
from gis.formats import drawn
from gis.formats.drawn import read_drawn


def save(path: Path, names: Sequence[str | None], **options: Any) -> Path:
    """Points along a line, each with a name and its number."""
    pyogrio.raw.write(
        path,
        geometry=shapely.to_wkb(shapely.points(np.arange(len(names), dtype=float), 39.0)),
        field_data=[np.array(list(names), dtype=object), np.arange(len(names))],
        fields=["名称", "编号"],
        geometry_type="Point",
        crs="EPSG:4490",
        **options,
    )
    return path


def whole(path: Path, wanted: Wanted, **options: Any) -> tuple[About, list[Part]]:
    with drawn_in_subprocess(path, options.get("layer"), options.get("encoding"), wanted) as (about, parts):
        return about, list(parts)


def rows(parts: Sequence[Part], column: str) -> list[tuple[float, Any]]:
    """For every row where its point lies and the value of a column."""
    found: list[tuple[float, Any]] = []
    for part in parts:
        east = shapely.get_x(shapely.from_wkb(part.wkb))
        found.extend(zip(east.tolist(), part.columns[column], strict=True))
    return found


NAMES = [f"和平路{number}号" for number in range(25)]
WANTED = Wanted({"name": ("name", "名称")}, ["编号"])


@pytest.mark.parametrize("stated", [-5, 0, 3])
def test_rows_beyond_those_that_a_geopackage_states_come_too(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, stated: int
) -> None:
    path = save(tmp_path / "doors.gpkg", NAMES)
    with contextlib.closing(sqlite3.connect(path)) as file, file:
        file.execute("update gpkg_ogr_contents set feature_count = ?", (stated,))
    monkeypatch.setattr(drawn, "AT_ONCE", 10)
    _about, *parts = read_drawn(path, None, None, WANTED)
    assert [name for _east, name in rows([part for part in parts if isinstance(part, Part)], "name")] == NAMES


@pytest.mark.parametrize("at_once", [1, 7, 25, 100])
@pytest.mark.parametrize("name", ["doors.gpkg", "doors.shp", "doors.fgb", "doors.geojson"])
def test_each_row_comes_once_with_its_own_values(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, at_once: int
) -> None:
    monkeypatch.setattr(drawn, "AT_ONCE", at_once)
    options = {"encoding": "GBK"} if name.endswith(".shp") else {}
    about, *parts = read_drawn(save(tmp_path / name, NAMES, **options), None, None, WANTED)
    assert isinstance(about, About)
    assert about.found == {"name": "名称"}
    assert len(set(about.fields["名称"]) & set(NAMES)) == 3
    given = [part for part in parts if isinstance(part, Part)]
    assert max(len(part.wkb) for part in given) <= at_once
    assert sorted(rows(given, "name")) == [(float(number), text) for number, text in enumerate(NAMES)]
    assert sorted(rows(given, "编号")) == [(float(number), number) for number in range(len(NAMES))]


def test_the_limited_process_gives_the_same(tmp_path: Path) -> None:
    about, parts = whole(save(tmp_path / "doors.gpkg", NAMES), WANTED)
    assert (about.name, about.crs, about.crs_by) == ("doors", "EPSG:4490", "file")
    assert rows(parts, "name") == [(float(number), text) for number, text in enumerate(NAMES)]


def test_deleted_rows_of_a_shapefile_have_no_shape(tmp_path: Path) -> None:
    shp = save(tmp_path / "doors.shp", NAMES, encoding="GBK")
    table = bytearray(shp.with_suffix(".dbf").read_bytes())
    header, size = struct.unpack("<HH", table[8:12])
    table[header + 4 * size] = ord("*")
    shp.with_suffix(".dbf").write_bytes(table)
    _about, (part,) = whole(shp, WANTED)
    assert [number for number, wkb in enumerate(part.wkb) if wkb is None] == [4]


def test_a_table_with_fewer_rows_than_shapes_is_damaged(tmp_path: Path) -> None:
    shp, other = save(tmp_path / "doors.shp", NAMES), save(tmp_path / "few.shp", NAMES[:3])
    shp.with_suffix(".dbf").write_bytes(other.with_suffix(".dbf").read_bytes())
    with pytest.raises(FormatError) as refusal:
        whole(shp, WANTED)
    assert refusal.value.code == "damaged"


def test_a_field_is_found_in_any_case_and_the_first_candidate_wins(tmp_path: Path) -> None:
    path = tmp_path / "a.gpkg"
    columns = [np.array(["a"], dtype=object), np.array(["b"], dtype=object)]
    point = shapely.to_wkb(shapely.points([[1.0, 2.0]]))
    pyogrio.raw.write(
        path, geometry=point, field_data=columns, fields=["REF", "Name"], geometry_type="Point", crs="EPSG:4490"
    )
    about, parts = whole(path, Wanted({"name": ("name", "ref"), "class": ("highway",)}))
    assert about.found == {"name": "Name"}
    assert parts[0].columns == {"name": ["b"]}


def test_tags_of_openstreetmap_are_fields_too(tmp_path: Path) -> None:
    path = tmp_path / "a.gpkg"
    tags = np.array(['"addr:housenumber"=>"5 \\"B\\"","addr:street"=>"A, B"', None], dtype=object)
    points = shapely.to_wkb(shapely.points([[1.0, 2.0], [3.0, 4.0]]))
    pyogrio.raw.write(
        path, geometry=points, field_data=[tags], fields=["other_tags"], geometry_type="Point", crs="EPSG:4490"
    )
    about, parts = whole(path, Wanted({"name": ("housenumber", "addr:housenumber"), "street": ("addr:street",)}))
    assert about.found["name"] == "other_tags:addr:housenumber"
    assert parts[0].columns == {"name": ['5 "B"', None], "street": ["A, B", None]}


@pytest.mark.parametrize(
    ("wanted", "field"),
    [(Wanted({"name": ("路名",)}, must=("name",)), "路名"), (Wanted(fields=("宽度",)), "宽度")],
)
def test_a_field_that_a_person_named_must_be_there(tmp_path: Path, wanted: Wanted, field: str) -> None:
    with pytest.raises(FormatError) as refusal:
        whole(save(tmp_path / "doors.gpkg", NAMES), wanted)
    assert refusal.value.code == "unknown_field"
    assert refusal.value.params == {"field": field, "fields": ["名称", "编号"]}


def test_a_layer_must_be_chosen_and_may_hold_points(tmp_path: Path) -> None:
    path = save(tmp_path / "doors.gpkg", NAMES, layer="doors")
    save(path, NAMES[:2], layer="gates", append=True)
    with pytest.raises(FormatError) as refusal:
        whole(path, WANTED)
    assert (refusal.value.code, refusal.value.params["layers"]) == ("choose_layer", ["doors", "gates"])
    about, parts = whole(path, WANTED, layer="gates")
    assert (about.name, len(parts[0].wkb)) == ("gates", 2)
    with pytest.raises(FormatError) as refusal:
        whole(path, WANTED, layer="windows")
    assert refusal.value.code == "no_such_layer"


def test_a_layer_without_rows_is_refused(tmp_path: Path) -> None:
    with pytest.raises(FormatError) as refusal:
        whole(save(tmp_path / "doors.gpkg", []), WANTED)
    assert refusal.value.code == "empty_layer"
