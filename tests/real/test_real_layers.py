"""Streets, buildings and house numbers of a real city centre as reference layers: tiles against the source itself."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pyogrio
import pytest
import shapely

from tests.integration.layers.laying import at, drawn, frame, lay, mercator

pytestmark = pytest.mark.real

FILE = "osm/helsinki_centre_layers.gpkg.zip"
PLACES = ((24.9410, 60.1700), (24.9450, 60.1750), (24.9500, 60.1680))


def source(path: Path, layer: str) -> list[tuple[dict[str, Any], Any]]:
    """Rows by GDAL alone: fields, and shapes in web mercator metres."""
    meta, _ids, wkb, columns = pyogrio.raw.read(f"/vsizip/{path}", layer=layer)
    names = meta["fields"].tolist()
    return [
        (dict(zip(names, values, strict=True)), mercator(shape))
        for shape, *values in zip(shapely.from_wkb(wkb), *columns, strict=True)
    ]


def union(shapes: list[Any]) -> Any:
    return shapely.union_all([shapely.make_valid(shape) for shape in shapes])


@pytest.fixture
def file(database: str, real_data: Callable[[str], Path]) -> Path:
    return real_data(FILE)


@pytest.mark.parametrize("place", PLACES)
def test_the_deepest_tiles_hold_what_the_source_has_there(file: Path, place: tuple[float, float]) -> None:
    lay(file, "roads", layer="roads")
    key = at(16, *place)
    box = shapely.box(*frame(key))
    unit = (box.bounds[2] - box.bounds[0]) / 4096
    expected = [(row, shape) for row, shape in source(file, "roads") if shape.intersection(box).length > 2 * unit]
    found = [(each, each["shape"]) for each in drawn("roads", key)]
    assert len(expected) > 10
    drawn_m = sum(shape.intersection(box).length for _each, shape in found)
    assert drawn_m == pytest.approx(sum(shape.intersection(box).length for _row, shape in expected), rel=2e-3)
    for row, shape in expected:
        told = (row["name"], row["highway"])
        same = [other for each, other in found if (each.get("name"), each.get("class")) == told]
        wide, inside = shape.buffer(1.5 * unit), shape.intersection(box)
        assert any(wide.covers(other) and other.buffer(1.5 * unit).covers(inside) for other in same), row


def test_buildings_cover_what_the_source_covers(file: Path) -> None:
    brought = lay(file, "buildings", layer="buildings")
    assert brought.layer.features + sum(brought.layer.left_out.values()) == len(source(file, "buildings"))
    key = at(16, *PLACES[0])
    box = shapely.box(*frame(key))
    expected = union([shape for _row, shape in source(file, "buildings")]).intersection(box)
    found = union([each["shape"] for each in drawn("buildings", key)]).intersection(box)
    assert expected.area > 1000
    assert found.symmetric_difference(expected).area < 0.01 * expected.area


def test_house_numbers_stand_at_their_doors(file: Path) -> None:
    """OpenStreetMap's numbers lie among the tags that GDAL puts into one field."""
    brought = lay(file, "housenumbers", layer="addresses")
    rows = source(file, "addresses")
    numbered = [shape for row, shape in rows if '"addr:housenumber"=>' in (row["other_tags"] or "")]
    assert brought.layer.features == len(numbered)
    assert sum(brought.layer.left_out.values()) == len(rows) - len(numbered)
    key = at(16, *PLACES[0])
    box = shapely.box(*frame(key))
    inside = [shape for shape in numbered if shape.within(box)]
    found = [each for each in drawn("housenumbers", key) if each["shape"].within(box)]
    assert len(found) == len(inside) > 20
    assert all(each["name"] for each in found)
    tree = shapely.STRtree([each["shape"] for each in found])
    _ids, distances = tree.query_nearest(inside, return_distance=True)
    assert distances.max() < 0.3


def test_farther_out_the_streets_thin_but_stay_where_they_are(file: Path) -> None:
    lay(file, "roads", layer="roads")
    key = at(13, *PLACES[0])
    near = mercator(shapely.Point(*PLACES[0])).buffer(800)
    every = [shape for _row, shape in source(file, "roads")]
    found = [each["shape"].intersection(near) for each in drawn("roads", key)]
    assert 0 < len(found) < len(every)
    pixel = (frame(key)[2] - frame(key)[0]) / 256
    ways = shapely.union_all(every)
    corners = shapely.points(np.concatenate([shapely.get_coordinates(shape) for shape in found]))
    assert shapely.distance(corners, ways).max() <= pixel
