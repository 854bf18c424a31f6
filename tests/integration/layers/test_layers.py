"""Reference layers brought in: what comes of a file, what is left out and counted, what is refused with its remedy."""

from __future__ import annotations

import json
import zipfile
from pathlib import Path
from typing import Any

import pytest
import shapely
from pyproj import Transformer
from sqlalchemy import text

from core.actor import Actor
from core.db.session import reading, work
from core.errors import Forbidden, Invalid, NotFound
from core.intake.refusals import Refusal
from core.layers import queries, service, tiles
from core.layers.service import LayerChange
from core.layers.taken import Taken
from core.layers.views import LayerOptions, LayerView
from tests.integration.grids.planting import SOUTH, WEST, plant
from tests.integration.layers.laying import TESTER, at, drawn, lay, mercator, save

LON, LAT = WEST + 0.05, SOUTH + 0.05


def line(*points: tuple[float, float]) -> shapely.LineString:
    """A line by metres, roughly, from a place in the city."""
    return shapely.LineString([(LON + x / 86_000, LAT + y / 111_000) for x, y in points])


def square(x: float, y: float, size: float) -> shapely.Polygon:
    return shapely.box(LON + x / 86_000, LAT + y / 111_000, LON + (x + size) / 86_000, LAT + (y + size) / 111_000)


BOW = shapely.Polygon([(LON, LAT), (LON + 0.001, LAT + 0.001), (LON + 0.001, LAT), (LON, LAT + 0.001)])


@pytest.fixture(autouse=True)
def _city(database: str) -> None:
    plant()


def layers() -> list[LayerView]:
    with reading(TESTER) as session:
        return queries.layers(session)


def zoom_from(code: str, lon: float = LON, lat: float = LAT) -> int:
    """The first zoom whose tile there has something."""
    (view,) = [each for each in layers() if each.code == code]
    return next(zoom for zoom in range(view.min_zoom, 17) if drawn(code, at(zoom, lon, lat)))


def test_roads_come_in_with_name_and_class(tmp_path: Path) -> None:
    roads = [line((0, 0), (900, 0)), line((0, 10), (900, 10))]
    columns = {"路名": ["和平路", " 新华\n路 "], "道路等级": ["主干路", None], "宽度": [24.5, 18.0]}
    file = save(tmp_path / "roads.gpkg", roads, columns)
    brought = lay(file, "roads", source="市自然资源局", licence="内部使用", attributes=("宽度",))
    view = brought.layer
    assert (view.code, view.title_zh, view.title_en, view.features) == ("roads", "道路", "Roads", 2)
    assert brought.found == {"name": "路名", "class": "道路等级"}
    assert view.attribution == "市自然资源局 · 内部使用"
    assert view.extent == pytest.approx(shapely.total_bounds(roads), abs=1e-6)
    found = drawn("roads", at(16, LON, LAT))
    assert sorted(each["name"] for each in found) == ["和平路", "新华 路"]
    assert [each.get("class") for each in found] == ["主干路", None]
    with reading(TESTER) as session:
        kept = session.scalars(text("select attributes from core.layer_feature order by id")).all()
    assert kept == [{"宽度": 24.5}, {"宽度": 18.0}]


def test_attributes_are_kept_as_they_are_written_but_for_nul(tmp_path: Path) -> None:
    said = [r'the letters \u0000" and a \ at the end\\', "one\0two"]
    rows = [
        {"type": "Feature", "properties": {"note": each}, "geometry": shapely.geometry.mapping(line((0, 0), (900, 0)))}
        for each in said
    ]
    file = tmp_path / "roads.geojson"
    file.write_text(json.dumps({"type": "FeatureCollection", "features": rows[:1]}))
    lay(file, "roads", attributes=("note",))
    with reading(TESTER) as session:
        assert session.scalar(text("select attributes from core.layer_feature")) == {"note": said[0]}
    file.write_text(json.dumps({"type": "FeatureCollection", "features": rows[1:]}))
    with pytest.raises(Refusal):
        lay(file, "roads", attributes=("note",))


def test_main_roads_are_drawn_before_side_roads_and_paths(tmp_path: Path) -> None:
    for code, klass in (("trunk", "motorway"), ("main", "主干路"), ("street", "residential"), ("path", "footway")):
        file = save(tmp_path / f"{code}.gpkg", [line((0, 0), (900, 0))], {"class": [klass]})
        lay(file, "roads", code=code)
    firsts = [zoom_from(code) for code in ("trunk", "main", "street", "path")]
    assert firsts == sorted(set(firsts))


def test_small_water_comes_later_than_large(tmp_path: Path) -> None:
    lay(save(tmp_path / "lake.gpkg", [square(0, 0, 5000)], {}), "water", code="lake")
    lay(save(tmp_path / "pond.gpkg", [square(0, 0, 40)], {}), "water", code="pond")
    assert zoom_from("lake") < zoom_from("pond")


def test_what_is_no_feature_is_left_out_and_counted(tmp_path: Path) -> None:
    shapes = [
        square(0, 0, 20), None, shapely.Point(LON, LAT), BOW,
        shapely.affinity.translate(square(0, 0, 20), 3.0, 0.0), shapely.Polygon(),
        shapely.box(WEST - 0.0001, LAT, WEST + 0.0001, LAT + 0.0002),
    ]  # fmt: skip
    brought = lay(save(tmp_path / "b.gpkg", shapes, {"name": [f"{n} 号楼" for n in range(len(shapes))]}), "buildings")
    assert (brought.read, brought.layer.features, brought.mended) == (7, 3, 1)
    assert brought.layer.left_out == {"empty": 2, "other_shape": 1, "outside": 1}
    assert sorted(each["name"] for each in drawn("buildings", at(16, LON, LAT))) == ["0 号楼", "3 号楼"]


def test_house_numbers_are_points_with_a_number(tmp_path: Path) -> None:
    shapes = [shapely.Point(LON, LAT), square(30, 30, 10), shapely.Point(LON + 0.0001, LAT)]
    brought = lay(save(tmp_path / "n.gpkg", shapes, {"门牌号": ["12", "14甲", None]}), "housenumbers")
    assert (brought.layer.features, brought.layer.geometry_type) == (2, "point")
    assert brought.layer.left_out == {"unnamed": 1}
    found = {each["name"]: each["shape"] for each in drawn("housenumbers", at(16, LON, LAT))}
    assert set(found) == {"12", "14甲"}
    assert found["14甲"].within(mercator(square(30, 30, 10)))


def shapefile(folder: Path, crs: str | None = "EPSG:4548", encoding: str = "GBK") -> Path:
    """A shapefile in a Gauss-Krüger zone, its texts in GBK without a word of it; without ``crs`` no .prj."""
    metres = Transformer.from_crs(4490, 4548, always_xy=True)
    road = shapely.transform(line((0, 0), (900, 0)), metres.transform, interleaved=False)
    shp = folder / "道路.shp"
    save(shp, [road], {"名称": ["和平路"]}, crs="EPSG:4548", encoding=encoding)
    target = folder / "roads.zip"
    with zipfile.ZipFile(target, "w") as archive:
        for part in folder.glob("道路.*"):
            if part.suffix != ".cpg" and (crs or part.suffix != ".prj"):
                archive.write(part, part.name)
    return target


def test_a_shapefile_in_gbk_and_metres_lands_where_it_belongs(tmp_path: Path) -> None:
    assert lay(shapefile(tmp_path), "roads").layer.crs == "EPSG:4548"
    (found,) = drawn("roads", at(16, LON + 0.001, LAT))
    assert found["name"] == "和平路"
    assert shapely.distance(found["shape"], mercator(shapely.Point(LON + 0.001, LAT))) < 0.5


def test_a_file_without_a_coordinate_system_is_refused_with_the_likely_one(tmp_path: Path) -> None:
    file = shapefile(tmp_path, crs=None)
    with pytest.raises(Refusal) as refusal:
        lay(file, "roads")
    (remedy,) = refusal.value.remedies
    assert (remedy.code, remedy.params["crs"]) == ("crs", "EPSG:4548")
    assert lay(file, "roads", crs="EPSG:4548").layer.features == 1


def test_a_zone_that_is_not_the_true_one_is_refused_with_the_true_one(tmp_path: Path) -> None:
    with pytest.raises(Refusal) as refusal:
        lay(shapefile(tmp_path), "roads", crs="EPSG:4546")
    assert refusal.value.suggested == {"crs": "EPSG:4548"}
    assert layers() == []


def test_a_file_of_a_whole_province_is_taken_though_it_begins_elsewhere(tmp_path: Path) -> None:
    """Where the eastings of another zone would fall into the city, the stated one still holds."""
    to_metres = Transformer.from_crs(4490, 4548, always_xy=True).transform
    away = shapely.affinity.translate(line((0, 0), (900, 0)), 3.0, 0.0)
    roads = [shapely.transform(road, to_metres, interleaved=False) for road in (*[away] * 40, line((0, 0), (900, 0)))]
    brought = lay(save(tmp_path / "roads.gpkg", roads, {"name": ["路"] * 41}, crs="EPSG:4548"), "roads")
    assert (brought.layer.features, brought.layer.left_out) == (1, {"outside": 40})


def test_amap_coordinates_are_moved_back(tmp_path: Path) -> None:
    file = save(tmp_path / "roads.gpkg", [line((0, 0), (900, 0))], {"name": ["和平路"]})
    plain, amap = (
        lay(file, "roads", code=code, crs=crs).layer.extent for code, crs in (("plain", None), ("amap", "gcj02"))
    )
    east, north = (plain[0] - amap[0]) * 86_000, (plain[1] - amap[1]) * 111_000
    assert 300 < east < 800
    assert 50 < north < 400


def test_a_second_import_replaces_the_first_and_its_tiles(tmp_path: Path) -> None:
    key = at(16, LON, LAT)
    first = lay(save(tmp_path / "a.gpkg", [line((0, 0), (90, 0))], {"name": ["甲路"]}), "roads", title_zh="街道")
    assert [each["name"] for each in drawn("roads", key)] == ["甲路"]
    assert first.replaced is None
    second = lay(save(tmp_path / "b.gpkg", [line((0, 0), (90, 0))], {"name": ["乙路"]}), "roads", replace=True)
    assert [each["name"] for each in drawn("roads", key)] == ["乙路"]
    assert second.layer.version > first.layer.version
    assert second.layer.title_zh == "街道"
    assert second.layer.id == first.layer.id
    assert second.replaced == 1


def test_source_and_licence_of_an_old_file_never_stay_beside_a_new_one(tmp_path: Path) -> None:
    file = save(tmp_path / "a.gpkg", [line((0, 0), (90, 0))], {"name": ["甲路"]})
    lay(file, "roads", source="示范数据", licence="虚构", min_zoom=9, shown=False)
    view = lay(file, "roads", source="县住建局 2026", replace=True).layer
    assert view.attribution == "县住建局 2026"
    assert (view.min_zoom, view.shown) == (9, False)


def test_a_layer_that_is_there_is_not_replaced_unasked(tmp_path: Path) -> None:
    key = at(16, LON, LAT)
    lay(save(tmp_path / "a.gpkg", [line((0, 0), (90, 0)), line((0, 9), (90, 9))], {"name": ["甲路", "乙路"]}), "roads")
    before = layers()
    one = save(tmp_path / "b.gpkg", [line((0, 0), (90, 0)), None], {"name": ["丙路", "空"]})
    with pytest.raises(Taken) as question:
        lay(one, "roads", source="县住建局 2026")
    asked = question.value
    assert (asked.layer.features, asked.brings, asked.free) == (2, 1, "roads-2")
    assert layers() == before
    assert sorted(each["name"] for each in drawn("roads", key)) == ["乙路", "甲路"]
    lay(one, "roads", code=asked.free)
    assert [(each.code, each.features) for each in layers()] == [("roads", 2), ("roads-2", 1)]
    with pytest.raises(Taken) as question:
        lay(one, "roads")
    assert question.value.free == "roads-3"


def test_a_refused_import_leaves_what_was_there(tmp_path: Path) -> None:
    lay(save(tmp_path / "a.gpkg", [line((0, 0), (90, 0))], {"name": ["甲路"]}), "roads")
    before = layers()
    points = save(tmp_path / "b.gpkg", [shapely.Point(LON, LAT)], {"name": ["乙"]})
    with pytest.raises(Refusal, match="None of the 1 rows can be drawn"):
        lay(points, "roads")
    assert layers() == before
    assert [each["name"] for each in drawn("roads", at(16, LON, LAT))] == ["甲路"]


def test_a_version_is_never_used_twice(tmp_path: Path) -> None:
    file = save(tmp_path / "a.gpkg", [line((0, 0), (90, 0))], {"name": ["甲路"]})
    first = lay(file, "roads").layer
    with work(TESTER) as session:
        service.remove_layer(session, "roads")
    with reading(TESTER) as session, pytest.raises(NotFound):
        queries.layer_by_code(session, "roads")
    assert lay(file, "roads").layer.version > first.version


@pytest.mark.parametrize(
    ("options", "pointer"),
    [
        ({"code": "Roads 1"}, "/code"),
        ({"title_zh": " "}, "/title_zh"),
        ({"source": "x" * 201}, "/source"),
        ({"min_zoom": 17}, "/min_zoom"),
    ],
)
def test_a_wrong_option_is_named(tmp_path: Path, options: dict[str, Any], pointer: str) -> None:
    file = save(tmp_path / "a.gpkg", [line((0, 0), (90, 0))], {"name": ["甲路"]})
    with pytest.raises(Invalid) as refusal:
        lay(file, "roads", **options)
    assert [each.pointer for each in refusal.value.objections] == [pointer]


def test_a_field_that_is_not_there_is_refused_with_those_that_are(tmp_path: Path) -> None:
    file = save(tmp_path / "a.gpkg", [line((0, 0), (90, 0))], {"路名": ["甲路"]})
    with pytest.raises(Refusal) as refusal:
        lay(file, "roads", name_field="名字")
    assert refusal.value.text.params == {"field": "名字", "fields": refusal.value.text.params["fields"]}
    assert str(refusal.value.text.params["fields"]) == "路名"


def test_below_its_first_zoom_a_layer_has_no_tiles(tmp_path: Path) -> None:
    lay(save(tmp_path / "a.gpkg", [line((0, 0), (90, 0))], {"name": ["甲路"]}), "roads")
    with work(TESTER) as session:
        assert service.set_layer(session, "roads", LayerChange(min_zoom=14, shown=False)).min_zoom == 14
    with reading(TESTER) as session:
        assert tiles.find_tile(session, "roads", *at(13, LON, LAT)) is None
        assert tiles.find_tile(session, "roads", *at(14, LON, LAT)) is not None


def test_layers_lie_in_the_order_given(tmp_path: Path) -> None:
    file = save(tmp_path / "a.gpkg", [square(0, 0, 90)], {"name": ["甲"]})
    for kind in ("roads", "buildings", "water"):
        lay(file, kind)
    assert [each.code for each in layers()] == ["water", "buildings", "roads"]
    with work(TESTER) as session:
        service.order_layers(session, ["roads", "water", "buildings"])
    assert [each.code for each in layers()] == ["roads", "water", "buildings"]
    with work(TESTER) as session:
        service.order_layers(session, ["water"])
    assert [each.code for each in layers()] == ["water", "roads", "buildings"], "those not named lie above, as they lay"


def test_who_may_not_import_grids_changes_no_layer(tmp_path: Path) -> None:
    stranger = Actor("user:1", "nobody", "")
    file = save(tmp_path / "a.gpkg", [line((0, 0), (90, 0))], {"name": ["甲路"]})
    with pytest.raises(Forbidden):
        lay(file, "roads", stranger)
    lay(file, "roads")
    with work(stranger) as session, pytest.raises(Forbidden):
        service.set_layer(session, "roads", LayerChange(shown=False))
    with work(stranger) as session, pytest.raises(Forbidden):
        service.remove_layer(session, "roads")


def test_the_journal_tells_what_came_and_what_went(tmp_path: Path) -> None:
    lay(save(tmp_path / "a.gpkg", [line((0, 0), (90, 0))], {"name": ["甲路"]}), "roads")
    with work(TESTER) as session:
        service.remove_layer(session, "roads")
    with reading(TESTER) as session:
        sql = "select action from core.journal where action in ('layer.import', 'layer.remove') order by id"
        assert session.scalars(text(sql)).all() == ["layer.import", "layer.remove"]


def test_options_survive_being_kept() -> None:
    options = LayerOptions(
        "roads", code="ways", replace=True, attributes=("宽度",), crs="gcj02", min_zoom=9, shown=True
    )
    assert LayerOptions.from_json(options.as_json()) == options
