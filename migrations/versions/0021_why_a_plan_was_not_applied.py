"""A plan that could not be applied at its moment says why, in the language of whoever reads it.

Revision ID: 0021
Revises: 0020
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None

APP = "wangge_app"


def upgrade() -> None:
    op.add_column("grid_plan", sa.Column("refusal", JSONB(none_as_null=True)), schema="core")
    op.execute(f"grant update (refusal) on core.grid_plan to {APP}")


def downgrade() -> None:
    op.drop_column("grid_plan", "refusal", schema="core")
