"""A change counts the version up by one and comes after all others; levels go down; what is retired stays so"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

APP = "wangge_app"
LEVELS = "'city', 'county', 'street', 'community', 'grid', 'micro'"
# Whoever records a change holds the coverage until the end of the transaction, so that no two stand on one version.
CHECK_CHANGE = """
create function core.check_grid_change_order() returns trigger language plpgsql
security definer set search_path = pg_catalog, pg_temp as $$
begin
  if new.version is distinct from (select version + 1 from core.coverage for update) then
    raise exception 'a change counts the version of the coverage up by one'
      using errcode = 'WG001', hint = 'nothing was changed';
  end if;
  if new.at <= (select max(at) from core.grid_change) then
    raise exception 'a change holds from later than the latest one' using errcode = 'WG001';
  end if;
  new.transaction_id := pg_current_xact_id()::text::bigint;
  new.statements := 0;
  return new;
end $$
"""
CHECK_LIFE = """
create function core.check_grid_life() returns trigger language plpgsql as $$
begin
  if exists (select 1 from core.grid_state where grid_id = new.id and upper_inf(valid)) then
    raise exception 'grid % is retired, but lives on', new.id using errcode = 'WG001', hint = 'nothing was changed';
  end if;
  return null;
end $$
"""
ON_INSERT = f"""
  if exists (
    select 1 from fresh f join core.grid g on g.id = f.grid_id left join core.grid p on p.id = f.parent_id
    where array_position(array[{LEVELS}], g.level) <= array_position(array[{LEVELS}], p.level)
      or g.retired_by is not null
  ) then
    raise exception 'a grid lies on a finer level than its parent, and a retired one gets no state'
      using errcode = 'WG001', hint = 'nothing was changed';
  end if;
"""
ON_UPDATE = """
  if exists (
    select 1 from fresh f left join core.grid_change c on c.id = f.closed_by
    where isempty(f.valid) or upper(f.valid) is distinct from c.at
  ) then
    raise exception 'a grid state is closed when its change holds, never altered' using errcode = 'WG002';
  end if;
"""
MORE = {"check_grid_state_insert": ON_INSERT, "check_grid_state_update": ON_UPDATE}


def upgrade() -> None:
    op.execute(f"alter table core.grid add constraint ck_grid_level check (level in ({LEVELS}))")
    op.execute(CHECK_CHANGE)
    op.execute(
        "create trigger check_grid_change_order before insert on core.grid_change"
        " for each row execute function core.check_grid_change_order()"
    )
    op.execute(CHECK_LIFE)
    op.execute(
        "create constraint trigger check_grid_life after update of retired_by on core.grid"
        " deferrable initially deferred for each row execute function core.check_grid_life()"
    )
    for name, more in MORE.items():
        _rewrite(name, "\nbegin\n", f"\nbegin{more}")
    if _has_app_role():
        op.execute(f"revoke insert, update, delete on core.alembic_version from {APP}")


def downgrade() -> None:
    if _has_app_role():
        op.execute(f"grant insert, update, delete on core.alembic_version to {APP}")
    for name, more in MORE.items():
        _rewrite(name, f"\nbegin{more}", "\nbegin\n")
    op.execute("drop trigger check_grid_life on core.grid")
    op.execute("drop function core.check_grid_life()")
    op.execute("drop trigger check_grid_change_order on core.grid_change")
    op.execute("drop function core.check_grid_change_order()")
    op.execute("alter table core.grid drop constraint ck_grid_level")


def _has_app_role() -> bool:
    return bool(op.get_bind().scalar(sa.text("select 1 from pg_roles where rolname = :name"), {"name": APP}))


def _rewrite(name: str, former: str, present: str) -> None:
    source = op.get_bind().scalar(sa.text(f"select pg_get_functiondef('core.{name}()'::regprocedure)"))
    assert former in source, f"core.{name} is not as it was left"
    op.get_bind().exec_driver_sql(source.replace(former, present, 1).replace("%", "%%"))
