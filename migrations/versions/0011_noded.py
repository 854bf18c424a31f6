"""States tell whether they differ from the one before only in vertices that a neighbour's border put into them"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("grid_state", sa.Column("noded", sa.Boolean, nullable=False, server_default="false"), schema="core")
    # Until now nothing but a border that meets an outline in mid-edge renewed a grid.
    op.execute("alter table core.grid_state disable trigger user")
    op.execute(
        "update core.grid_state s set noded = true from core.grid g where g.id = s.grid_id and g.born_by <> s.change_id"
    )
    op.execute("alter table core.grid_state enable trigger user")


def downgrade() -> None:
    op.drop_column("grid_state", "noded", schema="core")
