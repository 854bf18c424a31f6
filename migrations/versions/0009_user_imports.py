"""Lists of people are remembered, so that slips can be made again for those who never signed in"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "user_import",
        sa.Column("id", sa.Uuid, primary_key=True),
        sa.Column("content", sa.Text, nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("made_by", sa.Text, nullable=False),
        sa.Column("made_by_name", sa.Text, nullable=False),
        sa.Column("added", sa.Integer, nullable=False),
        sa.Column("differing", sa.Integer, nullable=False),
        sa.Column("unchanged", sa.Integer, nullable=False),
        sa.Column("differences", JSONB, nullable=False),
        schema="core",
    )
    op.add_column("user_account", sa.Column("import_id", sa.Uuid), schema="core")
    op.create_foreign_key(
        op.f("fk_user_account_import_id_user_import"), "user_account", "user_import", ["import_id"], ["id"],
        source_schema="core", referent_schema="core",
    )  # fmt: skip
    op.create_index(op.f("ix_user_account_import_id"), "user_account", ["import_id"], schema="core")


def downgrade() -> None:
    op.drop_column("user_account", "import_id", schema="core")
    op.drop_table("user_import", schema="core")
