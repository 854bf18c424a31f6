"""What the database itself refuses, whatever code speaks to it as the application's role."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from psycopg2 import errors
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from core.db.base import new_id
from core.db.session import WorkSession, work
from core.errors import Refused
from tests.integration.grids.bringing import TESTER, bring, proven, written
from tests.integration.grids.drawing import COUNTIES, NODED_CITY, draw

CHANGE = """
insert into core.grid_change
  (id, version, kind, at, recorded_at, actor, actor_name, reason, operations, counts, all_tiles)
values (:id, (select version + 1 from core.coverage), 'load', now(), now(), 'x', 'x', 'tampering', '[]', '{}', true)
"""
COUNT_UP = "update core.coverage set version = version + 1"
COPY = """
insert into core.grid_state (grid_id, code, name, kind, parent_id, path, shape_id, search, valid, change_id)
select grid_id, code, name, kind, parent_id, path, {shape}, search, tstzrange(now(), null), :change
from core.grid_state where code = :code and closed_by = :change
"""
NEW_PATH = "parent_id, ({path})::text::ltree, shape_id, search, tst"
CLOSE = """
update core.grid_state set valid = tstzrange(lower(valid), now()), closed_by = :change
where code = :code and upper_inf(valid)
"""


@pytest.fixture
def city(database: str, tmp_path: Path) -> Iterator[None]:
    """Two counties under a city; afterwards nothing has changed and the proof holds."""
    bring(draw(tmp_path / "city.geojson", NODED_CITY), "city")
    bring(draw(tmp_path / "counties.geojson", *COUNTIES), "county")
    before = written()
    yield
    assert written() == before
    assert proven().exact


def change(session: WorkSession) -> str:
    identity = str(new_id())
    session.execute(text(CHANGE), {"id": identity})
    session.execute(text(COUNT_UP))
    return identity


def reshape(code: str, shape: str) -> None:
    """Close the grid's state and open the same with another shape, as a change does."""
    with work(TESTER) as session:
        values = {"change": change(session), "code": code}
        session.execute(text(CLOSE), values)
        session.execute(text(COPY.format(shape=shape)), values)


def test_children_that_do_not_sum_to_their_parent_are_refused_at_commit(city: None) -> None:
    other = "(select shape_id from core.grid_state where code = '139902' and upper_inf(valid))"
    with pytest.raises(Refused, match="139900"):
        reshape("139901", other)


def test_a_child_cannot_vanish(city: None) -> None:
    with pytest.raises(Refused, match="139900"), work(TESTER) as session:
        session.execute(text(CLOSE), {"change": change(session), "code": "139901"})


def test_a_parent_cannot_leave_its_children_behind(city: None) -> None:
    with pytest.raises(Refused, match=r"without its parent|latest change"), work(TESTER) as session:
        session.execute(text(CLOSE), {"change": change(session), "code": "139900"})


def test_a_parent_cannot_get_another_outline_than_its_children_have(city: None) -> None:
    other = "(select shape_id from core.grid_state where code = '139902' and upper_inf(valid))"
    with pytest.raises(Refused, match="139900"):
        reshape("139900", other)


def test_the_same_again_in_a_change_is_allowed(database: str, tmp_path: Path) -> None:
    bring(draw(tmp_path / "city.geojson", NODED_CITY), "city")
    bring(draw(tmp_path / "counties.geojson", *COUNTIES), "county")
    reshape("139901", "shape_id")
    assert (proven().exact, proven().leaves) == (True, 2)


@pytest.mark.parametrize(
    "statement",
    [
        "update core.grid_state set valid = tstzrange(lower(valid), now()) where code = '139901'",
        "update core.grid_state set valid = tstzrange(lower(valid) - interval '1 day', null) where code = '139901'",
        """update core.grid_state set valid = tstzrange(lower(valid), now()), closed_by = change_id
           where code = '139901'""",
        """insert into core.grid_state
             (grid_id, code, name, kind, parent_id, path, shape_id, search, valid, change_id)
           select grid_id, 'x', name, kind, parent_id, path, shape_id, search, tstzrange('1990-01-01', '1991-01-01'),
             change_id from core.grid_state where code = '139901'""",
    ],
)
def test_a_state_is_neither_altered_nor_added_outside_a_change(city: None, statement: str) -> None:
    with pytest.raises(Refused, match="grid state"), work(TESTER) as session:
        session.execute(text(statement))


def test_a_state_is_not_altered_within_a_change_either(city: None) -> None:
    with pytest.raises(Refused, match="never altered"), work(TESTER) as session:
        session.execute(
            text(
                "update core.grid_state set valid = tstzrange(lower(valid) - interval '1 day', now()),"
                " closed_by = :change where code = '139901' and upper_inf(valid)"
            ),
            {"change": change(session)},
        )


@pytest.mark.parametrize("path", ["'7'", "path || '7'", "subpath(path, 1)", "'9999.' || grid_id"])
def test_a_path_must_follow_the_parents(city: None, path: str) -> None:
    sql = COPY.format(shape="shape_id").replace("parent_id, path, shape_id, search, tst", NEW_PATH.format(path=path))
    with pytest.raises(Refused, match="path of grid 139901"), work(TESTER) as session:
        values = {"change": change(session), "code": "139901"}
        session.execute(text(CLOSE), values)
        session.execute(text(sql), values)


@pytest.mark.parametrize(
    "statement",
    [
        COUNT_UP,
        "update core.coverage set version = 1",
        "update core.coverage set root_id = (select max(grid_id) from core.grid_state)",
        "update core.coverage set root_id = null",
    ],
)
def test_version_and_root_are_those_of_the_latest_change(city: None, statement: str) -> None:
    with pytest.raises(Refused, match="latest change"), work(TESTER) as session:
        session.execute(text(statement))


def test_a_change_must_count_the_version_up(city: None) -> None:
    with pytest.raises(Refused, match="latest change"), work(TESTER) as session:
        session.execute(text(CHANGE), {"id": str(new_id())})


def test_a_grid_has_one_state_at_a_time(city: None) -> None:
    sql = (
        COPY.format(shape="shape_id")
        .replace(" and closed_by = :change", "")
        .replace("select grid_id, code", "select grid_id, 'x'")
    )
    with pytest.raises(DBAPIError) as caught, work(TESTER) as session:
        session.execute(text(sql), {"change": change(session), "code": "139901"})
    assert isinstance(caught.value.orig, errors.ExclusionViolation)


def test_a_city_that_lives_is_not_made_a_demonstration(city: None) -> None:
    with pytest.raises(Refused, match="only an empty instance"), work(TESTER) as session:
        session.execute(text("select core.mark_demonstration()"))


EARLY = "set constraints all immediate"


def test_a_check_made_early_is_made_again(city: None) -> None:
    other = "(select shape_id from core.grid_state where code = '139902' and upper_inf(valid))"
    with pytest.raises(Refused, match="139900"), work(TESTER) as session:
        values = {"change": change(session), "code": "139901"}
        session.execute(text(EARLY))
        session.execute(text("set constraints all deferred"))
        session.execute(text(CLOSE), values)
        session.execute(text(COPY.format(shape=other)), values)


@pytest.mark.parametrize("statement", [CLOSE, CLOSE.replace("upper_inf(valid)", "true")])
def test_a_check_that_stays_early_is_made_after_each_statement(city: None, statement: str) -> None:
    with pytest.raises(Refused, match=r"139900|never altered"), work(TESTER) as session:
        values = {"change": change(session), "code": "139901"}
        session.execute(text(EARLY))
        session.execute(text(statement), values)


def test_a_path_is_checked_again_too(city: None) -> None:
    sql = COPY.format(shape="shape_id").replace("parent_id, path, shape_id, search, tst", NEW_PATH.format(path="'7'"))
    with pytest.raises(Refused, match="path of grid 139901"), work(TESTER) as session:
        values = {"change": change(session), "code": "139901"}
        session.execute(text(EARLY))
        session.execute(text("set constraints all deferred"))
        session.execute(text(CLOSE), values)
        session.execute(text(sql), values)


@pytest.mark.parametrize(
    "period", ["tstzrange(now() + interval '1 day', null)", "tstzrange(now(), now() + interval '1 day')"]
)
def test_a_state_begins_with_its_change(city: None, period: str) -> None:
    sql = COPY.format(shape="shape_id").replace("tstzrange(now(), null)", period)
    with pytest.raises(Refused, match="grid state needs a change"), work(TESTER) as session:
        values = {"change": change(session), "code": "139901"}
        session.execute(text(CLOSE), values)
        session.execute(text(sql), values)


@pytest.mark.parametrize("retired", ["born_by", "null"])
def test_a_grid_is_retired_by_a_change_of_its_own_transaction(city: None, retired: str) -> None:
    with pytest.raises(Refused, match="retired once"), work(TESTER) as session:
        session.execute(text(f"update core.grid set retired_by = {retired}"))


@pytest.mark.parametrize("version", ["-5", "0", "9"])
def test_a_change_counts_the_version_up_by_one(city: None, version: str) -> None:
    with pytest.raises(Refused, match="up by one"), work(TESTER) as session:
        sql = CHANGE.replace("(select version + 1 from core.coverage)", version)
        session.execute(text(sql), {"id": str(new_id())})


def test_a_change_comes_after_all_others(city: None) -> None:
    with pytest.raises(Refused, match="later than the latest"), work(TESTER) as session:
        session.execute(text(CHANGE.replace("now(), now()", "'2001-01-01', now()")), {"id": str(new_id())})


@pytest.mark.parametrize("moment", ["now() + interval '2 days'", "'infinity'"])
def test_a_change_does_not_hold_from_a_time_to_come(city: None, moment: str) -> None:
    with pytest.raises(Refused, match="time to come"), work(TESTER) as session:
        session.execute(text(CHANGE.replace("now(), now()", f"{moment}, now()")), {"id": str(new_id())})


@pytest.mark.parametrize("period", ["'empty'", "tstzrange(lower(valid), '2099-01-01')", "tstzrange(now(), now())"])
def test_a_state_ends_with_its_change(city: None, period: str) -> None:
    with pytest.raises(Refused, match="never altered"), work(TESTER) as session:
        sql = CLOSE.replace("tstzrange(lower(valid), now())", period)
        session.execute(text(sql), {"change": change(session), "code": "139901"})


def test_a_retired_grid_does_not_live_on(city: None) -> None:
    with pytest.raises(Refused, match="lives on"), work(TESTER) as session:
        session.execute(text("update core.grid set retired_by = :change where born_by is not null"),
                        {"change": change(session)})  # fmt: skip


@pytest.mark.parametrize("level", ["city", "county"])
def test_a_grid_lies_on_a_finer_level_than_its_parent(city: None, level: str) -> None:
    with pytest.raises(Refused, match="finer level"), work(TESTER) as session:
        values = {"change": change(session), "level": level}
        born = "insert into core.grid (level, born_by) values (:level, :change) returning id"
        values["id"] = session.scalar(text(born), values)
        session.execute(
            text(
                "insert into core.grid_state"
                " (grid_id, code, name, kind, parent_id, path, shape_id, search, valid, change_id)"
                " select :id, '1', 'x', kind, grid_id, path || cast(:id as text), shape_id, 'x',"
                " tstzrange(now(), null), :change"
                " from core.grid_state where code = '139901' and upper_inf(valid)"
            ),
            values,
        )


def test_there_are_no_other_levels(city: None) -> None:
    with pytest.raises(DBAPIError) as caught, work(TESTER) as session:
        session.execute(
            text("insert into core.grid (level, born_by) values ('xyz', :change)"), {"change": change(session)}
        )
    assert isinstance(caught.value.orig, errors.CheckViolation)


def test_a_guard_takes_no_name_from_whoever_writes(database: str, tmp_path: Path) -> None:
    bring(draw(tmp_path / "city.geojson", NODED_CITY), "city")
    with work(TESTER) as session:  # ids of two digits, of which a forged type shows the first alone
        session.execute(text("select nextval(pg_get_serial_sequence('core.grid', 'id')) from generate_series(1, 40)"))
    bring(draw(tmp_path / "counties.geojson", *COUNTIES), "county")
    forged = NEW_PATH.format(path="subpath(path, 0, 1)::text || '.' || left(grid_id::text, 1)")
    sql = COPY.format(shape="shape_id").replace("parent_id, path, shape_id, search, tst", forged)
    with pytest.raises(Refused, match="path of grid 139901"), work(TESTER) as session:
        values = {"change": change(session), "code": "139901"}
        session.execute(text(CLOSE), values)
        session.execute(text(sql), values)
        session.execute(text("create domain pg_temp.text as pg_catalog.varchar(1)"))
        session.execute(text(EARLY))
