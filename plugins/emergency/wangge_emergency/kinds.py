"""Kinds of matter: hazard checks and flash reports."""

from __future__ import annotations

import datetime as dt
from typing import Final, Literal

from pydantic import BaseModel, ConfigDict
from wangge import FormDay, FormLimit, MatterKind, Sample
from wangge import noop as _
from wangge.forms import field
from wangge.tables import details_table

from wangge_emergency.models import Base

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
    number: int = field(zh, en, default=0, ge=0, le=MOST, unit=(unit, ""))
    return number


class Hazard(BaseModel):
    """What a hazard check asks."""

    model_config = ConfigDict(extra="forbid")

    level: Literal["general", "larger", "major"] = field(
        "隐患级别", "Level", default="general", ask=True, choices=LEVELS
    )
    hazard_type: Literal["fire", "gas", "building", "electric", "water", "geology", "workplace", "other"] | None = (
        field("隐患类型", "Type", default=None, choices=HAZARD_TYPES)
    )
    rectifier: str | None = field("整改责任单位", "To be mended by", default=None, max_length=100)
    deadline: dt.date | None = field("整改期限", "To be mended until", default=None)
    measures: str | None = field("整改措施", "Measures", default=None, max_length=1000)


class FlashReport(BaseModel):
    """What a flash report asks."""

    model_config = ConfigDict(extra="forbid")

    stage: Literal["initial", "follow_up", "final"] = field("报告阶段", "Stage", default="initial", choices=STAGES)
    disaster: Literal["flood", "wind", "quake", "geology", "fire", "snow", "accident", "other"] | None = field(
        "灾害种类", "Disaster", default=None, choices=DISASTERS
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


hazard: Final = details_table("hazard", Base.metadata, Hazard)
flash_report: Final = details_table("flash_report", Base.metadata, FlashReport)
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
    samples=(
        Sample(
            "餐饮店燃气软管老化",
            "后厨软管表面开裂，未安装燃气报警器，已要求停用并更换。",
            {
                "level": "larger",
                "hazard_type": "gas",
                "rectifier": "经营单位",
                "measures": "更换金属波纹管，加装报警器",
            },
        ),
        Sample(
            "老旧楼房外墙砖脱落",
            "临街一侧外墙砖松动，已有碎块掉落，先行拉设警戒线。",
            {"level": "major", "hazard_type": "building", "rectifier": "产权单位", "measures": "设围挡，排险后修复"},
        ),
        Sample(
            "配电箱裸露、电线乱接",
            "市场东侧配电箱无门，临时线路拖地，雨天易触电。",
            {"level": "larger", "hazard_type": "electric", "rectifier": "市场管理方"},
        ),
        Sample(
            "下凹桥区排水口淤堵",
            "雨水箅子被泥沙树叶堵塞，汛期易积水，需尽快清掏。",
            {"hazard_type": "water", "rectifier": "排水养护单位", "measures": "清掏雨水箅子并检查泵站"},
        ),
        Sample(
            "坡脚出现裂缝和落石",
            "道路内侧边坡连日降雨后出现裂缝，有小块落石。",
            {
                "level": "major",
                "hazard_type": "geology",
                "rectifier": "道路养护单位",
                "measures": "封闭半幅道路，专人巡查",
            },
        ),
        Sample(
            "商场消火栓被货架遮挡",
            "二层两处消火栓前堆放货物，现场督促移开一处。",
            {"hazard_type": "fire", "rectifier": "商场物业"},
        ),
        Sample(
            "小微企业有限空间无警示",
            "污水井口未设警示牌和通风设备，作业人员未培训。",
            {"level": "larger", "hazard_type": "workplace", "rectifier": "生产经营单位"},
        ),
        Sample(
            "广告牌固定件锈蚀",
            "沿街广告牌支架锈蚀松动，大风天气有坠落可能。",
            {"hazard_type": "other", "rectifier": "设置单位", "measures": "拆除或重新加固"},
        ),
    ),
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
    samples=(
        Sample(
            "强降雨致低洼院落进水",
            "短时强降雨，沿河平房区积水约三十厘米，正在转移群众。",
            {"disaster": "flood", "relocated": 26, "houses_damaged": 9, "needs": "抽水泵两台、沙袋三百个"},
        ),
        Sample(
            "大风刮倒树木阻断道路",
            "行道树倒伏三棵，双向交通中断，无人员受伤。",
            {"disaster": "wind", "roads_blocked": 1, "needs": "清障车辆"},
        ),
        Sample(
            "沿街商铺起火，明火已扑灭",
            "电动自行车充电引燃杂物，一人轻微吸入烟气已送医。",
            {"stage": "follow_up", "disaster": "fire", "injured": 1, "houses_damaged": 2},
        ),
        Sample(
            "坡体滑塌掩埋部分路面",
            "山边道路滑塌约二十方，下方三户先行转移。",
            {"disaster": "geology", "relocated": 11, "roads_blocked": 1, "needs": "挖掘机一台、地质专家现场查看"},
        ),
        Sample(
            "大雪压塌简易棚房",
            "农贸市场外搭棚房两间倒塌，商户已撤离，无伤亡。",
            {"disaster": "snow", "houses_collapsed": 2, "relocated": 6},
        ),
        Sample(
            "施工挖断燃气管道",
            "道路施工挖破中压管，燃气公司已关阀，周边居民撤离。",
            {"disaster": "accident", "relocated": 85, "roads_blocked": 2, "needs": "警戒人员、临时安置点"},
        ),
        Sample(
            "有感地震，核查暂无损失",
            "震感明显，逐户核查未发现人员伤亡和房屋损坏。",
            {"stage": "final", "disaster": "quake"},
        ),
    ),
)
