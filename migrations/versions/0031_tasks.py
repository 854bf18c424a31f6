"""Tasks of matters, the clocks of tasks, and what a check of the result found.

Revision ID: 0031
Revises: 0030
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0031"
down_revision = "0030"
branch_labels = None
depends_on = None

APP = "wangge_app"
TIME = sa.DateTime(timezone=True)
UPDATED = "state, version, handler, handler_name, proposed_id, claimed_at, ended_at"
BACKFILL = """
insert into core.matter_task
  (id, matter_id, role, state, round, version, handler, handler_name, binding, offered_at, claimed_at)
select gen_random_uuid(), m.id, 'self', 'claimed', m.round, 1, m.handler, m.handler_name, false, e.at, e.at
from core.matter m
join lateral (select max(at) as at from core.matter_event e where e.matter_id = m.id and e.step = 'settle') e on true
where m.state = 'settling' and m.handler is not null and e.at is not null
"""
"""What grids are settling now is a task of theirs."""


def upgrade() -> None:
    op.create_table(
        "matter_task",
        sa.Column("id", sa.Uuid, primary_key=True),
        sa.Column("matter_id", sa.Uuid, sa.ForeignKey("core.matter.id"), nullable=False, index=True),
        sa.Column("department_id", sa.Uuid, sa.ForeignKey("core.department.id")),
        sa.Column("role", sa.Text, nullable=False),
        sa.Column("state", sa.Text, nullable=False),
        sa.Column("round", sa.SmallInteger, nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("handler", sa.Text),
        sa.Column("handler_name", sa.Text),
        sa.Column("limit", sa.Text),
        sa.Column("binding", sa.Boolean, nullable=False),
        sa.Column("proposed_id", sa.Uuid, sa.ForeignKey("core.department.id")),
        sa.Column("offered_at", TIME, nullable=False),
        sa.Column("claimed_at", TIME),
        sa.Column("ended_at", TIME),
        sa.Index("ix_matter_task_department_id_matter_id", "department_id", "matter_id"),
        sa.Index("ix_matter_task_handler", "handler", postgresql_where=sa.text("state = 'claimed'")),
        sa.Index(
            "ix_matter_task_led_once",
            "matter_id",
            unique=True,
            postgresql_where=sa.text("role <> 'assist' and state in ('offered', 'claimed')"),
        ),
        sa.CheckConstraint("role in ('lead', 'assist', 'self')", name="a_known_role"),
        sa.CheckConstraint("state in ('offered', 'claimed', 'declined', 'done', 'waived')", name="a_known_state"),
        sa.CheckConstraint("(role = 'self') = (department_id is null)", name="of_a_department_or_the_grid"),
        schema="core",
    )
    op.add_column("matter", sa.Column("outcome", sa.Text), schema="core")
    task = sa.Column("task_id", sa.Uuid, sa.ForeignKey("core.matter_task.id"))
    op.add_column("matter_clock", task, schema="core")
    if _stands(APP):
        op.execute(f"revoke insert, update, delete, truncate on core.matter_task from {APP}")
        op.execute(f"grant insert, update ({UPDATED}) on core.matter_task to {APP}")
        op.execute(f"grant update (outcome, round) on core.matter to {APP}")
    op.execute(BACKFILL)


def downgrade() -> None:
    op.drop_column("matter_clock", "task_id", schema="core")
    if _stands(APP):
        op.execute(f"revoke update (round) on core.matter from {APP}")
    op.drop_column("matter", "outcome", schema="core")
    op.drop_table("matter_task", schema="core")


def _stands(role: str) -> bool:
    return bool(op.get_bind().scalar(sa.text("select 1 from pg_roles where rolname = :name"), {"name": role}))
