"""A notice that asks for something is settled once it was done.

Revision ID: 0024
Revises: 0023
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0024"
down_revision = "0023"
branch_labels = None
depends_on = None

ASKED = "%(by)s handed the plan “%(plan)s” in for you to decide on"


def upgrade() -> None:
    op.add_column("notice", sa.Column("asks", sa.Boolean, nullable=False, server_default=sa.false()), schema="core")
    op.alter_column("notice", "asks", server_default=None, schema="core")
    of_plans = sa.text("update core.notice set asks = true where subject = 'plan' and text ->> 'message' = :asked")
    op.execute(of_plans.bindparams(asked=ASKED))
    op.execute(
        "update core.notice n set read_at = now() from core.grid_plan p"
        " where n.asks and n.read_at is null and n.subject_id = p.id::text and p.state <> 'submitted'"
    )
    op.create_index(
        "ix_notice_asked", "notice", ["subject_id"], schema="core", postgresql_where=sa.text("asks and read_at is null")
    )


def downgrade() -> None:
    op.drop_index("ix_notice_asked", "notice", schema="core")
    op.drop_column("notice", "asks", schema="core")
