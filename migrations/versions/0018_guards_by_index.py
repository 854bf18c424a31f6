"""The guards of a change look at its own states and their children by index, however large the city is.

An ``or`` with a sub-select made every commit read all present states.

Revision ID: 0018
Revises: 0017
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None

PATHS = """  where upper_inf(s.valid)
    and (s.change_id = new.id or s.parent_id in (select grid_id from touched))
"""
PATHS_BY_INDEX = """  where upper_inf(s.valid) and s.id = any(array(
      select id from core.grid_state where change_id = new.id
      union
      select below.id from touched t
      join core.grid_state below on below.parent_id = t.grid_id and upper_inf(below.valid)
    ))
"""
ORPHANS = """  where upper_inf(c.valid) and c.parent_id is not null and p.id is null
    and (c.change_id = new.id or c.parent_id in (select grid_id from core.grid_state where closed_by = new.id))
"""
ORPHANS_BY_INDEX = """  where upper_inf(c.valid) and c.parent_id is not null and p.id is null and c.id = any(array(
      select id from core.grid_state where change_id = new.id
      union
      select below.id from core.grid_state ended
      join core.grid_state below on below.parent_id = ended.grid_id and upper_inf(below.valid)
      where ended.closed_by = new.id
    ))
"""


def upgrade() -> None:
    _rewrite("check_grid_paths", PATHS, PATHS_BY_INDEX)
    _rewrite("check_grid_change", ORPHANS, ORPHANS_BY_INDEX)


def downgrade() -> None:
    _rewrite("check_grid_paths", PATHS_BY_INDEX, PATHS)
    _rewrite("check_grid_change", ORPHANS_BY_INDEX, ORPHANS)


def _rewrite(name: str, former: str, present: str) -> None:
    source = op.get_bind().scalar(sa.text(f"select pg_get_functiondef('core.{name}()'::regprocedure)"))
    assert former in source, f"core.{name} is not as it was left"
    op.get_bind().exec_driver_sql(source.replace(former, present, 1).replace("%", "%%"))
