"""The columns that every table of files that came by the browser has."""

from __future__ import annotations

import datetime as dt
from typing import Any

from sqlalchemy import BigInteger, Text
from sqlalchemy.orm import Mapped, mapped_column

from core.db.base import UuidKey


class Uploaded:
    """Mixin: one file, what it shall become, how far it is, and who sent it when."""

    id: Mapped[UuidKey]
    file_name: Mapped[str] = mapped_column(Text)
    bytes: Mapped[int] = mapped_column(BigInteger)
    state: Mapped[str] = mapped_column(Text)
    options: Mapped[dict[str, Any]]
    made_by: Mapped[str] = mapped_column(Text)
    made_at: Mapped[dt.datetime]
