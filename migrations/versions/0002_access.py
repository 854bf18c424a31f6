"""People, sessions, tokens, grants, failed logins"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

TIME = sa.DateTime(timezone=True)
USER = "core.user_account.id"


def upgrade() -> None:
    op.create_table(
        "user_account",
        sa.Column("id", sa.Uuid, primary_key=True),
        sa.Column("login", sa.Text, nullable=False, unique=True),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("phone", sa.Text, nullable=False),
        sa.Column("email", sa.Text, nullable=False),
        sa.Column("password_hash", sa.Text),
        sa.Column("must_change_password", sa.Boolean, nullable=False),
        sa.Column("language", sa.Text, nullable=False),
        sa.Column("department_id", sa.Uuid, index=True),
        sa.Column("made_at", TIME, nullable=False),
        sa.Column("disabled_at", TIME),
        schema="core",
    )
    op.create_table(
        "session",
        sa.Column("id", sa.Uuid, primary_key=True),
        sa.Column("user_id", sa.Uuid, sa.ForeignKey(USER), nullable=False, index=True),
        sa.Column("token_hash", sa.LargeBinary, nullable=False, unique=True),
        sa.Column("made_at", TIME, nullable=False),
        sa.Column("last_seen_at", TIME, nullable=False),
        sa.Column("address", sa.Text, nullable=False),
        sa.Column("user_agent", sa.Text, nullable=False),
        sa.Column("ended_at", TIME),
        schema="core",
    )
    op.create_table(
        "api_token",
        sa.Column("id", sa.Uuid, primary_key=True),
        sa.Column("user_id", sa.Uuid, sa.ForeignKey(USER), nullable=False, index=True),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("token_hash", sa.LargeBinary, nullable=False, unique=True),
        sa.Column("made_at", TIME, nullable=False),
        sa.Column("last_used_at", TIME),
        sa.Column("expires_at", TIME),
        sa.Column("revoked_at", TIME),
        schema="core",
    )
    _grants()
    op.create_table(
        "login_attempt",
        sa.Column("key", sa.Text, primary_key=True),
        sa.Column("failures", sa.Integer, nullable=False),
        sa.Column("last_at", TIME, nullable=False),
        sa.Column("blocked_until", TIME),
        schema="core",
    )


def _grants() -> None:
    op.create_table(
        "grant",
        sa.Column("id", sa.Uuid, primary_key=True),
        sa.Column("user_id", sa.Uuid, sa.ForeignKey(USER), nullable=False),
        sa.Column("role", sa.Text, nullable=False),
        sa.Column("grid_id", sa.BigInteger, index=True),
        sa.Column("department_id", sa.Uuid),
        sa.Column("granted_by", sa.Text, nullable=False),
        sa.Column("granted_at", TIME, nullable=False),
        sa.Column("revoked_at", TIME),
        sa.Index(
            "ix_grant_living",
            "user_id",
            "role",
            "grid_id",
            unique=True,
            postgresql_where=sa.text("revoked_at is null"),
            postgresql_nulls_not_distinct=True,
        ),
        schema="core",
    )


def downgrade() -> None:
    for table in ("login_attempt", "grant", "api_token", "session", "user_account"):
        op.drop_table(table, schema="core")
