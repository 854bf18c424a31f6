"""What the geometry engine refuses, as texts that can be translated."""

from __future__ import annotations

import zipfile
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog

from core.grids.gistext import KINDS, PLACES, TEXTS, explain
from gis.crs import parse_crs
from gis.errors import CoverageError, GisError
from gis.formats import read_layer
from web.i18n import merged


@pytest.fixture(scope="module")
def chinese() -> Catalog:
    return merged("zh")


def test_every_text_is_chinese_too_with_the_same_values(chinese: Catalog) -> None:
    for message in [message for _code, message in TEXTS] + list(KINDS.values()):
        found = chinese.get(message)
        assert found is not None, message
        assert sorted(PLACES.findall(str(found.string))) == sorted(PLACES.findall(message))


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


def test_an_unknown_error_speaks_for_itself() -> None:
    assert str(explain(CoverageError("the sky fell", code="sky"))) == "the sky fell"
