"""A grant is a role in a grid; nothing ever narrowed one to a department"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

NAME = "fk_grant_department_id_department"


def upgrade() -> None:
    op.drop_constraint(op.f(NAME), "grant", schema="core")
    op.drop_column("grant", "department_id", schema="core")


def downgrade() -> None:
    op.add_column("grant", sa.Column("department_id", sa.Uuid), schema="core")
    op.create_foreign_key(
        op.f(NAME), "grant", "department", ["department_id"], ["id"], source_schema="core", referent_schema="core"
    )
