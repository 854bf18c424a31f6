"""Plugins that were installed, and whether they are switched on"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "plugin",
        sa.Column("name", sa.Text, primary_key=True),
        sa.Column("distribution", sa.Text, nullable=False),
        sa.Column("version", sa.Text, nullable=False),
        sa.Column("wheel_sha256", sa.Text, nullable=False),
        sa.Column("state", sa.Text, nullable=False),
        sa.Column("manifest", JSONB, nullable=False),
        sa.Column("failure", JSONB),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("state in ('installed', 'enabled', 'disabled')", name=op.f("ck_plugin_state")),
        schema="core",
    )


def downgrade() -> None:
    op.drop_table("plugin", schema="core")
