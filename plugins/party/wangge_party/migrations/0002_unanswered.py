"""A choice that nobody made is kept as none, and not as “other”"""

from __future__ import annotations

from alembic import op

revision = "0002"
down_revision = "0001"

SCHEMA = "plugin_party"
CHOICES = (("station_request", "service"), ("station_request", "asked_by"))


def upgrade() -> None:
    for table, column in CHOICES:
        op.alter_column(table, column, nullable=True, schema=SCHEMA)


def downgrade() -> None:
    for table, column in CHOICES:
        op.execute(f"update {SCHEMA}.{table} set {column} = 'other' where {column} is null")
        op.alter_column(table, column, nullable=False, schema=SCHEMA)
