"""Hazards, flash reports, shelters"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from wangge.revisions import details_column, place_columns

revision = "0001"
down_revision = None

SCHEMA = "plugin_emergency"
NUMBERS = (
    "dead", "injured", "missing", "trapped", "relocated", "houses_collapsed", "houses_damaged", "roads_blocked",
)  # fmt: skip


def upgrade() -> None:
    op.create_table(
        "hazard",
        details_column(),
        sa.Column("level", sa.Text, nullable=False),
        sa.Column("hazard_type", sa.Text, nullable=False),
        sa.Column("rectifier", sa.Text),
        sa.Column("deadline", sa.Date),
        sa.Column("measures", sa.Text),
        schema=SCHEMA,
    )
    op.create_table(
        "flash_report",
        details_column(),
        sa.Column("stage", sa.Text, nullable=False),
        sa.Column("disaster", sa.Text, nullable=False),
        *(sa.Column(name, sa.Integer, nullable=False) for name in NUMBERS),
        sa.Column("needs", sa.Text),
        schema=SCHEMA,
    )
    op.create_table(
        "shelter",
        *place_columns("shelter"),
        sa.Column("address", sa.Text, nullable=False),
        sa.Column("capacity", sa.Integer, nullable=False),
        sa.Column("office_phone", sa.Text, nullable=False),
        schema=SCHEMA,
    )


def downgrade() -> None:
    for table in ("shelter", "flash_report", "hazard"):
        op.drop_table(table, schema=SCHEMA)
