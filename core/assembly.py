"""Where the rooms of the core meet: imported once by every door, so that all tables and the recorder are known."""

from __future__ import annotations

from typing import Final

from sqlalchemy import MetaData

from core.audit import recorder
from core.db import models as instance
from core.db.base import Base
from core.grids import models as grids

ROOMS: Final = (instance, recorder, grids)
"""Modules that must be imported before a session opens: tables, and the journal's recorder."""


def host_metadata() -> MetaData:
    """All tables of the host."""
    return Base.metadata
