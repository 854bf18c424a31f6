"""How people want to be told, and the outbox of what leaves the house.

Revision ID: 0027
Revises: 0026
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0027"
down_revision = "0026"
branch_labels = None
depends_on = None

APP, READER = "wangge_app", "wangge_read"
TIME = sa.DateTime(timezone=True)
GIVEN = {
    "notice_choice": "insert, update (modes, quiet_from, quiet_to, digest_at)",
    "notice_delivery": "insert, delete,"
    " update (state, attempts, next_at, leased_until, ended_at, fault, joined_id)",
}  # fmt: skip


def upgrade() -> None:
    op.create_table(
        "notice_choice",
        sa.Column("user_id", sa.Uuid, sa.ForeignKey("core.user_account.id"), primary_key=True),
        sa.Column("modes", JSONB, nullable=False),
        sa.Column("quiet_from", sa.Time),
        sa.Column("quiet_to", sa.Time),
        sa.Column("digest_at", sa.Time, nullable=False),
        schema="core",
    )
    op.create_table(
        "notice_delivery",
        sa.Column("id", sa.Uuid, primary_key=True),
        sa.Column("notice_id", sa.Uuid, sa.ForeignKey("core.notice.id", ondelete="SET NULL"), index=True),
        sa.Column("user_id", sa.Uuid, sa.ForeignKey("core.user_account.id"), nullable=False),
        sa.Column("channel", sa.Text, nullable=False),
        sa.Column("topic", sa.Text, nullable=False),
        sa.Column("digest", sa.Boolean, nullable=False),
        sa.Column("state", sa.Text, nullable=False),
        sa.Column("attempts", sa.Integer, nullable=False),
        sa.Column("made_at", TIME, nullable=False),
        sa.Column("next_at", TIME, nullable=False),
        sa.Column("leased_until", TIME),
        sa.Column("ended_at", TIME),
        sa.Column("fault", JSONB),
        sa.Column("joined_id", sa.Uuid),
        sa.Index("ix_notice_delivery_due", "channel", "next_at", postgresql_where=sa.text("state = 'waiting'")),
        sa.Index("ix_notice_delivery_joined_id", "joined_id", postgresql_where=sa.text("joined_id is not null")),
        sa.CheckConstraint("state in ('waiting', 'sent', 'dead', 'dropped', 'joined')", name="a_known_state"),
        schema="core",
    )
    for table, rights in GIVEN.items():
        if _stands(APP):
            op.execute(f"revoke insert, update, delete, truncate on core.{table} from {APP}")
            op.execute(f"grant {rights} on core.{table} to {APP}")
        if _stands(READER):
            op.execute(f"revoke select on core.{table} from {READER}")


def downgrade() -> None:
    op.drop_table("notice_delivery", schema="core")
    op.drop_table("notice_choice", schema="core")


def _stands(role: str) -> bool:
    return bool(op.get_bind().scalar(sa.text("select 1 from pg_roles where rolname = :name"), {"name": role}))
