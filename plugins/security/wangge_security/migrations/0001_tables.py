"""Disputes, hazards, mediation rooms"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from geoalchemy2 import Geometry
from sqlalchemy.dialects.postgresql import JSONB

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

SCHEMA = "plugin_security"


def upgrade() -> None:
    op.create_table(
        "dispute",
        sa.Column("matter_id", sa.Uuid, sa.ForeignKey("core.matter.id"), primary_key=True),
        sa.Column("dispute_type", sa.Text, nullable=False),
        sa.Column("scale", sa.Text, nullable=False),
        sa.Column("people", sa.Integer, nullable=False),
        sa.Column("signs", JSONB, nullable=False),
        sa.Column("risk", sa.Text, nullable=False),
        sa.Column("mediator", sa.Text),
        sa.Column("agreement_due", sa.Date),
        schema=SCHEMA,
    )
    op.create_table(
        "hazard_safety",
        sa.Column("matter_id", sa.Uuid, sa.ForeignKey("core.matter.id"), primary_key=True),
        sa.Column("site", sa.Text, nullable=False),
        sa.Column("findings", JSONB, nullable=False),
        sa.Column("danger", sa.Text, nullable=False),
        sa.Column("rectifier", sa.Text),
        sa.Column("deadline", sa.Date),
        schema=SCHEMA,
    )
    op.create_table(
        "room",
        sa.Column("id", sa.Uuid, primary_key=True),
        sa.Column("name", sa.Text, nullable=False, unique=True),
        sa.Column("category", sa.Text, nullable=False),
        sa.Column("address", sa.Text, nullable=False),
        sa.Column("hours", sa.Text, nullable=False),
        sa.Column("office_phone", sa.Text, nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("place", Geometry("POINT", 4490, spatial_index=False), nullable=False),
        sa.Column("grid_id", sa.BigInteger, sa.ForeignKey("core.grid.id"), index=True),
        sa.Index("ix_room_place", "place", postgresql_using="gist"),
        schema=SCHEMA,
    )


def downgrade() -> None:
    for table in ("room", "hazard_safety", "dispute"):
        op.drop_table(table, schema=SCHEMA)
