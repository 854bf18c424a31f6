"""Tables of the spine: the matter, its tasks, its append-only events, its photos, its clocks.

A kind's own fields lie in the kind's details table, whose primary key is the spine's id.
"""

from __future__ import annotations

import datetime as dt
from typing import Any
from uuid import UUID

from geoalchemy2 import Geometry, WKBElement
from sqlalchemy import (
    ARRAY,
    BigInteger,
    CheckConstraint,
    DateTime,
    ForeignKey,
    Index,
    Integer,
    Sequence,
    SmallInteger,
    Text,
    UniqueConstraint,
    text,
)
from sqlalchemy.ext.hybrid import hybrid_method
from sqlalchemy.orm import Mapped, mapped_column

from core.db.base import SCHEMA, Base, Journalled, UuidKey
from gis.lattice import SRID

NUMBERS = Sequence("matter_number", schema=SCHEMA, metadata=Base.metadata)
"""Gives the last seven digits of a matter's number; gaps are allowed."""


class Matter(Base, Journalled):
    """One thing to be done or answered.

    ``place`` is on the lattice, ``raw_place`` what the reporter sent; ``grid_id`` is the leaf that holds it now,
    ``grid_reported`` the leaf at the time of the report; both are null while it is unlocated. ``handler`` answers for
    it: whoever settles it, or took up the task that leads. ``outcome`` is what the check of its result found.
    """

    __tablename__ = "matter"
    __table_args__ = (
        Index("ix_matter_place", "place", postgresql_using="gist"),
        Index("ix_matter_reported_at_id", text("reported_at DESC"), text("id DESC")),
        Index("ix_matter_due_at_id", "due_at", "id", postgresql_where=text("closed_at IS NULL")),
        Index("ix_matter_search", "search", postgresql_using="gin", postgresql_ops={"search": "gin_trgm_ops"}),
    )

    id: Mapped[UuidKey]
    number: Mapped[str] = mapped_column(Text, unique=True)
    kind: Mapped[str] = mapped_column(Text, index=True)
    title: Mapped[str] = mapped_column(Text)
    text: Mapped[str] = mapped_column(Text)
    place: Mapped[WKBElement | None] = mapped_column(Geometry("POINT", SRID, spatial_index=False))
    raw_place: Mapped[dict[str, Any] | None]
    grid_id: Mapped[int | None] = mapped_column(BigInteger, ForeignKey("core.grid.id"), index=True)
    grid_reported: Mapped[int | None] = mapped_column(BigInteger, ForeignKey("core.grid.id"))
    source: Mapped[str] = mapped_column(Text)
    priority: Mapped[int] = mapped_column(SmallInteger)
    state: Mapped[str] = mapped_column(Text, index=True)
    round: Mapped[int] = mapped_column(SmallInteger)
    version: Mapped[int] = mapped_column(Integer)
    reporter: Mapped[str] = mapped_column(Text, index=True)
    reporter_name: Mapped[str] = mapped_column(Text)
    handler: Mapped[str | None] = mapped_column(Text, index=True)
    handler_name: Mapped[str | None] = mapped_column(Text)
    happened_at: Mapped[dt.datetime | None]
    reported_at: Mapped[dt.datetime]
    due_at: Mapped[dt.datetime | None]
    closed_at: Mapped[dt.datetime | None]
    outcome: Mapped[str | None] = mapped_column(Text)
    last_step: Mapped[str] = mapped_column(Text)
    last_at: Mapped[dt.datetime]
    summary: Mapped[list[Any]]
    search: Mapped[str] = mapped_column(Text)

    @hybrid_method
    def is_handled_by(self, actor_id: str) -> bool:
        """Whether it is this actor's to handle; on the class the condition in SQL."""
        return self.handler == actor_id


class MatterTask(Base, Journalled):
    """A part of the work on a matter, in one round of its life.

    :param department_id: whose it is; ``None`` for what the grid does itself.
    :param role: ``lead``, ``assist``, or ``self`` for the grid's own.
    :param state: ``offered``, ``claimed``, ``declined``, ``done`` or ``waived``.
    :param handler: who took it up.
    :param limit: what it has once it is taken up, as text; ``None`` what its kind has.
    :param binding: an arbiter gave it, so that it cannot be declined.
    :param proposed_id: the department whose it rather is, as who declined it said.
    """

    __tablename__ = "matter_task"
    __table_args__ = (
        Index("ix_matter_task_department_id_matter_id", "department_id", "matter_id"),
        Index("ix_matter_task_handler", "handler", postgresql_where=text("state = 'claimed'")),
        Index(
            "ix_matter_task_led_once", "matter_id", unique=True,
            postgresql_where=text("role <> 'assist' and state in ('offered', 'claimed')"),
        ),
        CheckConstraint("role in ('lead', 'assist', 'self')", name="a_known_role"),
        CheckConstraint("state in ('offered', 'claimed', 'declined', 'done', 'waived')", name="a_known_state"),
        CheckConstraint("(role = 'self') = (department_id is null)", name="of_a_department_or_the_grid"),
    )  # fmt: skip

    id: Mapped[UuidKey]
    matter_id: Mapped[UUID] = mapped_column(ForeignKey("core.matter.id"), index=True)
    department_id: Mapped[UUID | None] = mapped_column(ForeignKey("core.department.id"))
    role: Mapped[str] = mapped_column(Text)
    state: Mapped[str] = mapped_column(Text)
    round: Mapped[int] = mapped_column(SmallInteger)
    version: Mapped[int] = mapped_column(Integer)
    handler: Mapped[str | None] = mapped_column(Text)
    handler_name: Mapped[str | None] = mapped_column(Text)
    limit: Mapped[str | None] = mapped_column(Text)
    binding: Mapped[bool]
    proposed_id: Mapped[UUID | None] = mapped_column(ForeignKey("core.department.id"))
    offered_at: Mapped[dt.datetime]
    claimed_at: Mapped[dt.datetime | None]
    ended_at: Mapped[dt.datetime | None]


class MatterEvent(Base):
    """One step of a matter's life; the application may add such rows, never change them.

    ``id`` is made by the client and is the idempotency key of the step; ``seq`` counts from 1 in each matter.
    ``at`` is the server's time, ``device_at`` what the device said.
    """

    __tablename__ = "matter_event"
    __table_args__ = (UniqueConstraint("matter_id", "seq"),)

    id: Mapped[UuidKey]
    matter_id: Mapped[UUID] = mapped_column(ForeignKey("core.matter.id"))
    seq: Mapped[int]
    step: Mapped[str] = mapped_column(Text)
    from_state: Mapped[str] = mapped_column(Text)
    to_state: Mapped[str] = mapped_column(Text)
    round: Mapped[int] = mapped_column(SmallInteger)
    actor: Mapped[str] = mapped_column(Text, index=True)
    actor_name: Mapped[str] = mapped_column(Text)
    actor_kind: Mapped[str] = mapped_column(Text)
    at: Mapped[dt.datetime] = mapped_column(index=True)
    device_at: Mapped[dt.datetime | None]
    note: Mapped[str] = mapped_column(Text)
    data: Mapped[dict[str, Any]]


class MatterFile(Base):
    """A photo of a matter, and the event that brought it. A file belongs to one matter."""

    __tablename__ = "matter_file"

    file_id: Mapped[UUID] = mapped_column(ForeignKey("core.file.id"), primary_key=True)
    matter_id: Mapped[UUID] = mapped_column(ForeignKey("core.matter.id"), index=True)
    event_id: Mapped[UUID] = mapped_column(ForeignKey("core.matter_event.id"))
    position: Mapped[int] = mapped_column(SmallInteger)


class MatterClock(Base):
    """One time limit that a matter runs against.

    :param name: ``handle`` for the kind's own limit, else the name of one of its stages.
    :param limit: the term as text, by which it is counted anew; ``None`` for one that was set before clocks were kept.
    :param department_id: whose calendar it follows; ``None`` for the city's.
    :param task_id: the task that it measures; ``None`` where it is the matter's own.
    :param state: ``running``, ``paused`` or ``ended``.
    :param left_s: seconds of its own time that were left when it stopped.
    :param pauses: pairs of moments between which it stood still.
    :param rungs: the moments at which people are told; ``rung`` how many of them were, ``next_at`` the next one.
    """

    __tablename__ = "matter_clock"
    __table_args__ = (
        Index("ix_matter_clock_next_at", "next_at", postgresql_where=text("next_at is not null")),
        Index("ix_matter_clock_living", "matter_id", "id", postgresql_where=text("state <> 'ended'")),
        CheckConstraint("state in ('running', 'paused', 'ended')", name="a_known_state"),
    )

    id: Mapped[UuidKey]
    matter_id: Mapped[UUID] = mapped_column(ForeignKey("core.matter.id"), index=True)
    name: Mapped[str] = mapped_column(Text)
    limit: Mapped[str | None] = mapped_column(Text)
    department_id: Mapped[UUID | None] = mapped_column(ForeignKey("core.department.id"))
    task_id: Mapped[UUID | None] = mapped_column(ForeignKey("core.matter_task.id"))
    round: Mapped[int] = mapped_column(SmallInteger)
    started_at: Mapped[dt.datetime]
    due_at: Mapped[dt.datetime]
    provisional: Mapped[bool]
    state: Mapped[str] = mapped_column(Text)
    left_s: Mapped[int | None] = mapped_column(Integer)
    pauses: Mapped[list[Any]]
    ended_at: Mapped[dt.datetime | None]
    rungs: Mapped[list[dt.datetime]] = mapped_column(ARRAY(DateTime(timezone=True)))
    rung: Mapped[int] = mapped_column(SmallInteger)
    next_at: Mapped[dt.datetime | None]
