"""Visits, aid clues, canteens and day care"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB
from wangge.revisions import details_column, place_columns

revision = "0001"
down_revision = None

SCHEMA = "plugin_civil"


def upgrade() -> None:
    op.create_table(
        "elder_visit",
        details_column(),
        sa.Column("dwelling", sa.Text, nullable=False),
        sa.Column("seen", sa.Boolean, nullable=False),
        sa.Column("unseen_reason", sa.Text),
        sa.Column("home_hazards", JSONB, nullable=False),
        sa.Column("needs", JSONB, nullable=False),
        sa.Column("next_date", sa.Date),
        schema=SCHEMA,
    )
    op.create_table(
        "aid_clue",
        details_column(),
        sa.Column("household", sa.Text, nullable=False),
        sa.Column("event", sa.Text, nullable=False),
        sa.Column("hardship", sa.Text, nullable=False),
        sa.Column("people", sa.Integer, nullable=False),
        sa.Column("amount_asked", sa.Integer),
        sa.Column("urgent", sa.Boolean, nullable=False),
        schema=SCHEMA,
    )
    op.create_table(
        "care_place",
        *place_columns("care_place"),
        sa.Column("category", sa.Text, nullable=False),
        sa.Column("address", sa.Text, nullable=False),
        sa.Column("hours", sa.Text, nullable=False),
        sa.Column("office_phone", sa.Text, nullable=False),
        sa.Column("capacity", sa.Integer, nullable=False),
        schema=SCHEMA,
    )


def downgrade() -> None:
    for table in ("care_place", "aid_clue", "elder_visit"):
        op.drop_table(table, schema=SCHEMA)
