"""The instance, its settings, answered requests, the journal, the job queue"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from procrastinate.schema import SchemaManager
from sqlalchemy.dialects.postgresql import JSONB

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

APP = "wangge_app"


def upgrade() -> None:
    op.create_table(
        "instance",
        sa.Column("id", sa.SmallInteger, primary_key=True, autoincrement=False),
        sa.Column("demo", sa.Boolean, nullable=False),
        sa.Column("plugin_epoch", sa.BigInteger, nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("id = 1", name=op.f("ck_instance_one_row")),
        schema="core",
    )
    op.execute("insert into core.instance values (1, false, 0, now())")
    op.create_table(
        "setting",
        sa.Column("key", sa.Text, primary_key=True),
        sa.Column("value", JSONB, nullable=False),
        schema="core",
    )
    op.create_table(
        "request",
        sa.Column("key", sa.Uuid, primary_key=True),
        sa.Column("actor", sa.Text, nullable=False),
        sa.Column("body_hash", sa.Text, nullable=False),
        sa.Column("answer", JSONB, nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False, index=True),
        schema="core",
    )
    op.create_table(
        "journal",
        sa.Column("id", sa.BigInteger, sa.Identity(always=True), primary_key=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False, index=True),
        sa.Column("actor", sa.Text, nullable=False, index=True),
        sa.Column("actor_name", sa.Text, nullable=False),
        sa.Column("action", sa.Text, nullable=False),
        sa.Column("object_type", sa.Text, nullable=False),
        sa.Column("object_id", sa.Text, nullable=False),
        sa.Column("before", JSONB),
        sa.Column("after", JSONB),
        sa.Column(
            "transaction_id",
            sa.BigInteger,
            nullable=False,
            server_default=sa.text("pg_current_xact_id()::text::bigint"),
        ),
        sa.Index("ix_journal_object", "object_type", "object_id"),
        schema="core",
    )
    if op.get_bind().scalar(sa.text("select 1 from pg_roles where rolname = :name"), {"name": APP}):
        op.execute(f"revoke update, delete, truncate on core.journal from {APP}")
    _install_queue()


def _install_queue() -> None:
    """Procrastinate's own schema, run on the raw cursor: its text is full of percent signs."""
    op.execute("create schema procrastinate")
    op.execute("set local search_path = procrastinate, public")
    cursor = op.get_bind().connection.cursor()
    cursor.execute(SchemaManager.get_schema())
    cursor.close()
    op.execute("set local search_path = public")
    if op.get_bind().scalar(sa.text("select 1 from pg_roles where rolname = :name"), {"name": APP}):
        op.execute(f"grant usage on schema procrastinate to {APP}")
        op.execute(f"grant select, insert, update, delete on all tables in schema procrastinate to {APP}")
        op.execute(f"grant usage on all sequences in schema procrastinate to {APP}")


def downgrade() -> None:
    op.execute("drop schema procrastinate cascade")
    for table in ("journal", "request", "setting", "instance"):
        op.drop_table(table, schema="core")
