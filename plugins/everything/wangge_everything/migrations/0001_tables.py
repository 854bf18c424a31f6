"""Fallen trees, trees"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from geoalchemy2 import Geometry

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

SCHEMA = "plugin_everything"


def upgrade() -> None:
    op.create_table(
        "fallen",
        sa.Column("matter_id", sa.Uuid, sa.ForeignKey("core.matter.id"), primary_key=True),
        sa.Column("height_m", sa.Float),
        schema=SCHEMA,
    )
    op.create_table(
        "tree",
        sa.Column("id", sa.Uuid, primary_key=True),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("place", Geometry("POINT", 4490, spatial_index=False), nullable=False),
        sa.Column("grid_id", sa.BigInteger, sa.ForeignKey("core.grid.id"), index=True),
        sa.Index("ix_tree_place", "place", postgresql_using="gist"),
        schema=SCHEMA,
    )


def downgrade() -> None:
    op.drop_table("tree", schema=SCHEMA)
    op.drop_table("fallen", schema=SCHEMA)
