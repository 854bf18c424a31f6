"""Webhooks, and deliveries to them.

Revision ID: 0028
Revises: 0027
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0028"
down_revision = "0027"
branch_labels = None
depends_on = None

APP, READER = "wangge_app", "wangge_read"
TIME = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "webhook",
        sa.Column("id", sa.Uuid, primary_key=True),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("url", sa.Text, nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("renewed_at", TIME),
        sa.Column("made_at", TIME, nullable=False),
        sa.Column("paused_at", TIME),
        schema="core",
    )
    op.add_column(
        "notice_delivery", sa.Column("webhook_id", sa.Uuid, sa.ForeignKey("core.webhook.id")), schema="core"
    )
    op.alter_column("notice_delivery", "user_id", nullable=True, schema="core")
    op.create_check_constraint(
        "one_receiver", "notice_delivery", "num_nonnulls(user_id, webhook_id) = 1", schema="core"
    )
    if _stands(APP):
        op.execute(f"revoke insert, update, delete, truncate on core.webhook from {APP}")
        op.execute(f"grant insert, update (version, renewed_at, paused_at) on core.webhook to {APP}")
    if _stands(READER):
        op.execute(f"revoke select on core.webhook from {READER}")


def downgrade() -> None:
    op.execute("delete from core.notice_delivery where user_id is null")
    op.drop_constraint("one_receiver", "notice_delivery", schema="core")
    op.alter_column("notice_delivery", "user_id", nullable=False, schema="core")
    op.drop_column("notice_delivery", "webhook_id", schema="core")
    op.drop_table("webhook", schema="core")


def _stands(role: str) -> bool:
    return bool(op.get_bind().scalar(sa.text("select 1 from pg_roles where rolname = :name"), {"name": role}))
