"""Drawings as GDAL reads them: closed lines and texts on their layers, every digit."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import shapely
from pyogrio.raw import read
from shapely.geometry.base import BaseGeometry

from gis.crs import geometries_in, named_crs
from gis.errors import CrsError, FormatError
from gis.formats import Drawing, write_drawing
from tests.unit.gis.layers import LEFT, NAMES, PAIR

HOLE = [(116.1, 39.1), (116.2, 39.1), (116.2, 39.3)]
LAYERS = ["county", "street"]


def drawn(path: Path) -> list[tuple[str, str | None, BaseGeometry]]:
    """Layer, text and shape of everything in the drawing."""
    meta, _, wkb, columns = read(str(path))
    fields: dict[str, Any] = dict(zip(meta["fields"], columns, strict=True))
    return list(zip(fields["Layer"], fields["Text"], shapely.force_2d(shapely.from_wkb(wkb)), strict=True))


def drawing(*texts: str) -> Drawing:
    return Drawing(PAIR, shapely.point_on_surface(PAIR), LAYERS, texts)


@pytest.mark.parametrize("crs", ["EPSG:4490", "EPSG:4548", "gcj02"])
def test_outlines_are_closed_lines_and_names_stand_at_their_points(tmp_path: Path, crs: str) -> None:
    pierced = shapely.MultiPolygon([shapely.Polygon(LEFT.exterior, [HOLE]), shapely.box(118, 39, 119, 40)])
    polygons = np.array([pierced, PAIR[1]], dtype=object)
    points = shapely.points([(116.4000001, 39.5), (116.7, 39.4)])
    write_drawing(tmp_path / "a.dxf", Drawing(polygons, points, LAYERS, NAMES), named_crs(crs))
    found = drawn(tmp_path / "a.dxf")
    assert [(layer, text, shape.geom_type) for layer, text, shape in found] == [
        ("county", None, "LineString"), ("county", None, "LineString"), ("county", None, "LineString"),
        ("county", "安次区", "Point"), ("street", None, "LineString"), ("street", "广阳区", "Point"),
    ]  # fmt: skip
    lines = [shape for _, _, shape in found if shape.geom_type == "LineString"]
    assert shapely.is_closed(lines).all()
    expected = shapely.get_coordinates(geometries_in(polygons, named_crs(crs)))
    assert (shapely.get_coordinates(lines) == expected).all()
    places = shapely.get_coordinates([shape for _, text, shape in found if text])
    assert (places == shapely.get_coordinates(geometries_in(points, named_crs(crs)))).all()
    assert [path.name for path in tmp_path.iterdir()] == ["a.dxf"]


def test_what_cad_would_take_for_a_code_or_gbk_lacks_is_escaped(tmp_path: Path) -> None:
    write_drawing(tmp_path / "a.dxf", drawing("5% %%c^J\\P\n0", "㐀乗"), named_crs("4490"))
    texts = [text for _, text, _ in drawn(tmp_path / "a.dxf") if text]
    assert texts == [r"5% \U+0025\U+0025c\U+005EJ\U+005CP\U+000A0", r"\U+3400乗"]


def test_what_a_drawing_cannot_say_is_refused_and_no_file_left(tmp_path: Path) -> None:
    with pytest.raises(FormatError) as caught:
        write_drawing(tmp_path / "a.dxf", drawing("东𡋾村", "b"), named_crs("4490"))
    assert (caught.value.code, caught.value.params["character"]) == ("not_in_drawing", "𡋾")
    with pytest.raises(CrsError):
        write_drawing(tmp_path / "a.dxf", drawing(*NAMES), named_crs("EPSG:4534"))
    with pytest.raises(ValueError, match="cannot name a layer"):
        write_drawing(tmp_path / "a.dxf", Drawing(PAIR, PAIR, ["县", "b"], NAMES), named_crs("4490"))
    with pytest.raises(FormatError) as caught:
        write_drawing(tmp_path / "none" / "a.dxf", drawing(*NAMES), named_crs("4490"))
    assert caught.value.code == "cannot_write"
    assert list(tmp_path.iterdir()) == []
