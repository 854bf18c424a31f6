"""The limited process: the same layer, the same errors, and an answer whatever the file does to it."""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import pytest
import shapely

from gis.errors import FormatError
from gis.formats import read_layer, write_layer
from gis.sandbox import read_layer_in_subprocess
from tests.unit.gis.layers import CODES, NAMES, PAIR, names_dbf, pack, shapefile_zip


def test_the_layer_is_the_same_as_read_here(tmp_path: Path) -> None:
    path = tmp_path / "a.gpkg"
    shapes = np.array([*PAIR, None], dtype=object)
    write_layer(path, "区县", shapes, {"code": [*CODES, None], "n": [1.5, 2, None]})
    here, there = read_layer(path), read_layer_in_subprocess(path)
    assert there.geometries[2] is None
    assert shapely.equals_exact(there.geometries[:2], here.geometries[:2], 0.0).all()
    assert (there.name, there.fields, there.crs, there.encoding, there.notes, there.layers) == (
        here.name, here.fields, here.crs, here.encoding, here.notes, here.layers,
    )  # fmt: skip


def test_layer_and_encoding_are_passed_on(tmp_path: Path) -> None:
    path = shapefile_zip(tmp_path, names_dbf("gbk"), cpg="UTF-8")
    layer = read_layer_in_subprocess(path, "counties", "gbk")
    assert (layer.layers, layer.fields["名称"]) == (("counties",), NAMES)
    believed = read_layer_in_subprocess(path)
    assert [note.params["found"] for note in believed.notes] == ["gbk"]


def test_errors_come_back_with_code_and_facts(tmp_path: Path) -> None:
    path = pack(tmp_path / "a.zip", {f"{i}.shp": b"" for i in range(300)})
    with pytest.raises(FormatError) as caught:
        read_layer_in_subprocess(path)
    assert (caught.value.code, caught.value.params) == ("zip_too_many", {"entries": 300, "limit": 200})
    assert "300 entries" in str(caught.value)


def wide_layer(path: Path) -> Path:
    """A layer of many vertices, some 60 MB as GeoJSON."""
    angle = np.linspace(0, 2 * np.pi, 400_000)
    circle = shapely.Polygon(np.column_stack([116 + np.cos(angle), 39 + np.sin(angle)]))
    write_layer(path, "x", np.array([circle] * 4, dtype=object), {"n": [1, 2, 3, 4]})
    return path


def test_too_little_time_is_said_so(tmp_path: Path) -> None:
    with pytest.raises(FormatError) as caught:
        read_layer_in_subprocess(wide_layer(tmp_path / "a.geojson"), seconds=1)
    assert (caught.value.code, caught.value.params["what"]) == ("too_large", "time")


@pytest.mark.parametrize("memory_mb", [64, *(pytest.param(mb, marks=pytest.mark.long) for mb in (250, 400))])
def test_too_little_memory_is_said_so(tmp_path: Path, memory_mb: int) -> None:
    """GDAL may fall over where memory ends; then the message names both possible causes."""
    with pytest.raises(FormatError) as caught:
        read_layer_in_subprocess(wide_layer(tmp_path / "a.geojson"), memory_mb=memory_mb)
    assert caught.value.code in ("too_large", "crashed")
    assert f"{memory_mb} MB of memory" in str(caught.value)


def test_a_pipe_is_no_file_and_is_not_waited_for(tmp_path: Path) -> None:
    pipe = tmp_path / "a.geojson"
    os.mkfifo(pipe)
    with pytest.raises(FormatError) as caught:
        read_layer_in_subprocess(pipe)
    assert caught.value.code == "not_found"


def test_a_crash_of_the_reader_is_a_clear_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "python").write_text("#!/bin/sh\nkill -SEGV $$\n")
    (tmp_path / "python").chmod(0o755)
    monkeypatch.setattr("sys.executable", str(tmp_path / "python"))
    with pytest.raises(FormatError) as caught:
        read_layer_in_subprocess(tmp_path / "a.gpkg")
    assert caught.value.code == "crashed"


def test_nothing_is_left_in_the_temporary_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "t"))
    (tmp_path / "t").mkdir()
    path = shapefile_zip(tmp_path, names_dbf("gbk"))
    read_layer_in_subprocess(path)
    with pytest.raises(FormatError):
        read_layer_in_subprocess(path, "no such layer")
    assert list((tmp_path / "t").iterdir()) == []
