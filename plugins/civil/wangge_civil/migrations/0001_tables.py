"""Visits, aid clues, canteens and day care"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from geoalchemy2 import Geometry
from sqlalchemy.dialects.postgresql import JSONB

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

SCHEMA = "plugin_civil"


def upgrade() -> None:
    op.create_table(
        "elder_visit",
        sa.Column("matter_id", sa.Uuid, sa.ForeignKey("core.matter.id"), primary_key=True),
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
        sa.Column("matter_id", sa.Uuid, sa.ForeignKey("core.matter.id"), primary_key=True),
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
        sa.Column("id", sa.Uuid, primary_key=True),
        sa.Column("name", sa.Text, nullable=False, unique=True),
        sa.Column("category", sa.Text, nullable=False),
        sa.Column("address", sa.Text, nullable=False),
        sa.Column("hours", sa.Text, nullable=False),
        sa.Column("office_phone", sa.Text, nullable=False),
        sa.Column("capacity", sa.Integer, nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("place", Geometry("POINT", 4490, spatial_index=False), nullable=False),
        sa.Column("grid_id", sa.BigInteger, sa.ForeignKey("core.grid.id"), index=True),
        sa.Index("ix_care_place_place", "place", postgresql_using="gist"),
        schema=SCHEMA,
    )


def downgrade() -> None:
    for table in ("care_place", "aid_clue", "elder_visit"):
        op.drop_table(table, schema=SCHEMA)
