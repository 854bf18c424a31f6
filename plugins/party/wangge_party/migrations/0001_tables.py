"""Visits, requests, stations"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from geoalchemy2 import Geometry
from sqlalchemy.dialects.postgresql import JSONB

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

SCHEMA = "plugin_party"


def upgrade() -> None:
    op.create_table(
        "visit",
        sa.Column("matter_id", sa.Uuid, sa.ForeignKey("core.matter.id"), primary_key=True),
        sa.Column("household", sa.Text, nullable=False),
        sa.Column("way", sa.Text, nullable=False),
        sa.Column("needs", JSONB, nullable=False),
        sa.Column("promise", sa.Text),
        sa.Column("promise_owner", sa.Text),
        sa.Column("promise_due", sa.Date),
        schema=SCHEMA,
    )
    op.create_table(
        "station_request",
        sa.Column("matter_id", sa.Uuid, sa.ForeignKey("core.matter.id"), primary_key=True),
        sa.Column("station", sa.Text),
        sa.Column("service", sa.Text, nullable=False),
        sa.Column("asked_by", sa.Text, nullable=False),
        sa.Column("people", sa.Integer, nullable=False),
        sa.Column("wanted_on", sa.Date),
        schema=SCHEMA,
    )
    op.create_table(
        "station",
        sa.Column("id", sa.Uuid, primary_key=True),
        sa.Column("name", sa.Text, nullable=False, unique=True),
        sa.Column("category", sa.Text, nullable=False),
        sa.Column("address", sa.Text, nullable=False),
        sa.Column("hours", sa.Text, nullable=False),
        sa.Column("office_phone", sa.Text, nullable=False),
        sa.Column("services", sa.Text, nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("place", Geometry("POINT", 4490, spatial_index=False), nullable=False),
        sa.Column("grid_id", sa.BigInteger, sa.ForeignKey("core.grid.id"), index=True),
        sa.Index("ix_station_place", "place", postgresql_using="gist"),
        schema=SCHEMA,
    )


def downgrade() -> None:
    for table in ("station", "station_request", "visit"):
        op.drop_table(table, schema=SCHEMA)
