"""Kinds of matter: hazard checks and flash reports."""

from __future__ import annotations

import datetime as dt
from typing import Final, Literal

from pydantic import BaseModel, ConfigDict
from wangge import FormDay, FormLimit, MatterKind
from wangge import noop as _
from wangge.forms import field

from wangge_emergency.models import flash_report, hazard

LEVELS: Final = {"general": ("一般", "General"), "larger": ("较大", "Larger"), "major": ("重大", "Major")}
HAZARD_TYPES: Final = {
    "fire": ("消防", "Fire"),
    "gas": ("燃气", "Gas"),
    "building": ("房屋建筑", "Building"),
    "electric": ("用电", "Electricity"),
    "water": ("水患内涝", "Flooding"),
    "geology": ("地质灾害", "Landslide"),
    "workplace": ("生产经营", "Workplace"),
    "other": ("其他", "Other"),
}
STAGES: Final = {
    "initial": ("初报", "First report"),
    "follow_up": ("续报", "Follow-up"),
    "final": ("终报", "Final report"),
}
DISASTERS: Final = {
    "flood": ("洪涝", "Flood"),
    "wind": ("风雹", "Wind or hail"),
    "quake": ("地震", "Earthquake"),
    "geology": ("地质灾害", "Landslide"),
    "fire": ("火灾", "Fire"),
    "snow": ("低温雪灾", "Snow or frost"),
    "accident": ("事故", "Accident"),
    "other": ("其他", "Other"),
}
MOST: Final = 1_000_000


def _count(zh: str, en: str, unit: str) -> int:
    """A number that is zero until somebody counts; a flash report never waits for completeness."""
    number: int = field(zh, en, default=0, ge=0, le=MOST, unit=unit)
    return number


class Hazard(BaseModel):
    """What a hazard check asks."""

    model_config = ConfigDict(extra="forbid")

    level: Literal["general", "larger", "major"] = field("隐患级别", "Level", default="general", choices=LEVELS)
    hazard_type: Literal["fire", "gas", "building", "electric", "water", "geology", "workplace", "other"] = field(
        "隐患类型", "Type", default="other", choices=HAZARD_TYPES
    )
    rectifier: str | None = field("整改责任单位", "To be mended by", default=None, max_length=100)
    deadline: dt.date | None = field("整改期限", "To be mended until", default=None)
    measures: str | None = field("整改措施", "Measures", default=None, max_length=1000)


class FlashReport(BaseModel):
    """What a flash report asks."""

    model_config = ConfigDict(extra="forbid")

    stage: Literal["initial", "follow_up", "final"] = field("报告阶段", "Stage", default="initial", choices=STAGES)
    disaster: Literal["flood", "wind", "quake", "geology", "fire", "snow", "accident", "other"] = field(
        "灾害种类", "Disaster", default="other", choices=DISASTERS
    )
    dead: int = _count("死亡", "Dead", "人")
    injured: int = _count("受伤", "Injured", "人")
    missing: int = _count("失踪", "Missing", "人")
    trapped: int = _count("被困", "Trapped", "人")
    relocated: int = _count("转移安置", "Moved to safety", "人")
    houses_collapsed: int = _count("倒塌房屋", "Houses collapsed", "间")
    houses_damaged: int = _count("损坏房屋", "Houses damaged", "间")
    roads_blocked: int = _count("道路中断", "Roads cut", "处")
    needs: str | None = field("急需支援", "Needed at once", default=None, max_length=500)


HAZARD: Final = MatterKind(
    "emergency.hazard",
    _("Hazard check"),
    icon="alert-triangle",
    category="④",
    form=Hazard,
    table=hazard,
    limit="3wd",
    limit_by=(FormDay("deadline"), FormLimit("level", {"major": "1h"})),
    auto_close=True,
    evidence={"settle": 1, "close": 1},
    description=_("Something dangerous that must be mended: a photo before, a photo after."),
)
FLASH_REPORT: Final = MatterKind(
    "emergency.flash",
    _("Flash report"),
    icon="bell",
    category="④",
    form=FlashReport,
    table=flash_report,
    limit="30min",
    auto_close=True,
    priority=1,
    description=_("A disaster has struck: first figures at once, better ones later."),
)
