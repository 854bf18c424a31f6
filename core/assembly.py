"""Where the rooms of the core meet: imported once by every door, so that all tables and the recorder are known."""

from __future__ import annotations

from sqlalchemy import MetaData

from core.db.base import Base

__all__ = ["host_metadata"]


def host_metadata() -> MetaData:
    """All tables of the host."""
    return Base.metadata
