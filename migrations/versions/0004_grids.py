"""Coverage, grids in time, changes, imports, tiles; the database refuses children that do not sum to their parent"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from geoalchemy2 import Geometry
from sqlalchemy.dialects.postgresql import JSONB, TSTZRANGE, ExcludeConstraint

from core.db.base import Ltree

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

CHANGE = "core.grid_change.id"
REFERRING = ("grant", "post")
XACT = sa.text("pg_current_xact_id()::text::bigint")

# No `limit 1` on the sums: for a first row soon the planner joins by nested loops, quadratic in the change's states.
# sum(bigint) is numeric and does not wrap, so the remainder by 2^64 tells whether the wrapped sums agree.
CHECK_SUMS = """
create function core.check_grid_change() returns trigger language plpgsql as $$
declare
  bad record;
begin
  with touched as (
    select parent_id as id from core.grid_state where change_id = new.id or closed_by = new.id
    union
    select grid_id from core.grid_state where change_id = new.id or closed_by = new.id
  )
  select p.code into bad
  from touched t
  join core.grid_state p on p.grid_id = t.id and upper_inf(p.valid)
  join core.grid_shape ps on ps.id = p.shape_id
  join core.grid_state c on c.parent_id = p.grid_id and upper_inf(c.valid)
  join core.grid_shape cs on cs.id = c.shape_id
  group by p.code, ps.fingerprint
  having mod(sum(cs.fingerprint) - ps.fingerprint, 18446744073709551616) <> 0;
  if found then
    raise exception 'the children of grid % do not sum to it', bad.code
      using errcode = 'WG001', hint = 'nothing was changed';
  end if;
  select c.code into bad
  from core.grid_state c
  left join core.grid_state p on p.grid_id = c.parent_id and upper_inf(p.valid)
  where upper_inf(c.valid) and c.parent_id is not null and p.id is null
    and (c.change_id = new.id or c.parent_id in (select grid_id from core.grid_state where closed_by = new.id))
  limit 1;
  if found then
    raise exception 'grid % would live on without its parent', bad.code using errcode = 'WG001';
  end if;
  return null;
end $$
"""
CHECK_SUMS_TRIGGER = """
create constraint trigger check_grid_change after insert on core.grid_change
deferrable initially deferred for each row execute function core.check_grid_change()
"""
CHECK_INSERT = """
create function core.check_grid_state_insert() returns trigger language plpgsql as $$
begin
  if exists (
    select 1 from fresh f join core.grid_change c on c.id = f.change_id
    where c.transaction_id <> pg_current_xact_id()::text::bigint
  ) then
    raise exception 'a grid state needs a change recorded in the same transaction' using errcode = 'WG002';
  end if;
  return null;
end $$
"""
CHECK_UPDATE = """
create function core.check_grid_state_update() returns trigger language plpgsql as $$
begin
  if exists (
    select 1 from fresh f join stale s on s.id = f.id left join core.grid_change c on c.id = f.closed_by
    where c.transaction_id is distinct from pg_current_xact_id()::text::bigint
      or not upper_inf(s.valid) or upper_inf(f.valid) or lower(f.valid) <> lower(s.valid)
      or (f.grid_id, f.code, f.name, f.kind, f.parent_id, f.path, f.shape_id, f.change_id)
         is distinct from (s.grid_id, s.code, s.name, s.kind, s.parent_id, s.path, s.shape_id, s.change_id)
  ) then
    raise exception 'a grid state is closed by a change, never altered' using errcode = 'WG002';
  end if;
  return null;
end $$
"""
FORBID_DELETE = """
create function core.check_grid_delete() returns trigger language plpgsql as $$
begin
  if not (select demo from core.instance) then
    raise exception 'nothing of the coverage is deleted: a grid is retired by a change' using errcode = 'WG002';
  end if;
  return null;
end $$
"""
FORBID_UPDATE = """
create function core.check_grid_update() returns trigger language plpgsql as $$
begin
  raise exception 'rows of % are never altered', tg_table_name using errcode = 'WG002';
end $$
"""
# Demonstration data are the one thing that is cleared away. A change counts what it did before it commits.
KEEPING_TRIGGERS = (
    *(
        f"""create trigger check_grid_delete before delete on core.{table}
        for each statement execute function core.check_grid_delete()"""
        for table in ("grid", "grid_shape", "grid_state", "grid_change")
    ),
    """create trigger check_grid_update before update on core.grid_shape
    for each statement execute function core.check_grid_update()""",
    """create trigger check_grid_update before update on core.grid_change
    for each row when (old.transaction_id <> pg_current_xact_id()::text::bigint)
    execute function core.check_grid_update()""",
)
FUNCTIONS = (
    "check_grid_change",
    "check_grid_state_insert",
    "check_grid_state_update",
    "check_grid_delete",
    "check_grid_update",
)
STATE_TRIGGERS = (
    """create trigger check_grid_state_insert after insert on core.grid_state
    referencing new table as fresh for each statement execute function core.check_grid_state_insert()""",
    """create trigger check_grid_state_update after update on core.grid_state
    referencing new table as fresh old table as stale
    for each statement execute function core.check_grid_state_update()""",
)


def upgrade() -> None:
    _changes()
    _grids()
    _imports_and_tiles()
    _references()
    functions = (CHECK_SUMS, CHECK_INSERT, CHECK_UPDATE, FORBID_DELETE, FORBID_UPDATE)
    for statement in (*functions, CHECK_SUMS_TRIGGER, *STATE_TRIGGERS, *KEEPING_TRIGGERS):
        op.execute(statement)


def _changes() -> None:
    op.create_table(
        "grid_change",
        sa.Column("id", sa.Uuid, primary_key=True),
        sa.Column("version", sa.BigInteger, nullable=False, unique=True),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("actor", sa.Text, nullable=False),
        sa.Column("actor_name", sa.Text, nullable=False),
        sa.Column("reason", sa.Text, nullable=False),
        sa.Column("effective_on", sa.Date),
        sa.Column("operations", JSONB, nullable=False),
        sa.Column("counts", JSONB, nullable=False),
        sa.Column("all_tiles", sa.Boolean, nullable=False),
        sa.Column("transaction_id", sa.BigInteger, nullable=False, server_default=XACT),
        schema="core",
    )


def _grids() -> None:
    op.create_table(
        "grid",
        sa.Column("id", sa.BigInteger, sa.Identity(), primary_key=True),
        sa.Column("level", sa.Text, nullable=False),
        sa.Column("born_by", sa.Uuid, sa.ForeignKey(CHANGE), nullable=False),
        sa.Column("retired_by", sa.Uuid, sa.ForeignKey(CHANGE)),
        schema="core",
    )
    op.create_table(
        "coverage",
        sa.Column("id", sa.SmallInteger, primary_key=True, autoincrement=False),
        sa.Column("version", sa.BigInteger, nullable=False),
        sa.Column("root_id", sa.BigInteger, sa.ForeignKey("core.grid.id")),
        sa.Column("proof", JSONB),
        sa.CheckConstraint("id = 1", name=op.f("ck_coverage_one_row")),
        schema="core",
    )
    op.execute("insert into core.coverage values (1, 0, null, null)")
    op.create_table(
        "grid_shape",
        sa.Column("id", sa.BigInteger, sa.Identity(), primary_key=True),
        sa.Column("geom", Geometry("GEOMETRY", 4490, spatial_index=False), nullable=False),
        sa.Column("fingerprint", sa.BigInteger, nullable=False),
        sa.Column("mixer", sa.SmallInteger, nullable=False),
        sa.Column("area_m2", sa.Float, nullable=False),
        sa.Column("label", Geometry("POINT", 4490, spatial_index=False), nullable=False),
        sa.Index("ix_grid_shape_geom", "geom", postgresql_using="gist"),
        schema="core",
    )
    now = sa.text("upper_inf(valid)")
    op.create_table(
        "grid_state",
        sa.Column("id", sa.BigInteger, sa.Identity(), primary_key=True),
        sa.Column("grid_id", sa.BigInteger, sa.ForeignKey("core.grid.id"), nullable=False),
        sa.Column("code", sa.Text, nullable=False, index=True),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("parent_id", sa.BigInteger, sa.ForeignKey("core.grid.id")),
        sa.Column("path", Ltree, nullable=False),
        sa.Column("shape_id", sa.BigInteger, sa.ForeignKey("core.grid_shape.id"), nullable=False, index=True),
        sa.Column("search", sa.Text, nullable=False),
        sa.Column("valid", TSTZRANGE, nullable=False),
        sa.Column("change_id", sa.Uuid, sa.ForeignKey(CHANGE), nullable=False, index=True),
        sa.Column("closed_by", sa.Uuid, sa.ForeignKey(CHANGE), index=True),
        ExcludeConstraint(("grid_id", "="), ("valid", "&&"), using="gist", name="one_state_at_a_time"),
        sa.Index("ix_grid_state_code_now", "code", unique=True, postgresql_where=now),
        sa.Index("ix_grid_state_grid_now", "grid_id", unique=True, postgresql_where=now),
        sa.Index("ix_grid_state_parent_now", "parent_id", postgresql_where=now),
        sa.Index("ix_grid_state_path", "path", postgresql_using="gist"),
        sa.Index(
            "ix_grid_state_search",
            "search",
            postgresql_using="gin",
            postgresql_ops={"search": "gin_trgm_ops"},
        ),
        schema="core",
    )


def _imports_and_tiles() -> None:
    op.create_table(
        "grid_import",
        sa.Column("id", sa.Uuid, primary_key=True),
        sa.Column("file_name", sa.Text, nullable=False),
        sa.Column("bytes", sa.BigInteger, nullable=False),
        sa.Column("state", sa.Text, nullable=False),
        sa.Column("options", JSONB, nullable=False),
        sa.Column("report", JSONB),
        sa.Column("made_by", sa.Text, nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("change_id", sa.Uuid, sa.ForeignKey(CHANGE)),
        schema="core",
    )
    op.create_table(
        "tile",
        sa.Column("layer", sa.Text, primary_key=True),
        sa.Column("z", sa.SmallInteger, primary_key=True, autoincrement=False),
        sa.Column("x", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("y", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("version", sa.BigInteger, primary_key=True, autoincrement=False),
        sa.Column("body", sa.LargeBinary),
        schema="core",
    )


def _references() -> None:
    """Tables made before the grids now point at them."""
    for table in REFERRING:
        op.create_foreign_key(
            op.f(f"fk_{table}_grid_id_grid"),
            table,
            "grid",
            ["grid_id"],
            ["id"],
            source_schema="core",
            referent_schema="core",
        )


def downgrade() -> None:
    for table in REFERRING:
        op.drop_constraint(f"fk_{table}_grid_id_grid", table, schema="core")
    for table in ("tile", "grid_import", "grid_state", "grid_shape", "coverage"):
        op.drop_table(table, schema="core")
    for table in ("grid", "grid_change"):
        op.drop_table(table, schema="core")
    for function in FUNCTIONS:
        op.execute(f"drop function core.{function}()")
