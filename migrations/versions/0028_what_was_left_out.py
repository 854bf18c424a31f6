"""A plan that was drawn anew keeps which of its operations no longer fitted, and why.

Revision ID: 0028
Revises: 0027
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0028"
down_revision = "0027"
branch_labels = None
depends_on = None

APP = "wangge_app"


def upgrade() -> None:
    op.add_column("grid_plan", sa.Column("left_out", JSONB, nullable=False, server_default="[]"), schema="core")
    op.alter_column("grid_plan", "left_out", server_default=None, schema="core")
    op.execute(f"grant update (left_out) on core.grid_plan to {APP}")


def downgrade() -> None:
    op.drop_column("grid_plan", "left_out", schema="core")
