"""Plans: what shall become of the grids, before it does"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None

APP = "wangge_app"
ALTERED = (
    "title, reason, state, version, operations, undone, drawn_on, comment, submitted_at, decided_by, decided_by_name,"
    " decided_at, apply_at, effective_on, change_id"
)


def upgrade() -> None:
    op.create_table(
        "grid_plan",
        sa.Column("id", sa.Uuid, primary_key=True),
        sa.Column("title", sa.Text, nullable=False),
        sa.Column("reason", sa.Text, nullable=False),
        sa.Column("parent_id", sa.BigInteger, sa.ForeignKey("core.grid.id"), nullable=False, index=True),
        sa.Column("state", sa.Text, nullable=False, index=True),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("operations", JSONB, nullable=False),
        sa.Column("undone", JSONB, nullable=False),
        sa.Column("drawn_on", JSONB, nullable=False),
        sa.Column("comment", sa.Text, nullable=False),
        sa.Column("made_by", sa.Text, nullable=False),
        sa.Column("made_by_name", sa.Text, nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("submitted_at", sa.DateTime(timezone=True)),
        sa.Column("decided_by", sa.Text),
        sa.Column("decided_by_name", sa.Text),
        sa.Column("decided_at", sa.DateTime(timezone=True)),
        sa.Column("apply_at", sa.DateTime(timezone=True)),
        sa.Column("effective_on", sa.Date),
        sa.Column("change_id", sa.Uuid, sa.ForeignKey("core.grid_change.id")),
        sa.CheckConstraint(
            "state in ('draft', 'submitted', 'returned', 'approved', 'applied', 'withdrawn')", name="state"
        ),
        schema="core",
    )
    op.execute(f"revoke insert, update, delete on core.grid_plan from {APP}")
    op.execute(f"grant insert, update ({ALTERED}) on core.grid_plan to {APP}")


def downgrade() -> None:
    op.drop_table("grid_plan", schema="core")
