"""What people are told: one inbox for each of them.

Revision ID: 0022
Revises: 0021
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0022"
down_revision = "0021"
branch_labels = None
depends_on = None

APP, READER = "wangge_app", "wangge_read"


def upgrade() -> None:
    op.create_table(
        "notice",
        sa.Column("id", sa.Uuid, primary_key=True),
        sa.Column("user_id", sa.Uuid, sa.ForeignKey("core.user_account.id"), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("text", JSONB, nullable=False),
        sa.Column("link", sa.Text, nullable=False),
        sa.Column("read_at", sa.DateTime(timezone=True)),
        schema="core",
    )
    op.create_index("ix_notice_user_id", "notice", ["user_id", "id"], schema="core")
    op.create_index(
        "ix_notice_unread", "notice", ["user_id"], schema="core", postgresql_where=sa.text("read_at is null")
    )
    if _stands(APP):
        op.execute(f"revoke insert, update, delete, truncate on core.notice from {APP}")
        op.execute(f"grant insert, delete, update (read_at) on core.notice to {APP}")
    if _stands(READER):
        op.execute(f"revoke select on core.notice from {READER}")


def downgrade() -> None:
    op.drop_table("notice", schema="core")


def _stands(role: str) -> bool:
    return bool(op.get_bind().scalar(sa.text("select 1 from pg_roles where rolname = :name"), {"name": role}))
