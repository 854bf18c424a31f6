"""Disputes, hazards, mediation rooms"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB
from wangge.revisions import details_column, place_columns

revision = "0001"
down_revision = None

SCHEMA = "plugin_security"


def upgrade() -> None:
    op.create_table(
        "dispute",
        details_column(),
        sa.Column("dispute_type", sa.Text, nullable=False),
        sa.Column("scale", sa.Text, nullable=False),
        sa.Column("people", sa.Integer, nullable=False),
        sa.Column("signs", JSONB, nullable=False),
        sa.Column("risk", sa.Text),
        sa.Column("mediator", sa.Text),
        sa.Column("agreement_due", sa.Date),
        schema=SCHEMA,
    )
    op.create_table(
        "hazard_safety",
        details_column(),
        sa.Column("site", sa.Text, nullable=False),
        sa.Column("findings", JSONB, nullable=False),
        sa.Column("danger", sa.Text, nullable=False),
        sa.Column("rectifier", sa.Text),
        sa.Column("deadline", sa.Date),
        schema=SCHEMA,
    )
    op.create_table(
        "room",
        *place_columns("room"),
        sa.Column("category", sa.Text, nullable=False),
        sa.Column("address", sa.Text, nullable=False),
        sa.Column("hours", sa.Text, nullable=False),
        sa.Column("office_phone", sa.Text, nullable=False),
        schema=SCHEMA,
    )


def downgrade() -> None:
    for table in ("room", "hazard_safety", "dispute"):
        op.drop_table(table, schema=SCHEMA)
