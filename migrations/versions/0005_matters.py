"""Files, matters, their append-only events, their photos"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from geoalchemy2 import Geometry
from sqlalchemy.dialects.postgresql import JSONB

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

APP = "wangge_app"
TIME = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "file",
        sa.Column("id", sa.Uuid, primary_key=True),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("media_type", sa.Text, nullable=False),
        sa.Column("sha256", sa.Text, nullable=False),
        sa.Column("bytes", sa.BigInteger, nullable=False),
        sa.Column("width", sa.Integer, nullable=False),
        sa.Column("height", sa.Integer, nullable=False),
        sa.Column("uploaded_by", sa.Text, nullable=False, index=True),
        sa.Column("uploaded_at", TIME, nullable=False),
        schema="core",
    )
    op.execute("create sequence core.matter_number")
    _matter()
    _events()
    if op.get_bind().scalar(sa.text("select 1 from pg_roles where rolname = :name"), {"name": APP}):
        op.execute(f"revoke update, delete, truncate on core.matter_event from {APP}")


def _matter() -> None:
    op.create_table(
        "matter",
        sa.Column("id", sa.Uuid, primary_key=True),
        sa.Column("number", sa.Text, nullable=False, unique=True),
        sa.Column("kind", sa.Text, nullable=False, index=True),
        sa.Column("title", sa.Text, nullable=False),
        sa.Column("text", sa.Text, nullable=False),
        sa.Column("place", Geometry("POINT", 4490, spatial_index=False)),
        sa.Column("raw_place", JSONB),
        sa.Column("grid_id", sa.BigInteger, sa.ForeignKey("core.grid.id"), index=True),
        sa.Column("grid_reported", sa.BigInteger, sa.ForeignKey("core.grid.id")),
        sa.Column("source", sa.Text, nullable=False),
        sa.Column("priority", sa.SmallInteger, nullable=False),
        sa.Column("state", sa.Text, nullable=False, index=True),
        sa.Column("round", sa.SmallInteger, nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("reporter", sa.Text, nullable=False, index=True),
        sa.Column("reporter_name", sa.Text, nullable=False),
        sa.Column("handler", sa.Text, index=True),
        sa.Column("handler_name", sa.Text),
        sa.Column("happened_at", TIME),
        sa.Column("reported_at", TIME, nullable=False),
        sa.Column("due_at", TIME),
        sa.Column("closed_at", TIME),
        sa.Column("last_step", sa.Text, nullable=False),
        sa.Column("last_at", TIME, nullable=False),
        sa.Column("summary", JSONB, nullable=False),
        sa.Column("search", sa.Text, nullable=False),
        sa.Index("ix_matter_place", "place", postgresql_using="gist"),
        sa.Index("ix_matter_reported_at_id", sa.text("reported_at DESC"), sa.text("id DESC")),
        sa.Index("ix_matter_due_at_id", "due_at", "id", postgresql_where=sa.text("closed_at IS NULL")),
        sa.Index(
            "ix_matter_search",
            "search",
            postgresql_using="gin",
            postgresql_ops={"search": "gin_trgm_ops"},
        ),
        schema="core",
    )


def _events() -> None:
    op.create_table(
        "matter_event",
        sa.Column("id", sa.Uuid, primary_key=True),
        sa.Column("matter_id", sa.Uuid, sa.ForeignKey("core.matter.id"), nullable=False),
        sa.Column("seq", sa.Integer, nullable=False),
        sa.Column("step", sa.Text, nullable=False),
        sa.Column("from_state", sa.Text, nullable=False),
        sa.Column("to_state", sa.Text, nullable=False),
        sa.Column("round", sa.SmallInteger, nullable=False),
        sa.Column("actor", sa.Text, nullable=False, index=True),
        sa.Column("actor_name", sa.Text, nullable=False),
        sa.Column("actor_kind", sa.Text, nullable=False),
        sa.Column("at", TIME, nullable=False, index=True),
        sa.Column("device_at", TIME),
        sa.Column("note", sa.Text, nullable=False),
        sa.Column("data", JSONB, nullable=False),
        sa.UniqueConstraint("matter_id", "seq"),
        schema="core",
    )
    op.create_table(
        "matter_file",
        sa.Column("file_id", sa.Uuid, sa.ForeignKey("core.file.id"), primary_key=True),
        sa.Column("matter_id", sa.Uuid, sa.ForeignKey("core.matter.id"), nullable=False, index=True),
        sa.Column("event_id", sa.Uuid, sa.ForeignKey("core.matter_event.id"), nullable=False),
        sa.Column("position", sa.SmallInteger, nullable=False),
        schema="core",
    )


def downgrade() -> None:
    for table in ("matter_file", "matter_event", "matter"):
        op.drop_table(table, schema="core")
    op.execute("drop sequence core.matter_number")
    op.drop_table("file", schema="core")
