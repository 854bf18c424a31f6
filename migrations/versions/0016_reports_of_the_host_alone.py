"""The role for reports reads no tables of plugins: what these hold of people, the host cannot know"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None

READER = "wangge_read"


def upgrade() -> None:
    _change("revoke", "from")


def downgrade() -> None:
    _change("grant", "to")


def _change(act: str, way: str) -> None:
    connection = op.get_bind()
    if not connection.scalar(sa.text("select 1 from pg_roles where rolname = :name"), {"name": READER}):
        return
    for schema in connection.scalars(sa.text("select nspname from pg_namespace where nspname like 'plugin\\_%'")).all():
        quoted = connection.dialect.identifier_preparer.quote(schema)
        for statement in (
            f"{act} usage on schema {quoted} {way} {READER}",
            f"{act} select on all tables in schema {quoted} {way} {READER}",
            f"alter default privileges in schema {quoted} {act} select on tables {way} {READER}",
        ):
            op.execute(statement)
