"""Gardeners of grids"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from wangge.revisions import grid_column

revision = "0002"
down_revision = "0001"

SCHEMA = "plugin_everything"


def upgrade() -> None:
    op.create_table(
        "gardener",
        sa.Column("id", sa.Uuid, primary_key=True),
        sa.Column("name", sa.Text, nullable=False),
        grid_column(),
        schema=SCHEMA,
    )


def downgrade() -> None:
    op.drop_table("gardener", schema=SCHEMA)
