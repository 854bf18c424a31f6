"""Index the states of the past by their parent, too.

Revision ID: 0025
Revises: 0024
"""

from __future__ import annotations

from alembic import op

revision = "0025"
down_revision = "0024"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index("ix_grid_state_parent", "grid_state", ["parent_id"], schema="core")


def downgrade() -> None:
    op.drop_index("ix_grid_state_parent", "grid_state", schema="core")
