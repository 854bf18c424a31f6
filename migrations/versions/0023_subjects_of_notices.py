"""A notice keeps what it is about; the address of the page is the web's own.

Revision ID: 0023
Revises: 0022
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0023"
down_revision = "0022"
branch_labels = None
depends_on = None

PLAN = "/grids/plans/"


def upgrade() -> None:
    op.add_column("notice", sa.Column("subject", sa.Text), schema="core")
    op.add_column("notice", sa.Column("subject_id", sa.Text), schema="core")
    # Only plans were ever told of; the path of anything else is kept as it is.
    op.execute(
        f"update core.notice set subject = case when link like '{PLAN}%' then 'plan' else 'page' end,"
        f" subject_id = case when link like '{PLAN}%' then substr(link, {len(PLAN) + 1}) else link end"
    )
    op.alter_column("notice", "subject", nullable=False, schema="core")
    op.alter_column("notice", "subject_id", nullable=False, schema="core")
    op.drop_column("notice", "link", schema="core")


def downgrade() -> None:
    op.add_column("notice", sa.Column("link", sa.Text), schema="core")
    op.execute(
        f"update core.notice set link = case subject when 'plan' then '{PLAN}' || subject_id else subject_id end"
    )
    op.alter_column("notice", "link", nullable=False, schema="core")
    op.drop_column("notice", "subject", schema="core")
    op.drop_column("notice", "subject_id", schema="core")
