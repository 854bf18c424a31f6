"""What this instance is called and how it shows things: set on the settings page, kept in the database."""

from __future__ import annotations

from typing import Final, Literal
from zoneinfo import ZoneInfo, available_timezones

from pydantic import BaseModel, ConfigDict, Field, field_validator
from sqlalchemy import text

from core.access.policy import require
from core.db.models import Instance, Setting
from core.db.session import WorkSession
from core.norms import GridNorms
from core.settings import get_settings
from gis.crs import CGCS2000, SHIFTED
from gis.zones import zones

KEY = "instance"
SHOWN_CRS: Final = (CGCS2000, *SHIFTED, *(f"EPSG:{zone.code}" for zone in zones(3, prefixed=True)))
"""Systems in which coordinates can be shown."""


class InstanceValues(BaseModel):
    """Values of the settings page."""

    model_config = ConfigDict(extra="forbid")

    organisation: str = Field("", max_length=80)
    logo_file: str = Field("", max_length=64)
    timezone: str = Field(default_factory=lambda: get_settings().timezone)
    shown_crs: str = Field(CGCS2000, max_length=20)
    language: Literal["zh", "en"] = Field(default_factory=lambda: _language())
    grid_norms: GridNorms = Field(default_factory=lambda: get_settings().grid_norms)

    @field_validator("timezone")
    @classmethod
    def _known_timezone(cls, value: str) -> str:
        if value not in available_timezones():
            raise ValueError("unknown time zone")
        return value

    @field_validator("shown_crs")
    @classmethod
    def _known_crs(cls, value: str) -> str:
        if value not in SHOWN_CRS:
            raise ValueError("unknown coordinate system")
        return value

    @property
    def zone(self) -> ZoneInfo:
        """The time zone in which times are shown."""
        return ZoneInfo(self.timezone)


def _language() -> Literal["zh", "en"]:
    return "en" if get_settings().language == "en" else "zh"


def instance_values(session: WorkSession) -> InstanceValues:
    """The values that hold now; defaults where nothing was set."""
    row = session.get(Setting, KEY)
    return InstanceValues.model_validate(row.value if row else {})


def save_instance_values(session: WorkSession, values: InstanceValues) -> None:
    """Set the values; the journal keeps before and after."""
    require(session.actor, "setting.manage")
    row = session.get(Setting, KEY)
    if row is None:
        session.add(Setting(key=KEY, value=values.model_dump()))
    else:
        row.value = values.model_dump()


def is_demo(session: WorkSession) -> bool:
    """Whether this instance holds demonstration data."""
    row = session.get(Instance, 1)
    return bool(row and row.demo)


def mark_demo(session: WorkSession) -> None:
    """Mark the instance as holding demonstration data; the database refuses where other grids came first."""
    require(session.actor, "demo.manage")
    session.execute(text("select core.mark_demonstration()"))
