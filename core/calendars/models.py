"""Tables of the calendars: what is said of single days, of whole years, and the hours of each organisation.

A row without a department is the city's own, which holds for all that say nothing else.
"""

from __future__ import annotations

import datetime as dt
from typing import Any
from uuid import UUID

from sqlalchemy import ForeignKey, SmallInteger, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from core.db.base import Base, Journalled, UuidKey


class Workday(Base):
    """What is said of one day.

    :param works: whether it is worked; ``None`` once that was taken back, so that the week says it again.
    :param name: of the holiday, also of the one that is made up for.
    """

    __tablename__ = "workday"
    __table_args__ = (UniqueConstraint("day", "department_id", postgresql_nulls_not_distinct=True),)

    id: Mapped[UuidKey]
    department_id: Mapped[UUID | None] = mapped_column(ForeignKey("core.department.id"), index=True)
    day: Mapped[dt.date]
    works: Mapped[bool | None]
    name: Mapped[str] = mapped_column(Text, default="")


class CalendarYear(Base, Journalled):
    """A year whose holidays are known: due dates in it are no longer provisional.

    :param source: where they are from: ``library``, ``notice``, ``table`` or ``hand``; ``title`` names it.
    """

    __tablename__ = "calendar_year"

    year: Mapped[int] = mapped_column(SmallInteger, primary_key=True, autoincrement=False)
    source: Mapped[str] = mapped_column(Text)
    title: Mapped[str] = mapped_column(Text, default="")
    at: Mapped[dt.datetime]
    by_name: Mapped[str] = mapped_column(Text)


class OfficeHours(Base, Journalled):
    """When an organisation works on a working day, and on which days of the week.

    :param shifts: pairs of times such as ``["08:30", "12:00"]``, in order.
    :param week: working days of the week, Monday is 0.
    """

    __tablename__ = "office_hours"
    __table_args__ = (UniqueConstraint("department_id", postgresql_nulls_not_distinct=True),)

    id: Mapped[UuidKey]
    department_id: Mapped[UUID | None] = mapped_column(ForeignKey("core.department.id"))
    shifts: Mapped[list[Any]]
    week: Mapped[list[Any]]
