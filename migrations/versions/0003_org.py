"""Departments, posts, who holds them"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import TSTZRANGE, ExcludeConstraint

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

TIME = sa.DateTime(timezone=True)
DEPARTMENT = "core.department.id"
OPEN = sa.text("closed_at is null")


def upgrade() -> None:
    op.create_table(
        "department",
        sa.Column("id", sa.Uuid, primary_key=True),
        sa.Column("code", sa.Text, nullable=False, unique=True),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("parent_id", sa.Uuid, sa.ForeignKey(DEPARTMENT), index=True),
        sa.Column("phone", sa.Text, nullable=False),
        sa.Column("made_at", TIME, nullable=False),
        sa.Column("closed_at", TIME),
        schema="core",
    )
    op.create_table(
        "post",
        sa.Column("id", sa.Uuid, primary_key=True),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("title", sa.Text, nullable=False),
        sa.Column("grid_id", sa.BigInteger),
        sa.Column("department_id", sa.Uuid, sa.ForeignKey(DEPARTMENT)),
        sa.Column("made_at", TIME, nullable=False),
        sa.Column("closed_at", TIME),
        sa.CheckConstraint(
            "(grid_id is null) <> (department_id is null)", name=op.f("ck_post_in_a_grid_or_a_department")
        ),
        sa.Index("ix_post_grid_open", "grid_id", postgresql_where=OPEN),
        sa.Index("ix_post_department_open", "department_id", postgresql_where=OPEN),
        schema="core",
    )
    op.create_table(
        "post_holder",
        sa.Column("id", sa.Uuid, primary_key=True),
        sa.Column("post_id", sa.Uuid, sa.ForeignKey("core.post.id"), nullable=False, index=True),
        sa.Column("user_id", sa.Uuid, sa.ForeignKey("core.user_account.id"), nullable=False, index=True),
        sa.Column("deputy", sa.Boolean, nullable=False),
        sa.Column("valid", TSTZRANGE, nullable=False),
        ExcludeConstraint(
            ("post_id", "="),
            ("user_id", "="),
            ("valid", "&&"),
            using="gist",
            name="ex_post_holder_once_at_a_time",
        ),
        schema="core",
    )
    for table in ("user_account", "grant"):
        op.create_foreign_key(
            op.f(f"fk_{table}_department_id_department"),
            table,
            "department",
            ["department_id"],
            ["id"],
            source_schema="core",
            referent_schema="core",
        )


def downgrade() -> None:
    for table in ("grant", "user_account"):
        op.drop_constraint(f"fk_{table}_department_id_department", table, schema="core")
    for table in ("post_holder", "post", "department"):
        op.drop_table(table, schema="core")
