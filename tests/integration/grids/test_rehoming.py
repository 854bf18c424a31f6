"""Rows with a place follow the grids in the transaction that changes them."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from functools import partial
from pathlib import Path

import pytest
from psycopg2 import connect
from sqlalchemy import text
from wangge.grids import locate as wangge_locate

from core.db.base import new_id
from core.db.cluster import Cluster
from core.db.session import reading, work
from core.grids import rehoming
from core.grids.locating import locate_for_write
from tests.integration.grids.bringing import TESTER, bring, written
from tests.integration.grids.drawing import COUNTIES, NODED_CITY, PLAIN_CITY, draw
from tests.integration.grids.test_locate import STREETS, at

TABLE = "public.lantern"


@pytest.fixture
def lanterns(database: str, cluster: Cluster) -> None:
    """A table of located rows, as a plugin has."""
    name = database.partition("@/")[2].partition("?")[0]
    with connect(cluster.url("postgres", name)) as connection, connection.cursor() as cursor:
        cursor.execute(f"create table {TABLE} (id uuid primary key, place geometry(Point,4490), grid_id bigint)")
        cursor.execute(f"grant all on {TABLE} to wangge_app")
    rehoming.register(rehoming.LocatedTable(TABLE))


def light(*places: tuple[float, float] | None, grid_code: str | None = None) -> list[str]:
    """Rows at places in tenths of a degree, in a grid or in none."""
    ids = [str(new_id()) for _ in places]
    with work(TESTER) as session:
        for row, place in zip(ids, places, strict=True):
            x, y = (None, None) if place is None else (c / 1e7 for c in at(*place))
            session.execute(
                text(
                    f"insert into {TABLE} select :id, st_setsrid(st_makepoint(:x, :y), 4490),"
                    " (select grid_id from core.grid_state where code = :code and upper_inf(valid))"
                ),
                {"id": row, "x": x, "y": y, "code": grid_code},
            )
    return ids


def homes(ids: list[str]) -> list[str | None]:
    """Codes of the rows' grids."""
    with reading(TESTER) as session:
        found = dict(
            session.execute(
                text(
                    f"select l.id::text, s.code from {TABLE} l left join core.grid_state s on s.grid_id = l.grid_id"
                    " and upper_inf(s.valid)"
                )
            ).all()
        )
    return [found[row] for row in ids]


def counted() -> dict[str, int]:
    with reading(TESTER) as session:
        counts = session.scalar(text("select counts->'rehomed' from core.grid_change order by version desc limit 1"))
    assert isinstance(counts, dict)
    return counts


def test_rows_go_to_the_leaves_of_their_subdivided_grid_by_the_owner_rule(lanterns: None, tmp_path: Path) -> None:
    bring(draw(tmp_path / "city.geojson", NODED_CITY), "city")
    rows = light((1, 1), (3, 1), (2, 0.5), (2, 1), grid_code="139900")
    bring(draw(tmp_path / "counties.geojson", *COUNTIES), "county")
    assert homes(rows) == ["139901", "139902", "139902", "139902"]
    assert counted()[TABLE] == 4


def test_rows_elsewhere_stay_and_unlocated_ones_inside_are_found(lanterns: None, tmp_path: Path) -> None:
    bring(draw(tmp_path / "city.geojson", NODED_CITY), "city")
    bring(draw(tmp_path / "counties.geojson", *COUNTIES), "county")
    west, east = light((1, 0.5), grid_code="139901"), light((3, 1), grid_code="139902")
    lost = light((1, 1.5), (9, 9), None)
    bring(draw(tmp_path / "streets.geojson", *STREETS), "street", parent="139901", clean=True)
    assert homes(west) == ["139901001"]
    assert homes(east) == ["139902"]
    assert homes(lost) == ["139901002", None, None]
    assert counted()[TABLE] == 2


def test_the_first_city_takes_in_rows_that_wait(lanterns: None, tmp_path: Path) -> None:
    rows = light((1, 1), (9, 9))
    bring(draw(tmp_path / "city.geojson", NODED_CITY), "city")
    assert homes(rows) == ["139900", None]


def test_a_refused_import_moves_nothing(lanterns: None, tmp_path: Path) -> None:
    bring(draw(tmp_path / "city.geojson", NODED_CITY), "city")
    rows = light((1, 1), grid_code="139900")
    before = written()
    assert bring(draw(tmp_path / "half.geojson", COUNTIES[0]), "county").refused
    assert (homes(rows), written()) == (["139900"], before)


def test_a_border_that_gets_a_vertex_leaves_no_row_with_a_grid_that_is_no_leaf(lanterns: None, tmp_path: Path) -> None:
    bring(draw(tmp_path / "city.geojson", PLAIN_CITY), "city")
    rows = light((2, 0), (2, 2), (2, 0.0000001), grid_code="139900")
    bring(draw(tmp_path / "counties.geojson", *COUNTIES), "county", clean=True)
    assert homes(rows) == ["139902", None, "139902"]


def test_a_report_under_way_is_waited_for_and_taken_along(lanterns: None, tmp_path: Path) -> None:
    bring(draw(tmp_path / "city.geojson", NODED_CITY), "city")
    path = draw(tmp_path / "counties.geojson", *COUNTIES)
    row = str(new_id())
    started, ended = threading.Event(), threading.Event()

    def subdivide() -> None:
        started.set()
        bring(path, "county")
        ended.set()

    other = threading.Thread(target=subdivide)
    with work(TESTER) as session:
        x, y = at(1, 1)
        found = locate_for_write(session, x, y)
        assert found is not None
        session.execute(
            text(f"insert into {TABLE} values (:id, st_setsrid(st_makepoint(:x, :y), 4490), :grid)"),
            {"id": row, "x": x / 1e7, "y": y / 1e7, "grid": found.id},
        )
        other.start()
        assert started.wait(30)
        assert not ended.wait(2)
    other.join(60)
    assert ended.is_set()
    assert homes([row]) == ["139901"]


@contextmanager
def meanwhile(act: Callable[[], object]) -> Iterator[Callable[[], None]]:
    """A boundary change that another connection begins inside the block; the value begins it and waits for its lock."""
    with ThreadPoolExecutor(1) as pool:
        begun: list[Future[object]] = []

        def begin() -> None:
            begun.append(pool.submit(act))
            deadline = time.monotonic() + 60
            while not begun[0].done() and time.monotonic() < deadline:
                with reading(TESTER) as session:
                    waits = text("select count(*) from pg_stat_activity where wait_event_type = 'Lock'")
                    if session.scalar(waits):
                        return
                time.sleep(0.05)
            raise AssertionError("the change did not wait for this transaction")

        yield begin
        begun[0].result(60)


def test_a_row_that_is_moved_while_a_change_runs_gets_the_owner_of_its_new_place(
    lanterns: None, tmp_path: Path
) -> None:
    bring(draw(tmp_path / "city.geojson", NODED_CITY), "city")
    bring(draw(tmp_path / "counties.geojson", *COUNTIES), "county")
    rows = light((1, 0.5), grid_code="139901")
    streets = draw(tmp_path / "streets.geojson", *STREETS)
    x, y = at(3, 1)
    move = text(f"update {TABLE} set place = st_setsrid(st_makepoint(:x, :y), 4490), grid_id = :grid where id = :id")
    change = partial(bring, streets, "street", parent="139901", clean=True)
    with meanwhile(change) as begin, work(TESTER) as session:
        leaf = locate_for_write(session, x, y)
        assert leaf is not None
        session.execute(move, {"x": x / 1e7, "y": y / 1e7, "grid": leaf.id, "id": rows[0]})
        begin()
    assert homes(rows) == ["139902"]


@pytest.mark.parametrize("city_first", [True, False])
def test_what_is_located_before_a_change_and_written_after_it_began_is_taken_along(
    lanterns: None, tmp_path: Path, city_first: bool
) -> None:
    city, counties = draw(tmp_path / "city.geojson", NODED_CITY), draw(tmp_path / "counties.geojson", *COUNTIES)
    if city_first:
        bring(city, "city")
    x, y = at(1, 1)
    row = str(new_id())
    insert = text(f"insert into {TABLE} values (:id, st_setsrid(st_makepoint(:x, :y), 4490), :grid)")
    change = partial(bring, counties, "county") if city_first else partial(bring, city, "city")
    with meanwhile(change) as begin, work(TESTER) as session:
        ((_place, grid_id),) = wangge_locate(session, [(x / 1e7, y / 1e7)])
        assert (grid_id is not None) == city_first
        begin()
        session.execute(insert, {"id": row, "x": x / 1e7, "y": y / 1e7, "grid": grid_id})
    assert homes([row]) == ["139901" if city_first else "139900"]


def test_a_report_outside_waits_with_the_change_that_brings_its_grid(lanterns: None, tmp_path: Path) -> None:
    city = draw(tmp_path / "city.geojson", NODED_CITY)
    x, y = at(1, 1)
    row = str(new_id())
    insert = text(f"insert into {TABLE} values (:id, st_setsrid(st_makepoint(:x, :y), 4490), null)")
    with meanwhile(partial(bring, city, "city")) as begin, work(TESTER) as session:
        assert locate_for_write(session, x, y) is None
        begin()
        session.execute(insert, {"id": row, "x": x / 1e7, "y": y / 1e7})
    assert homes([row]) == ["139900"]
