"""A plan names all who drew at it: none of them decides on it.

Revision ID: 0019
Revises: 0018
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None

APP = "wangge_app"


def upgrade() -> None:
    op.add_column("grid_plan", sa.Column("drawn_by", JSONB), schema="core")
    op.execute("update core.grid_plan set drawn_by = jsonb_build_array(made_by)")
    op.alter_column("grid_plan", "drawn_by", nullable=False, schema="core")
    op.execute(f"grant update (drawn_by) on core.grid_plan to {APP}")


def downgrade() -> None:
    op.drop_column("grid_plan", "drawn_by", schema="core")
