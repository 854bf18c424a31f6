"""What the application's role may do to each table: no more than its code does."""

from __future__ import annotations

from collections import defaultdict
from pathlib import Path

import pytest
from psycopg2 import errors
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from core.actor import command_line
from core.db.cluster import Cluster
from core.db.session import work
from core.errors import Refused
from tests.integration.grids.bringing import bring, proven, tamper
from tests.integration.grids.drawing import COUNTIES, NODED_CITY, draw

TESTER = command_line("tester")
BY_TABLE = """
select table_name, privilege_type from information_schema.role_table_grants
where table_schema = 'core' and grantee = 'wangge_app'
"""
KEPT_BY_OWNER = {"alembic_version", "coverage", "instance", "plugin"}
FORGOTTEN = {"file", "layer", "layer_feature", "layer_tile", "login_attempt", "notice", "notice_delivery", "request"}


def rights() -> dict[str, set[str]]:
    found: dict[str, set[str]] = defaultdict(set)
    with work(TESTER) as session:
        for table, right in session.execute(text(BY_TABLE)):
            found[table].add(right)
    return found


def test_every_table_is_read_and_none_is_altered_as_a_whole(database: str) -> None:
    for table, found in rights().items():
        assert found - {"INSERT", "DELETE"} == {"SELECT"}, f"a migration gives rights on core.{table} by column"


def test_rows_are_added_where_the_owner_does_not_keep_them(database: str) -> None:
    assert {table for table, found in rights().items() if "INSERT" not in found} == KEPT_BY_OWNER


def test_rows_go_only_where_they_are_no_record(database: str) -> None:
    assert {table for table, found in rights().items() if "DELETE" in found} == FORGOTTEN


@pytest.mark.parametrize(
    "statement",
    [
        "delete from core.plugin",
        "insert into core.plugin select * from core.plugin",
        "update core.plugin set wheel_sha256 = ''",
        "update core.coverage set proof = null",
        "update core.matter set number = 'x'",
        "update core.matter set reporter = 'x'",
        'delete from core."grant"',
        'update core."grant" set grid_id = null',
        "update core.post_holder set user_id = post_id",
        "update core.user_account set login = 'x'",
        "update core.session set user_id = id",
        "update core.file set sha256 = ''",
        "delete from core.matter_file",
        "delete from core.tile",
        "delete from core.setting",
        "delete from core.grid",
        "delete from core.grid_state",
        "delete from core.grid_shape",
        "delete from core.grid_change",
        "delete from core.coverage",
        "truncate core.grid_state",
        "update core.instance set demo = true",
        "delete from core.instance",
        "update core.grid set level = 'micro'",
        "update core.grid set born_by = (select max(id::text)::uuid from core.grid_change)",
        "update core.grid_state set name = 'x'",
        "update core.grid_state set parent_id = null",
        "update core.grid_state set shape_id = (select min(id) from core.grid_shape)",
        "update core.grid_shape set geom = st_translate(geom, 1, 0)",
        "update core.grid_shape set fingerprint = 0",
        "update core.grid_change set actor = 'somebody else'",
        "update core.grid_change set transaction_id = pg_current_xact_id()::text::bigint",
        "update core.grid_change set statements = 0",
        "update core.alembic_version set version_num = '0001'",
        "delete from core.alembic_version",
        "alter table core.grid_state disable trigger all",
    ],
)
def test_the_application_may_not_even_try(database: str, statement: str) -> None:
    with pytest.raises(DBAPIError) as caught, work(TESTER) as session:
        session.execute(text(statement))
    assert isinstance(caught.value.orig, errors.InsufficientPrivilege)


def kept() -> object:
    with work(TESTER) as session:
        return session.scalar(text("select proof from core.coverage"))


def keep(version: str, facts: str) -> None:
    with work(TESTER) as session:
        session.execute(text(f"select core.keep_proof({version}, cast(:facts as jsonb))"), {"facts": facts})


def test_a_verdict_is_kept_for_the_version_that_stands_until_the_next(database: str, tmp_path: Path) -> None:
    bring(draw(tmp_path / "city.geojson", NODED_CITY), "city")
    keep("0", '{"exact": true}')
    assert kept() is None
    keep("(select version from core.coverage)", '{"exact": true}')
    assert kept() == {"exact": True}
    bring(draw(tmp_path / "counties.geojson", *COUNTIES), "county")
    assert kept() is None


def test_a_coverage_whose_parts_do_not_sum_is_never_called_exact(
    database: str, cluster: Cluster, tmp_path: Path
) -> None:
    bring(draw(tmp_path / "city.geojson", NODED_CITY), "city")
    bring(draw(tmp_path / "counties.geojson", *COUNTIES), "county")
    tamper(
        cluster, database,
        "update core.grid_shape set fingerprint = fingerprint + 1 where id = (select max(id) from core.grid_shape)",
    )  # fmt: skip
    assert not proven().exact
    version = "(select version from core.coverage)"
    with pytest.raises(Refused, match="do not sum"):
        keep(version, '{"exact": true}')
    keep(version, '{"exact": false}')
    assert kept() == {"exact": False}


def test_a_shape_has_no_fingerprint_that_hides_it_from_the_sum(database: str, tmp_path: Path) -> None:
    bring(draw(tmp_path / "city.geojson", NODED_CITY), "city")
    with pytest.raises(DBAPIError) as caught, work(TESTER) as session:
        session.execute(
            text(
                "insert into core.grid_shape (geom, fingerprint, mixer, area_m2, label)"
                " select geom, 0, mixer, area_m2, label from core.grid_shape"
            )
        )
    assert isinstance(caught.value.orig, errors.CheckViolation)
