"""The guards of the grids resolve names in no schema of the one they guard against; no change lies in the future"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

# Types and operators would else be looked up in `pg_temp` first, where whoever writes may put their own.
SEARCH_PATH = "pg_catalog, public, pg_temp"
GUARDS = """
select p.oid::regprocedure::text from pg_proc p
where p.pronamespace = 'core'::regnamespace and p.proname like 'check\\_grid\\_%' and p.proconfig is null
"""
CHECK_CHANGE = """
create or replace function core.check_grid_change_order() returns trigger language plpgsql
security definer set search_path = pg_catalog, pg_temp as $$
begin
  if new.version is distinct from (select version + 1 from core.coverage for update) then
    raise exception 'a change counts the version of the coverage up by one'
      using errcode = 'WG001', hint = 'nothing was changed';
  end if;
  {bound}
  if new.at <= (select max(at) from core.grid_change) then
    raise exception 'a change holds from later than the latest one' using errcode = 'WG001';
  end if;
  new.transaction_id := pg_current_xact_id()::text::bigint;
  new.statements := 0;
  return new;
end $$
"""
# A day of grace: the clocks of an application and a database on other machines differ, and so do summer times.
BOUND = """
  if new.at > clock_timestamp() + interval '1 day' then
    raise exception 'a change does not hold from a time to come' using errcode = 'WG001';
  end if;
"""


def upgrade() -> None:
    for guard in op.get_bind().scalars(sa.text(GUARDS)).all():
        op.execute(f"alter function {guard} set search_path = {SEARCH_PATH}")
    op.execute(CHECK_CHANGE.format(bound=BOUND))


def downgrade() -> None:
    op.execute(CHECK_CHANGE.format(bound=""))
    set_here = GUARDS.replace("p.proconfig is null", f"p.proconfig = array['search_path={SEARCH_PATH}']")
    for guard in op.get_bind().scalars(sa.text(set_here)).all():
        op.execute(f"alter function {guard} reset search_path")
