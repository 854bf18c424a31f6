"""Langfang out into files and in again, bit for bit on the lattice."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import shapely

from core.db.cluster import Cluster
from core.db.session import reading
from core.grids.queries import tree
from core.grids.reading import load_shapes
from tests.integration.grids.bringing import TESTER, bring, proven
from tests.integration.grids.test_export import another_database, export

pytestmark = pytest.mark.real

Data = Callable[[str], Path]


def counties() -> dict[str, tuple[str, bytes]]:
    """Of each county its name and its outline, vertex for vertex."""
    with reading(TESTER) as session:
        loaded = load_shapes(session, "s.parent_id is not null")
        names = {row.code: row.name for row in tree(session, None, None)}
    return {c: (names[c], shapely.to_wkb(p)) for c, p in zip(loaded.codes, loaded.polygons, strict=True)}


@pytest.mark.parametrize(
    ("file", "options"),
    [
        ("out.gpkg", {}),
        ("out.zip", {}),
        ("out.zip", {"encoding": "gbk"}),
        ("out.zip", {"crs": "EPSG:4548", "encoding": "gbk"}),
        ("out.gpkg", {"crs": "EPSG:4527"}),
        ("out.geojson", {"crs": "gcj02"}),
    ],
)
def test_langfang_goes_out_and_comes_in_bit_for_bit(
    database: str, cluster: Cluster, real_data: Data, tmp_path: Path, file: str, options: dict[str, Any]
) -> None:
    city = real_data("admin/langfang_city_tianditu_4490.geojson")
    assert not bring(city, "city").refused
    assert not bring(real_data("admin/langfang_counties_tianditu_4490.geojson"), "county").refused
    before = counties()
    assert export(tmp_path / file, "131000", all_levels=False, **options) == len(before) == 10
    with another_database(cluster):
        bring(city, "city")
        assert not bring(tmp_path / file, "county", limited=True).refused
        assert counties() == before
        assert proven().exact
