"""Visits, requests, stations"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB
from wangge.revisions import details_column, place_columns

revision = "0001"
down_revision = None

SCHEMA = "plugin_party"


def upgrade() -> None:
    op.create_table(
        "visit",
        details_column(),
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
        details_column(),
        sa.Column("station", sa.Text),
        sa.Column("service", sa.Text, nullable=False),
        sa.Column("asked_by", sa.Text, nullable=False),
        sa.Column("people", sa.Integer, nullable=False),
        sa.Column("wanted_on", sa.Date),
        schema=SCHEMA,
    )
    op.create_table(
        "station",
        *place_columns("station"),
        sa.Column("category", sa.Text, nullable=False),
        sa.Column("address", sa.Text, nullable=False),
        sa.Column("hours", sa.Text, nullable=False),
        sa.Column("office_phone", sa.Text, nullable=False),
        sa.Column("services", sa.Text, nullable=False),
        schema=SCHEMA,
    )


def downgrade() -> None:
    for table in ("station", "station_request", "visit"):
        op.drop_table(table, schema=SCHEMA)
