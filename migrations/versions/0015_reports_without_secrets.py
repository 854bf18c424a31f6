"""The role for reports reads no hash, no session, no one's telephone and no mail address"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None

READER = "wangge_read"

# What stays readable of each table; the rest of it, such as what the journal says of single values, is no report's.
READABLE = {
    "api_token": "",
    "journal": "id, at, actor, actor_name, action, object_type, object_id, transaction_id",
    "login_attempt": "",
    "request": "",
    "session": "",
    "setting": "",
    "user_account": "id, login, name, language, department_id, import_id, made_at, disabled_at",
    "user_import": "id, made_at, made_by, made_by_name, added, differing, unchanged",
}


def upgrade() -> None:
    if _has_reader():
        for table, columns in READABLE.items():
            op.execute(f'revoke select on core."{table}" from {READER}')
            if columns:
                op.execute(f'grant select ({columns}) on core."{table}" to {READER}')


def downgrade() -> None:
    if _has_reader():
        for table in READABLE:
            op.execute(f'revoke select on core."{table}" from {READER}')
            op.execute(f'grant select on core."{table}" to {READER}')


def _has_reader() -> bool:
    return bool(op.get_bind().scalar(sa.text("select 1 from pg_roles where rolname = :name"), {"name": READER}))
