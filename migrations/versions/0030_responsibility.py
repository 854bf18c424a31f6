"""The responsibility matrix.

Revision ID: 0030
Revises: 0029
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import ARRAY

revision = "0030"
down_revision = "0029"
branch_labels = None
depends_on = None

APP = "wangge_app"
TIME = sa.DateTime(timezone=True)
UPDATED = "lead_id, assistant_ids, fallback_id, version, ended_at"


def upgrade() -> None:
    op.create_table(
        "responsibility",
        sa.Column("id", sa.Uuid, primary_key=True),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("category", sa.Text, nullable=False),
        sa.Column("grid_id", sa.BigInteger, sa.ForeignKey("core.grid.id"), nullable=False),
        sa.Column("lead_id", sa.Uuid, sa.ForeignKey("core.department.id"), nullable=False),
        sa.Column("assistant_ids", ARRAY(sa.Uuid), nullable=False),
        sa.Column("fallback_id", sa.Uuid, sa.ForeignKey("core.department.id")),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("made_at", TIME, nullable=False),
        sa.Column("ended_at", TIME),
        sa.CheckConstraint("kind = '' or category = ''", name="a_kind_or_a_category"),
        sa.Index(
            "uq_responsibility_living", "grid_id", "kind", "category", "lead_id",
            unique=True, postgresql_where=sa.text("ended_at is null"),
        ),
        schema="core",
    )  # fmt: skip
    if _stands(APP):
        op.execute(f"revoke insert, update, delete, truncate on core.responsibility from {APP}")
        op.execute(f"grant insert, update ({UPDATED}) on core.responsibility to {APP}")


def downgrade() -> None:
    op.drop_table("responsibility", schema="core")


def _stands(role: str) -> bool:
    return bool(op.get_bind().scalar(sa.text("select 1 from pg_roles where rolname = :name"), {"name": role}))
