"""What the geometry engine refuses, as texts that can be translated."""

from __future__ import annotations

import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest
import shapely
from babel.messages.catalog import Catalog

from core.gistext import KINDS, PHRASES, PLACES, TEXTS, explain, phrase
from gis.crs import parse_crs
from gis.defects import defects
from gis.errors import CoverageError, GisError
from gis.formats import read_layer
from gis.lattice import from_degrees
from gis.notes import note
from tests.unit.gis.layers import PAIR, feature, geojson, names_dbf, shapefile_zip
from web import i18n
from web.i18n import merged, translate_text


@pytest.fixture(scope="module")
def chinese() -> Catalog:
    return merged("zh")


def test_every_text_is_chinese_too_with_the_same_values(chinese: Catalog) -> None:
    for message in [message for _code, message in TEXTS] + [*KINDS.values(), *PHRASES]:
        found = chinese.get(message)
        assert found is not None, message
        assert sorted(PLACES.findall(str(found.string))) == sorted(PLACES.findall(message))


def test_people_count_polygons_from_one() -> None:
    with pytest.raises(GisError) as caught:
        from_degrees([shapely.box(116, 39, 216, 40)])
    assert caught.value.params["index"] == 0
    assert "of polygon 1 " in str(explain(caught.value))


def test_a_known_error_keeps_its_values_apart() -> None:
    with pytest.raises(GisError) as caught:
        parse_crs("EPSG:99999")
    text = explain(caught.value)
    assert text.params["crs"] == "EPSG:99999"
    assert "EPSG:99999" not in text.message


def test_of_several_texts_the_one_whose_values_are_there(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as archive:
        archive.writestr("../a.shp", b"")
    with pytest.raises(GisError) as caught:
        read_layer(tmp_path / "a.zip")
    assert "../a.shp" in str(explain(caught.value))


@pytest.fixture
def in_chinese(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A terminal that speaks Chinese."""
    monkeypatch.setenv("LC_ALL", "zh_CN.UTF-8")
    i18n._terminal.cache_clear()
    yield
    i18n._terminal.cache_clear()


def test_notes_of_a_file_are_read_in_chinese(tmp_path: Path, in_chinese: None) -> None:
    layer = read_layer(shapefile_zip(tmp_path, names_dbf("gbk"), cpg="UTF-8"))
    assert [translate_text(explain(said)) for said in layer.notes] == [
        "Shapefile 的属性表：文件声明的编码为 UTF-8，实为 gbk，已按后者读取"
    ]


def test_a_shape_named_in_an_error_is_named_in_chinese(tmp_path: Path, in_chinese: None) -> None:
    path = geojson(tmp_path / "a.geojson", feature(PAIR[0]), feature(shapely.centroid(PAIR[1])))
    with pytest.raises(GisError) as caught:
        read_layer(path)
    assert "点" in translate_text(explain(caught.value))
    assert "point" not in translate_text(explain(caught.value))


@pytest.mark.parametrize(
    "wkt",
    [
        "POLYGON ((0 0, 9 9, 9 0, 0 9, 0 0))",
        "POLYGON ((0 0, 9 0, 9 9, 0 9, 0 0), (20 20, 20 30, 30 30, 30 20, 20 20))",
        "POLYGON ((0 0, 99 0, 99 99, 0 99, 0 0), (10 10, 10 80, 80 80, 80 10, 10 10), (20 20, 20 30, 30 30, 20 20))",
        "MULTIPOLYGON (((0 0, 99 0, 99 99, 0 99, 0 0)), ((10 10, 80 10, 80 80, 10 10)))",
        "POLYGON ((0 0, 9 0, 5 0, 9 9, 0 9, 0 0))",
        "POLYGON ((0 0, 5 5, 9 0, 9 9, 5 5, 0 9, 0 0))",
        "POLYGON ((0 0, 9 0, 9 9, 0 9, 0 0), (0 0, 5 9, 9 5, 0 0))",
        "POLYGON EMPTY",
    ],
)
def test_what_geos_finds_wrong_is_known_to_the_phrases(wkt: str) -> None:
    found = [defect.detail for defect in defects([shapely.from_wkt(wkt)]) if defect.kind in ("invalid", "empty")]
    assert [detail for detail in found if detail not in PHRASES] == []
    assert found


def test_unknown_words_speak_for_themselves() -> None:
    assert str(phrase("100 % odd")) == "100 % odd"
    assert str(explain(note("a new remark", code="new"))) == "a new remark"


def test_an_unknown_error_speaks_for_itself() -> None:
    assert str(explain(CoverageError("the sky fell", code="sky"))) == "the sky fell"
