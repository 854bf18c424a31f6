"""The guards of the grids hold whatever the application's role sends: checks after every statement, rights by column"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

APP = "wangge_app"

# A check that was made early, by `set constraints … immediate`, is made again: every statement that writes states
# counts the change's `statements` up, which queues the checks anew. Of the events that wait only the last one works.
SUPERSEDED = """
  if tg_table_name = 'grid_change' then
    if (select c is distinct from new from core.grid_change c where c.id = new.id) then
      return null;
    end if;
  end if;
"""
COUNT_STATEMENT = """
create function core.count_grid_statement() returns trigger language plpgsql
security definer set search_path = pg_catalog, pg_temp as $$
begin
  update core.grid_change set statements = statements + 1
  where id in (select distinct {change} from fresh);
  return null;
end $$
"""
CHECK_INSERT = """
create or replace function core.check_grid_state_insert() returns trigger language plpgsql as $$
begin
  if exists (
    select 1 from fresh f join core.grid_change c on c.id = f.change_id
    where c.transaction_id <> pg_current_xact_id()::text::bigint
      {begun}
  ) then
    raise exception 'a grid state needs a change recorded in the same transaction' using errcode = 'WG002';
  end if;
  return null;
end $$
"""
BEGUN = "or lower(f.valid) is distinct from c.at or not upper_inf(f.valid) or f.closed_by is not null"
RETIRE = """
create function core.check_grid_retirement() returns trigger language plpgsql as $$
begin
  if old.retired_by is not null or not exists (
    select 1 from core.grid_change c
    where c.id = new.retired_by and c.transaction_id = pg_current_xact_id()::text::bigint
  ) then
    raise exception 'a grid is retired once, by a change recorded in the same transaction' using errcode = 'WG002';
  end if;
  return new;
end $$
"""
MARK = """
create function core.mark_demonstration() returns void language plpgsql
security definer set search_path = pg_catalog, pg_temp as $$
begin
  if exists (select 1 from core.grid_change where transaction_id <> pg_current_xact_id()::text::bigint) then
    raise exception 'only an empty instance becomes a demonstration' using errcode = 'WG002';
  end if;
  update core.instance set demo = true;
end $$
"""
CHECKS = ("check_grid_change", "check_grid_paths", "check_grid_standing")
KEPT_ROWS = ("grid", "grid_shape", "grid_state", "grid_change")
WRITABLE = {
    "grid": "retired_by",
    "grid_change": "counts",
    "grid_state": "valid, closed_by",
    "coverage": "version, root_id, proof",
    "instance": "plugin_epoch",
}
"""Columns that the application may alter, by table; of shapes none."""


def upgrade() -> None:
    op.add_column(
        "grid_change",
        sa.Column("statements", sa.Integer, nullable=False, server_default="0"),
        schema="core",
    )
    for name in CHECKS:
        _let_the_last_event_check(name)
    _fire_on("insert or update")
    for kind, change in (("insert", "change_id"), ("update", "closed_by")):
        function = f"count_grid_statement_{kind}"
        op.execute(COUNT_STATEMENT.replace("count_grid_statement", function).format(change=change))
        op.execute(
            f"create trigger {function} after {kind} on core.grid_state referencing new table as fresh"
            f" for each statement execute function core.{function}()"
        )
    op.execute(CHECK_INSERT.format(begun=BEGUN))
    op.execute(RETIRE)
    op.execute(
        "create trigger check_grid_retirement before update on core.grid"
        " for each row execute function core.check_grid_retirement()"
    )
    op.execute(MARK)
    if _has_app_role():
        _narrow()


def _let_the_last_event_check(name: str) -> None:
    source = op.get_bind().scalar(sa.text(f"select pg_get_functiondef('core.{name}()'::regprocedure)"))
    assert "\nbegin\n" in source, f"core.{name} is not as it was left"
    op.get_bind().exec_driver_sql(source.replace("\nbegin\n", f"\nbegin{SUPERSEDED}", 1).replace("%", "%%"))


def _fire_on(events: str) -> None:
    for name in CHECKS:
        op.execute(f"drop trigger {name} on core.grid_change")
        op.execute(
            f"create constraint trigger {name} after {events} on core.grid_change"
            f" deferrable initially deferred for each row execute function core.{name}()"
        )


def _has_app_role() -> bool:
    return bool(op.get_bind().scalar(sa.text("select 1 from pg_roles where rolname = :name"), {"name": APP}))


def _narrow() -> None:
    for table in (*WRITABLE, "grid_shape"):
        op.execute(f"revoke update, delete, truncate on core.{table} from {APP}")
    for table, columns in WRITABLE.items():
        op.execute(f"grant update ({columns}) on core.{table} to {APP}")
    for table in ("coverage", "instance"):
        op.execute(f"revoke insert on core.{table} from {APP}")
    op.execute("revoke execute on function core.mark_demonstration() from public")
    op.execute(f"grant execute on function core.mark_demonstration() to {APP}")


def downgrade() -> None:
    if _has_app_role():
        for table in (*WRITABLE, "grid_shape"):
            op.execute(f"grant insert, update, delete on core.{table} to {APP}")
    op.execute("drop function core.mark_demonstration()")
    op.execute("drop trigger check_grid_retirement on core.grid")
    op.execute("drop function core.check_grid_retirement()")
    op.execute(CHECK_INSERT.format(begun=""))
    for kind in ("insert", "update"):
        op.execute(f"drop trigger count_grid_statement_{kind} on core.grid_state")
        op.execute(f"drop function core.count_grid_statement_{kind}()")
    for name in CHECKS:
        source = op.get_bind().scalar(sa.text(f"select pg_get_functiondef('core.{name}()'::regprocedure)"))
        op.get_bind().exec_driver_sql(source.replace(SUPERSEDED, "\n", 1).replace("%", "%%"))
    _fire_on("insert")
    op.drop_column("grid_change", "statements", schema="core")
