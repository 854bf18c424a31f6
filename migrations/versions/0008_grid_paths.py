"""Paths follow parents, and the coverage's version and root are those of its latest change"""

from __future__ import annotations

from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

CHECK_PATHS = """
create function core.check_grid_paths() returns trigger language plpgsql as $$
declare
  bad record;
begin
  with touched as (select grid_id from core.grid_state where change_id = new.id)
  select s.code into bad
  from core.grid_state s
  left join core.grid_state p on p.grid_id = s.parent_id and upper_inf(p.valid)
  where upper_inf(s.valid)
    and (s.change_id = new.id or s.parent_id in (select grid_id from touched))
    and s.path is distinct from
      case when s.parent_id is null then s.grid_id::text::ltree else p.path || s.grid_id::text end
  limit 1;
  if found then
    raise exception 'the path of grid % does not follow its parent''s', bad.code
      using errcode = 'WG001', hint = 'nothing was changed';
  end if;
  return null;
end $$
"""
# Cleared demonstration data leave no grid and no change: only then may the version stand alone.
CHECK_COVERAGE = """
create function core.check_grid_standing() returns trigger language plpgsql as $$
declare
  stands record;
  latest bigint;
  roots bigint[];
begin
  select version, root_id into stands from core.coverage;
  select max(version) into latest from core.grid_change;
  select array_agg(grid_id) into roots from core.grid_state where parent_id is null and upper_inf(valid);
  if latest is null and roots is null and stands.root_id is null then
    return null;
  end if;
  if stands.version is distinct from latest
    or array_remove(array[stands.root_id], null) is distinct from coalesce(roots, '{}') then
    raise exception 'version and root of the coverage are not those of its latest change'
      using errcode = 'WG001', hint = 'nothing was changed';
  end if;
  return null;
end $$
"""
TRIGGERS = (
    """create constraint trigger check_grid_paths after insert on core.grid_change
    deferrable initially deferred for each row execute function core.check_grid_paths()""",
    """create constraint trigger check_grid_standing after insert on core.grid_change
    deferrable initially deferred for each row execute function core.check_grid_standing()""",
    """create constraint trigger check_grid_standing after update of version, root_id on core.coverage
    deferrable initially deferred for each row execute function core.check_grid_standing()""",
)


def upgrade() -> None:
    for statement in (CHECK_PATHS, CHECK_COVERAGE, *TRIGGERS):
        op.execute(statement)


def downgrade() -> None:
    op.execute("drop trigger check_grid_standing on core.coverage")
    for name in ("check_grid_standing", "check_grid_paths"):
        op.execute(f"drop trigger {name} on core.grid_change")
        op.execute(f"drop function core.{name}()")
