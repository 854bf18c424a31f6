"""A field that is taken for the codes and most likely holds none is named in a warning; nobody is hindered."""

from __future__ import annotations

from pathlib import Path

import pytest

from core.grids.imports.draft import Prepared
from tests.integration.grids.bringing import bring, look
from tests.integration.grids.drawing import COUNTIES, NODED_CITY, draw, feature


@pytest.fixture
def city(database: str, tmp_path: Path) -> Path:
    assert not bring(draw(tmp_path / "city.geojson", NODED_CITY), "city").refused
    return tmp_path


def doubts(prepared: Prepared) -> list[str]:
    assert not prepared.refused
    return [str(warning) for warning in prepared.warnings if "field" in str(warning)]


@pytest.mark.parametrize(
    ("pairs", "said"),
    [
        ((("西县", "西县"), ("东县", "东县")), "the same as the name; does field code really"),
        ((("西", "西县"), ("东", "东县")), "No code has a digit, as 西"),
        ((("771", "西县"), ("772", "东县")), "No code begins with 1399"),
        ((("139901", "西县"), ("139902", "东县")), None),
    ],
)
def test_codes_that_are_most_likely_none_are_warned_of(
    city: Path, pairs: tuple[tuple[str, str], ...], said: str | None
) -> None:
    counties = [feature(code, part["geometry"], name) for (code, name), part in zip(pairs, COUNTIES, strict=True)]
    found = doubts(look(draw(city / "d.geojson", *counties), "county"))
    assert len(found) == (said is not None)
    assert said is None or said in found[0]
