"""Fallen trees, trees"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from wangge.revisions import details_column, located_columns

revision = "0001"
down_revision = None

SCHEMA = "plugin_everything"


def upgrade() -> None:
    op.create_table(
        "fallen",
        details_column(),
        sa.Column("height_m", sa.Float),
        schema=SCHEMA,
    )
    op.create_table(
        "tree",
        sa.Column("id", sa.Uuid, primary_key=True),
        sa.Column("name", sa.Text, nullable=False),
        *located_columns("tree"),
        schema=SCHEMA,
    )


def downgrade() -> None:
    op.drop_table("tree", schema=SCHEMA)
    op.drop_table("fallen", schema=SCHEMA)
