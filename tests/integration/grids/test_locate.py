"""Which grid owns a point: one, always, on borders and corners too, by an old index or none, now and earlier."""

from __future__ import annotations

import datetime as dt
import shutil
from pathlib import Path

import numpy as np
import pytest
import shapely

from core import clock
from core.db.session import reading, work
from core.grids.asof import AsOf
from core.grids.locating import current_index, locate, locate_for_write, locate_many
from core.grids.queries import grids_by_ids
from core.settings import get_settings
from tests.integration.grids.bringing import TESTER, bring
from tests.integration.grids.drawing import COUNTIES, NODED_CITY, draw, feature, polygon

STREETS = (
    feature("139901001", polygon([(0, 0), (2, 0), (2, 1), (0, 1)]), "南街道"),
    feature("139901002", polygon([(0, 1), (2, 1), (2, 2), (0, 2)]), "北街道"),
)
W, S, STEP = 1_160_000_000, 390_000_000, 1_000_000


def at(x: float, y: float) -> tuple[int, int]:
    """Lattice units of a place in tenths of a degree from the corner of the city."""
    return W + round(x * STEP), S + round(y * STEP)


@pytest.fixture
def city(database: str, tmp_path: Path) -> Path:
    """A city and two counties."""
    bring(draw(tmp_path / "city.geojson", NODED_CITY), "city")
    bring(draw(tmp_path / "counties.geojson", *COUNTIES), "county")
    return tmp_path


def subdivide(folder: Path) -> None:
    assert not bring(draw(folder / "streets.geojson", *STREETS), "street", parent="139901", clean=True).refused


def code(point: tuple[int, int], as_of: AsOf = None) -> str | None:
    with reading(TESTER) as session:
        found = locate(session, *point, as_of)
    return found.code if found else None


def codes(points: list[tuple[int, int]], as_of: AsOf = None) -> list[str | None]:
    with reading(TESTER) as session:
        owners = locate_many(session, np.array(points, np.int64), as_of)
        views = grids_by_ids(session, [int(o) for o in np.unique(owners) if o >= 0], as_of)
    return [views[int(owner)].code if owner >= 0 else None for owner in owners]


def forget_the_index() -> None:
    shutil.rmtree(get_settings().home / "locate", ignore_errors=True)


BORDER = {
    at(1, 1): "139901",
    at(3, 1): "139902",
    at(2, 0.5): "139902",
    at(2, 1): "139902",
    at(2, 1.5): "139902",
    at(0, 0): "139901",
    at(0, 1.3): "139901",
    at(1.7, 0): "139901",
    at(2, 0): "139902",
    at(4, 0): None,
    at(4, 1): None,
    at(2, 2): None,
    at(0, 2): None,
    at(3.3, 2): None,
    at(-1, 1): None,
    at(1, 5): None,
}
"""East first, then north: a point on a border belongs to the eastern side, on a level one to the northern."""


def test_a_point_on_a_border_or_corner_has_the_owner_of_the_rule_with_and_without_index(city: Path) -> None:
    forget_the_index()
    assert {point: code(point) for point in BORDER} == BORDER
    with reading(TESTER) as session:
        current_index(session)
    assert {point: code(point) for point in BORDER} == BORDER
    assert dict(zip(BORDER, codes(list(BORDER)), strict=True)) == BORDER


def test_every_point_of_a_fine_net_has_one_owner_and_it_covers_it(city: Path) -> None:
    subdivide(city)
    rows = {row["properties"]["code"]: shapely.geometry.shape(row["geometry"]) for row in (*STREETS, COUNTIES[1])}
    points = [at(x / 10, y / 10) for x in range(40) for y in range(20)]
    owners = codes(points)
    assert None not in owners
    places = shapely.points(np.array(points) / 1e7)
    assert all(shapely.dwithin(rows[owner], place, 1e-9) for owner, place in zip(owners, places, strict=True))  # type: ignore[index]
    sample = range(0, len(points), 37)
    forget_the_index()
    assert [code(points[i]) for i in sample] == [owners[i] for i in sample]


def test_an_index_older_than_a_subdivision_still_tells_the_truth(city: Path) -> None:
    with reading(TESTER) as session:
        current_index(session)
    subdivide(city)
    assert [code(at(1, 0.5)), code(at(1, 1)), code(at(1, 1.5)), code(at(3, 1))] == [
        "139901001", "139901002", "139901002", "139902",
    ]  # fmt: skip
    before = {point: code(point) for point in BORDER}
    with reading(TESTER) as session:
        current_index(session)
    assert {point: code(point) for point in BORDER} == before
    assert codes(list(BORDER)) == list(before.values())


def test_an_earlier_moment_has_its_own_owners(city: Path) -> None:
    between = clock.now()
    subdivide(city)
    assert (code(at(1, 0.5)), code(at(1, 0.5), between)) == ("139901001", "139901")
    assert codes([at(1, 0.5), at(3, 1), at(9, 9)], between) == ["139901", "139902", None]
    long_ago = clock.now().replace(year=1999)
    assert code(at(1, 0.5), long_ago) is None
    assert codes([at(1, 0.5)], long_ago) == [None]


def test_the_index_of_an_earlier_version_is_built_once(city: Path) -> None:
    before = clock.now()
    subdivide(city)
    past = get_settings().home / "locate" / "past"
    assert codes([at(1, 0.5), at(9, 9)], before) == ["139901", None]
    (kept,) = past.iterdir()
    stamp = kept.stat().st_mtime_ns
    assert codes([at(1, 0.5)], before + dt.timedelta(microseconds=1)) == ["139901"]
    assert [(path, path.stat().st_mtime_ns) for path in past.iterdir()] == [(kept, stamp)]
    assert codes([at(1, 0.5)], clock.now()) == ["139901001"]
    assert list(past.iterdir()) == [kept]


def test_an_index_of_another_database_in_the_same_folder_is_not_believed(city: Path) -> None:
    with reading(TESTER) as session:
        current_index(session)
    folder = get_settings().home / "locate"
    (index,) = (path for path in folder.iterdir() if path.name[0].isdigit())
    version = index.name.partition("-")[0]
    foreign = folder / f"{version}-00000000-0000-7000-8000-000000000000"
    index.rename(foreign)
    labels = np.load(foreign / "labels.npy")
    np.save(foreign / "labels.npy", labels[::-1].copy())
    assert {point: code(point) for point in BORDER} == BORDER
    assert codes(list(BORDER)) == list(BORDER.values())


def test_an_empty_city_owns_nothing(database: str) -> None:
    assert code(at(1, 1)) is None
    assert codes([at(1, 1)]) == [None]


def test_two_indexes_are_kept_and_the_older_ones_cleared_away(city: Path) -> None:
    for step in range(3):
        with work(TESTER) as session:
            current_index(session)
        if step == 0:
            subdivide(city)
        if step == 1:
            parts = [
                feature("1399020", polygon([(2, 0), (4, 0), (4, 1), (2, 1)])),
                feature("1399021", polygon([(2, 1), (4, 1), (4, 2), (2, 2)])),
            ]
            assert not bring(draw(city / "east.geojson", *parts), "street", parent="139902", clean=True).refused
    names = sorted(path.name.partition("-")[0] for path in (get_settings().home / "locate").iterdir())
    assert names == ["3", "4"]


def test_a_report_locates_again_when_its_leaf_is_subdivided_meanwhile(city: Path) -> None:
    with work(TESTER) as session:
        found = locate_for_write(session, *at(1, 0.5))
        assert found is not None
        assert found.code == "139901"
    subdivide(city)
    with work(TESTER) as session:
        again = locate_for_write(session, *at(1, 0.5))
        assert again is not None
        assert again.code == "139901001"
        assert locate_for_write(session, *at(9, 9)) is None
