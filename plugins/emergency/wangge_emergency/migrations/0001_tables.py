"""Hazards, flash reports, shelters"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from geoalchemy2 import Geometry

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

SCHEMA = "plugin_emergency"
NUMBERS = (
    "dead", "injured", "missing", "trapped", "relocated", "houses_collapsed", "houses_damaged", "roads_blocked",
)  # fmt: skip


def upgrade() -> None:
    op.create_table(
        "hazard",
        sa.Column("matter_id", sa.Uuid, sa.ForeignKey("core.matter.id"), primary_key=True),
        sa.Column("level", sa.Text, nullable=False),
        sa.Column("hazard_type", sa.Text, nullable=False),
        sa.Column("rectifier", sa.Text),
        sa.Column("deadline", sa.Date),
        sa.Column("measures", sa.Text),
        schema=SCHEMA,
    )
    op.create_table(
        "flash_report",
        sa.Column("matter_id", sa.Uuid, sa.ForeignKey("core.matter.id"), primary_key=True),
        sa.Column("stage", sa.Text, nullable=False),
        sa.Column("disaster", sa.Text, nullable=False),
        *(sa.Column(name, sa.Integer, nullable=False) for name in NUMBERS),
        sa.Column("needs", sa.Text),
        schema=SCHEMA,
    )
    op.create_table(
        "shelter",
        sa.Column("id", sa.Uuid, primary_key=True),
        sa.Column("name", sa.Text, nullable=False, unique=True),
        sa.Column("address", sa.Text, nullable=False),
        sa.Column("capacity", sa.Integer, nullable=False),
        sa.Column("office_phone", sa.Text, nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("place", Geometry("POINT", 4490, spatial_index=False), nullable=False),
        sa.Column("grid_id", sa.BigInteger, sa.ForeignKey("core.grid.id"), index=True),
        sa.Index("ix_shelter_place", "place", postgresql_using="gist"),
        schema=SCHEMA,
    )


def downgrade() -> None:
    for table in ("shelter", "flash_report", "hazard"):
        op.drop_table(table, schema=SCHEMA)
