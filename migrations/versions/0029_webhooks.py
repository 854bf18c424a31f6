"""Webhooks, and deliveries to them.

Revision ID: 0029
Revises: 0028
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0029"
down_revision = "0028"
branch_labels = None
depends_on = None

APP, READER = "wangge_app", "wangge_read"
TIME = sa.DateTime(timezone=True)
DELIVERY, DUE = "notice_delivery", "ix_notice_delivery_due"
WAITING = sa.text("state = 'waiting'")


def upgrade() -> None:
    op.create_table(
        "webhook",
        sa.Column("id", sa.Uuid, primary_key=True),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("url", sa.Text, nullable=False),
        sa.Column("topics", JSONB, nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("renewed_at", TIME),
        sa.Column("made_at", TIME, nullable=False),
        sa.Column("paused_at", TIME),
        sa.Column("removed_at", TIME),
        schema="core",
    )
    op.add_column(DELIVERY, sa.Column("webhook_id", sa.Uuid, sa.ForeignKey("core.webhook.id")), schema="core")
    op.alter_column(DELIVERY, "user_id", nullable=True, schema="core")
    op.create_check_constraint("one_receiver", DELIVERY, "num_nonnulls(user_id, webhook_id) = 1", schema="core")
    op.drop_index(DUE, DELIVERY, schema="core")
    op.create_index(DUE, DELIVERY, ["channel", "webhook_id", "next_at"], schema="core", postgresql_where=WAITING)
    op.create_index(
        "ix_notice_delivery_webhook_id", DELIVERY, ["webhook_id"], schema="core",
        postgresql_where=sa.text("webhook_id is not null"),
    )  # fmt: skip
    if _stands(APP):
        op.execute(f"revoke insert, update, delete, truncate on core.webhook from {APP}")
        op.execute(f"grant insert, update (version, renewed_at, paused_at, removed_at) on core.webhook to {APP}")
    if _stands(READER):
        op.execute(f"revoke select on core.webhook from {READER}")


def downgrade() -> None:
    op.execute("delete from core.notice_delivery where user_id is null")
    op.drop_index(DUE, DELIVERY, schema="core")
    op.create_index(DUE, DELIVERY, ["channel", "next_at"], schema="core", postgresql_where=WAITING)
    op.drop_constraint(op.f("ck_notice_delivery_one_receiver"), DELIVERY, schema="core")
    op.alter_column(DELIVERY, "user_id", nullable=False, schema="core")
    op.drop_column(DELIVERY, "webhook_id", schema="core")
    op.drop_table("webhook", schema="core")


def _stands(role: str) -> bool:
    return bool(op.get_bind().scalar(sa.text("select 1 from pg_roles where rolname = :name"), {"name": role}))
