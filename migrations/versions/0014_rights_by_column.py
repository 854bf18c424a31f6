"""The application's role has the rights that its code uses and no other; a proof is kept through one function"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None

APP = "wangge_app"

# Beside reading, per table: whether rows are added, whether they are removed, which columns are altered. Locking a
# row asks for the right to alter a column of it: of a file that is the name, which its hash does not depend on.
RIGHTS = {
    "api_token": ("insert", "last_used_at, revoked_at"),
    "coverage": ("", "version, root_id"),
    "department": ("insert", "name, phone, parent_id, closed_at"),
    "file": ("insert, delete", "name"),
    "grant": ("insert", "revoked_at"),
    "grid": ("insert", "retired_by"),
    "grid_change": ("insert", "counts"),
    "grid_import": ("insert", "state, options, report, change_id"),
    "grid_shape": ("insert", ""),
    "grid_state": ("insert", "valid, closed_by"),
    "instance": ("", "plugin_epoch"),
    "journal": ("insert", ""),
    "login_attempt": ("insert, delete", "failures, last_at, blocked_until"),
    "matter": (
        "insert",
        "state, version, handler, handler_name, place, raw_place, grid_id, closed_at, last_step, last_at",
    ),
    "matter_event": ("insert", ""),
    "matter_file": ("insert", ""),
    "plugin": ("", "state, failure, changed_at"),
    "post": ("insert", "closed_at"),
    "post_holder": ("insert", "valid"),
    "request": ("insert, delete", "answer"),
    "session": ("insert", "last_seen_at, ended_at"),
    "setting": ("insert", "value"),
    "tile": ("insert", "body"),
    "user_account": (
        "insert",
        "name, phone, email, password_hash, must_change_password, language, department_id, import_id, disabled_at",
    ),
    "user_import": ("insert", ""),
}
UNTIL_NOW = {
    "coverage": ("", "version, root_id, proof"),
    "grid": ("insert", "retired_by"),
    "grid_change": ("insert", "counts"),
    "grid_shape": ("insert", ""),
    "grid_state": ("insert", "valid, closed_by"),
    "instance": ("", "plugin_epoch"),
    "journal": ("insert", ""),
    "matter_event": ("insert", ""),
}
FREE = ("insert, update, delete", "")

FORGET_PROOF = """
create function core.forget_proof() returns trigger language plpgsql
set search_path = pg_catalog, pg_temp as $$
begin
  new.proof := null;
  return new;
end $$
"""
KEEP_PROOF = """
create function core.keep_proof(proven bigint, facts jsonb) returns void language plpgsql
security definer set search_path = pg_catalog, public, pg_temp as $$
begin
  if facts->'exact' is distinct from 'false' and exists (
    select 1
    from core.grid_state p
    join core.grid_shape ps on ps.id = p.shape_id
    join core.grid_state c on c.parent_id = p.grid_id and upper_inf(c.valid)
    join core.grid_shape cs on cs.id = c.shape_id
    where upper_inf(p.valid)
    group by p.grid_id, ps.fingerprint
    having mod(sum(cs.fingerprint) - ps.fingerprint, 18446744073709551616) <> 0
  ) then
    raise exception 'a coverage whose parts do not sum is not exact' using errcode = 'WG001';
  end if;
  update core.coverage set proof = facts where version = proven;
end $$
"""


def upgrade() -> None:
    op.execute("alter table core.grid_shape add constraint ck_grid_shape_fingerprint check (fingerprint <> 0)")
    op.execute(FORGET_PROOF)
    op.execute(
        "create trigger forget_proof before update of version on core.coverage for each row"
        " when (new.version is distinct from old.version) execute function core.forget_proof()"
    )
    op.execute(KEEP_PROOF)
    op.execute("revoke execute on function core.keep_proof(bigint, jsonb) from public")
    if _has_app_role():
        op.execute(f"grant execute on function core.keep_proof(bigint, jsonb) to {APP}")
        for table, rights in RIGHTS.items():
            _give(table, *rights)


def downgrade() -> None:
    if _has_app_role():
        for table in RIGHTS:
            _give(table, *UNTIL_NOW.get(table, FREE))
    op.execute("drop function core.keep_proof(bigint, jsonb)")
    op.execute("drop trigger forget_proof on core.coverage")
    op.execute("drop function core.forget_proof()")
    op.execute("alter table core.grid_shape drop constraint ck_grid_shape_fingerprint")


def _has_app_role() -> bool:
    return bool(op.get_bind().scalar(sa.text("select 1 from pg_roles where rolname = :name"), {"name": APP}))


def _give(table: str, rows: str, columns: str) -> None:
    """Exactly these rights beside reading; taking a table's away takes those on its columns too."""
    op.execute(f'revoke insert, update, delete, truncate on core."{table}" from {APP}')
    given = [*([rows] if rows else []), *([f"update ({columns})"] if columns else [])]
    if given:
        op.execute(f'grant {", ".join(given)} on core."{table}" to {APP}')
