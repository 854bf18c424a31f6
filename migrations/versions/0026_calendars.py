"""Calendars of the organisations, with the years that are known, and the clocks of matters.

Revision ID: 0026
Revises: 0025
"""

from __future__ import annotations

import sqlalchemy as sa
import uuid_utils
from alembic import op
from sqlalchemy.dialects.postgresql import ARRAY, JSONB

from core.calendars.seeding import SOURCE, TITLE, library_days, library_years

revision = "0026"
down_revision = "0025"
branch_labels = None
depends_on = None

APP = "wangge_app"
TIME = sa.DateTime(timezone=True)
UPDATED = {
    "workday": "works, name",
    "calendar_year": "source, title, at, by_name",
    "office_hours": "shifts, week",
    "matter_clock": "due_at, provisional, state, left_s, pauses, ended_at, rungs, rung, next_at",
}
BACKFILL = """
with open as (
  select m.id, m.round, m.reported_at, m.due_at, greatest(m.due_at - m.reported_at, interval '0') span
  from core.matter m where m.closed_at is null and m.due_at is not null
), stepped as (
  select *, array[reported_at + span * 0.5, reported_at + span * 0.8, due_at, due_at + span * 0.5] rungs from open
), counted as (
  select *, (select count(*) from unnest(rungs) at where at <= now()) rung from stepped
)
insert into core.matter_clock
  (id, matter_id, name, round, started_at, due_at, provisional, state, pauses, rungs, rung, next_at)
select gen_random_uuid(), id, 'handle', round, reported_at, due_at, false, 'running', '[]', rungs, rung, rungs[rung + 1]
from counted
"""
"""Clocks for what is open; nobody is told of what is past already."""


def upgrade() -> None:
    _calendars()
    _clocks()
    if _stands(APP):
        for table, columns in UPDATED.items():
            op.execute(f"revoke insert, update, delete, truncate on core.{table} from {APP}")
            op.execute(f"grant insert, update ({columns}) on core.{table} to {APP}")
        op.execute(f"grant update (due_at) on core.matter to {APP}")
    _seed()
    op.execute(BACKFILL)


def _calendars() -> None:
    department = sa.Column("department_id", sa.Uuid, sa.ForeignKey("core.department.id"), index=True)
    op.create_table(
        "workday",
        sa.Column("id", sa.Uuid, primary_key=True),
        department,
        sa.Column("day", sa.Date, nullable=False),
        sa.Column("works", sa.Boolean),
        sa.Column("name", sa.Text, nullable=False),
        sa.UniqueConstraint("day", "department_id", postgresql_nulls_not_distinct=True),
        schema="core",
    )
    op.create_table(
        "calendar_year",
        sa.Column("year", sa.SmallInteger, primary_key=True, autoincrement=False),
        sa.Column("source", sa.Text, nullable=False),
        sa.Column("title", sa.Text, nullable=False),
        sa.Column("at", TIME, nullable=False),
        sa.Column("by_name", sa.Text, nullable=False),
        schema="core",
    )
    op.create_table(
        "office_hours",
        sa.Column("id", sa.Uuid, primary_key=True),
        sa.Column("department_id", sa.Uuid, sa.ForeignKey("core.department.id")),
        sa.Column("shifts", JSONB, nullable=False),
        sa.Column("week", JSONB, nullable=False),
        sa.UniqueConstraint("department_id", postgresql_nulls_not_distinct=True),
        schema="core",
    )


def _clocks() -> None:
    op.create_table(
        "matter_clock",
        sa.Column("id", sa.Uuid, primary_key=True),
        sa.Column("matter_id", sa.Uuid, sa.ForeignKey("core.matter.id"), nullable=False, index=True),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("limit", sa.Text),
        sa.Column("department_id", sa.Uuid, sa.ForeignKey("core.department.id")),
        sa.Column("round", sa.SmallInteger, nullable=False),
        sa.Column("started_at", TIME, nullable=False),
        sa.Column("due_at", TIME, nullable=False),
        sa.Column("provisional", sa.Boolean, nullable=False),
        sa.Column("state", sa.Text, nullable=False),
        sa.Column("left_s", sa.Integer),
        sa.Column("pauses", JSONB, nullable=False),
        sa.Column("ended_at", TIME),
        sa.Column("rungs", ARRAY(TIME), nullable=False),
        sa.Column("rung", sa.SmallInteger, nullable=False),
        sa.Column("next_at", TIME),
        sa.Index("ix_matter_clock_next_at", "next_at", postgresql_where=sa.text("next_at is not null")),
        sa.Index("ix_matter_clock_living", "matter_id", "id", postgresql_where=sa.text("state <> 'ended'")),
        sa.CheckConstraint("state in ('running', 'paused', 'ended')", name="a_known_state"),
        schema="core",
    )


def _seed() -> None:
    insert = sa.text("insert into core.workday (id, day, works, name) values (:id, :day, :works, :name)")
    rows = [
        {"id": str(uuid_utils.uuid7()), "day": day, "works": works, "name": name} for day, works, name in library_days()
    ]
    op.get_bind().execute(insert, rows)
    years = sa.text(
        "insert into core.calendar_year (year, source, title, at, by_name) values (:year, :source, :title, now(), '')"
    )
    op.get_bind().execute(years, [{"year": year, "source": SOURCE, "title": TITLE} for year in sorted(library_years())])


def downgrade() -> None:
    if _stands(APP):
        op.execute(f"revoke update (due_at) on core.matter from {APP}")
    for table in ("matter_clock", "office_hours", "calendar_year", "workday"):
        op.drop_table(table, schema="core")


def _stands(role: str) -> bool:
    return bool(op.get_bind().scalar(sa.text("select 1 from pg_roles where rolname = :name"), {"name": role}))
