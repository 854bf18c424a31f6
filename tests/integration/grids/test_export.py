"""Grids go out so that an outside program proves the coverage from the file, and come in again bit for bit."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import shapely
from numpy.typing import NDArray
from pyogrio.raw import read
from sqlalchemy import text
from wangge.testing import copy_database

from core.db.cluster import Cluster
from core.db.session import connect, engines, reading, work
from core.errors import NotFound, Refused
from core.grids.exporting import USUAL, ExportOptions, export_grids, write_findings
from core.grids.reading import load_shapes
from core.grids.views import LEVELS
from gis.lattice import from_degrees
from gis.measure import area_m2
from tests.conftest import TEMPLATE
from tests.integration.grids.bringing import TESTER, bring, look
from tests.integration.grids.drawing import COUNTIES, NODED_CITY, draw, feature
from tests.integration.grids.test_locate import STREETS


@pytest.fixture
def city(database: str, tmp_path: Path) -> Path:
    """A city, two counties, and in the west two streets."""
    bring(draw(tmp_path / "city.geojson", NODED_CITY), "city")
    bring(draw(tmp_path / "counties.geojson", *COUNTIES), "county")
    bring(draw(tmp_path / "streets.geojson", *STREETS), "street", parent="139901", clean=True)
    return tmp_path


def export(path: Path, code: str = "139900", *, all_levels: bool = True, **options: Any) -> int:
    with work(TESTER) as session:
        return export_grids(session, code, path, ExportOptions(levels=LEVELS if all_levels else (), **options))


def rows(path: Path) -> tuple[NDArray[Any], dict[str, list[Any]]]:
    meta, _, wkb, columns = read(str(path))
    return shapely.from_wkb(wkb), {f: c.tolist() for f, c in zip(meta["fields"], columns, strict=True)}


def test_an_outside_program_proves_the_coverage_from_the_file(city: Path) -> None:
    assert export(city / "out.gpkg") == 5
    polygons, fields = rows(city / "out.gpkg")
    assert set(fields) == {"code", "name", "level", "parent", "valid_from"}
    own = dict(zip(fields["code"], polygons, strict=True))
    parents = dict(zip(fields["code"], fields["parent"], strict=True))
    assert parents["139900"] is None
    for parent in ("139900", "139901"):
        children = np.array([own[code] for code, above in parents.items() if above == parent], dtype=object)
        assert len(children) == 2
        assert shapely.coverage_is_valid(children)
        assert shapely.coverage_union_all(children).equals(own[parent])
    assert shapely.is_valid(polygons).all()
    units = shapely.get_coordinates(polygons) * 1e7
    assert np.abs(units - np.rint(units)).max() < 1e-6
    assert dict(zip(fields["code"], fields["name"], strict=True))["139901002"] == "北街道"


def test_leaves_alone_and_a_part_alone(city: Path) -> None:
    assert export(city / "leaves.gpkg", all_levels=False) == 3
    assert set(rows(city / "leaves.gpkg")[1]["code"]) == {"139901001", "139901002", "139902"}
    assert export(city / "part.geojson", "139901") == 3
    assert set(rows(city / "part.geojson")[1]["code"]) == {"139901", "139901001", "139901002"}


def chosen(path: Path, *levels: str, code: str = "139900", attributes: tuple[str, ...] = USUAL) -> int:
    with work(TESTER) as session:
        return export_grids(session, code, path, ExportOptions(levels=levels, attributes=attributes))


def test_levels_are_chosen_and_a_level_without_grids_is_refused(city: Path) -> None:
    assert chosen(city / "counties.gpkg", "county") == 2
    assert chosen(city / "two.gpkg", "street", "city", "micro") == 3
    assert set(rows(city / "two.gpkg")[1]["code"]) == {"139900", "139901001", "139901002"}
    assert chosen(city / "below.gpkg", "street", code="139901001") == 1
    with pytest.raises(Refused, match=r"139902.*street, micro-grid"):
        chosen(city / "none.gpkg", "micro", "street", code="139902")
    assert not (city / "none.gpkg").exists()


def test_attributes_are_chosen_in_their_order(city: Path) -> None:
    asked = ("kind", "name", "lon", "lat", "area_m2")
    assert chosen(city / "some.zip", "county", attributes=asked) == 2
    polygons, fields = rows(city / "some.zip")
    assert tuple(fields) == asked
    assert (fields["kind"], fields["name"]) == (["base"] * 2, ["西县", "东县"])
    assert shapely.contains_xy(polygons, fields["lon"], fields["lat"]).all()
    assert fields["area_m2"] == pytest.approx(area_m2(from_degrees(polygons)), abs=6e-4)
    with pytest.raises(Refused, match="no attribute colour; there are: code, name"):
        chosen(city / "none.gpkg", attributes=("name", "colour"))
    assert not (city / "none.gpkg").exists()


def test_a_drawing_has_a_layer_for_each_level_and_the_names_at_their_labels(city: Path) -> None:
    assert export(city / "out.dxf", crs="EPSG:4548") == 5
    shapes, fields = rows(city / "out.dxf")
    drawn = list(zip(fields["Layer"], fields["Text"], shapely.force_2d(shapes), strict=True))
    assert [layer for layer, text, _ in drawn if not text] == ["city", "county", "street", "street", "county"]
    assert [text for _, text, _ in drawn if text] == ["试验市", "西县", "南街道", "北街道", "东县"]
    for (_, _, line), (_, _, label) in zip(drawn[::2], drawn[1::2], strict=True):
        assert shapely.contains_properly(shapely.Polygon(line), label)
    with pytest.raises(Refused, match="no attributes"):
        export(city / "none.dxf", attributes=("name",))
    assert not (city / "none.dxf").exists()


@contextmanager
def another_database(cluster: Cluster) -> Iterator[None]:
    """Connected to a second fresh database, then to the first again."""
    first = engines().write.url.render_as_string(hide_password=False)
    name = f"second_{os.getpid()}"
    copy_database(cluster, TEMPLATE, name)
    connect(cluster.url("wangge_app", name))
    yield
    connect(first)
    with cluster.superuser() as cursor:
        cursor.execute(f"drop database {name} with (force)")


def shapes() -> dict[str, bytes]:
    with reading(TESTER) as session:
        loaded = load_shapes(session)
    return {c: shapely.to_wkb(p) for c, p in zip(loaded.codes, loaded.polygons, strict=True)}


@pytest.mark.parametrize(
    ("file", "encoding"), [("leaves.gpkg", "utf-8"), ("leaves.zip", "utf-8"), ("leaves.zip", "gbk")]
)
def test_what_went_out_comes_into_an_empty_instance_bit_for_bit(
    city: Path, cluster: Cluster, file: str, encoding: str
) -> None:
    export(city / file, all_levels=False, encoding=encoding)
    before = shapes()
    with another_database(cluster):
        bring(city / file, "street", root="0:城")
        after = shapes()
    assert {code: after[code] for code in after if code != "0"} == {
        code: before[code] for code in ("139901001", "139901002", "139902")
    }
    assert shapely.from_wkb(after["0"]).equals(shapely.from_wkb(before["139900"]))


def test_an_export_is_in_the_journal_and_a_wrong_code_or_name_is_refused(city: Path) -> None:
    export(city / "out.gpkg")
    with reading(TESTER) as session:
        assert session.scalar(text("select count(*) from core.journal where action = 'grid.export'")) == 1
    with pytest.raises(NotFound, match="777"):
        export(city / "other.gpkg", "777")
    with pytest.raises(Refused, match=r"\.gpkg"):
        export(city / "other.shp")
    with pytest.raises(Refused, match="always UTF-8"):
        export(city / "other.geojson", encoding="gbk")
    assert not list(city.glob("other*"))


def test_a_name_that_a_shapefile_cannot_hold_is_named_and_nothing_is_written(database: str, tmp_path: Path) -> None:
    bring(draw(tmp_path / "city.geojson", feature("139900", NODED_CITY["geometry"], "𡋾头村")), "city")
    with pytest.raises(Refused, match=r"𡋾头村.*name.*GBK"):
        export(tmp_path / "out.zip", encoding="gbk")
    assert {path.name for path in tmp_path.iterdir() if path.is_file()} == {"city.geojson"}
    assert export(tmp_path / "out.zip") == 1


def test_defects_are_written_with_their_places(database: str, tmp_path: Path) -> None:
    bring(draw(tmp_path / "city.geojson", NODED_CITY), "city")
    prepared = look(draw(tmp_path / "half.geojson", COUNTIES[0]), "county")
    assert write_findings(prepared.findings, tmp_path / "defects.gpkg") == len(prepared.findings) == 1
    polygons, fields = rows(tmp_path / "defects.gpkg")
    assert fields["kind"] == ["missing"]
    assert polygons[0].equals(shapely.geometry.shape(COUNTIES[1]["geometry"]))
