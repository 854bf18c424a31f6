"""The table of plugins: which were installed here, and whether they are switched on."""

from __future__ import annotations

import datetime as dt
from typing import Any

from sqlalchemy import CheckConstraint, Text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from core.db.base import Base, Journalled


class PluginRecord(Base, Journalled):
    """One plugin that was installed.

    ``state`` is what the administrator wants; ``failure`` says why it does not run although it should.
    ``manifest`` is what ``describe`` read at install, so that lists never import a plugin.
    """

    __tablename__ = "plugin"
    __table_args__ = (CheckConstraint("state in ('installed', 'enabled', 'disabled')", name="state"),)

    name: Mapped[str] = mapped_column(Text, primary_key=True)
    distribution: Mapped[str] = mapped_column(Text)
    version: Mapped[str] = mapped_column(Text)
    wheel_sha256: Mapped[str] = mapped_column(Text)
    state: Mapped[str] = mapped_column(Text)
    manifest: Mapped[dict[str, Any]]
    failure: Mapped[dict[str, Any] | None] = mapped_column(JSONB(none_as_null=True))
    changed_at: Mapped[dt.datetime]
