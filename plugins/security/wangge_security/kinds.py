"""Kinds of matter: disputes, fire and safety hazards.

A dispute is a matter to be settled in time: its risk is the matter's, reckoned from a checklist, and no field names a
party.
"""

from __future__ import annotations

import datetime as dt
from typing import Any, Final, Literal

from pydantic import BaseModel, ConfigDict, ValidationInfo, field_validator
from wangge import FormDay, FormLimit, MatterKind, Sample
from wangge import noop as _
from wangge.forms import field
from wangge.tables import details_table

from wangge_security.models import Base

DISPUTE_TYPES: Final = {
    "family": ("婚恋家庭", "Marriage and family"),
    "neighbours": ("邻里", "Neighbours"),
    "land": ("土地征用", "Land taking"),
    "debt": ("债务借贷", "Debts and loans"),
    "labour": ("劳动", "Labour"),
    "property": ("物业", "Property management"),
    "consumer": ("消费", "Consumer"),
    "medical": ("医疗", "Medical"),
    "traffic": ("交通", "Traffic"),
    "other": ("其他", "Other"),
}
SCALES: Final = {
    "persons": ("个人之间", "Between persons"),
    "households": ("户与户之间", "Between households"),
    "organisation": ("居民与单位之间", "With an organisation"),
    "collective": ("群体性", "Collective"),
}
SIGNS: Final = {
    "violence": ("现场已有肢体冲突或使用器物", "Blows have fallen on the spot", 4),
    "heated": ("双方情绪激动，可能激化", "Tempers run high", 2),
    "repeated": ("同一事由反复发生", "The same cause again", 2),
    "wages": ("拖欠工资或基本生活费用", "Wages or livelihood unpaid", 2),
    "large_sum": ("涉及金额较大", "A large sum", 1),
    "long": ("持续一个月以上未解决", "Unsettled for more than a month", 1),
    "mediated": ("调解过一次未成功", "A first mediation failed", 1),
}
"""The checklist: slug → Chinese, English, weight."""
RISKS: Final = {"high": ("高", "High"), "medium": ("中", "Medium"), "low": ("低", "Low")}
HIGH, MEDIUM, CROWD = 4, 2, 5
"""Scores from which the risk is high or medium, and the number of people that counts as one more sign of weight 2."""
SITES: Final = {
    "home": ("居民住宅", "Homes"),
    "shop": ("沿街商铺", "Shops"),
    "rental": ("出租房屋", "Rented houses"),
    "workshop": ("小作坊小企业", "Workshops"),
    "crowded": ("人员密集场所", "Crowded places"),
    "school": ("校园周边", "Around schools"),
    "public": ("公共区域", "Public places"),
    "other": ("其他", "Other"),
}
FINDINGS: Final = {
    "exit_blocked": ("疏散通道、安全出口堵塞", "Way out blocked"),
    "lane_blocked": ("消防车通道被占用", "Fire lane taken"),
    "equipment": ("消防设施缺失或损坏", "Fire equipment lacking or broken"),
    "ebike": ("电动自行车违规停放充电", "E-bikes charged indoors"),
    "wiring": ("私拉乱接电线", "Unsafe wiring"),
    "gas": ("燃气使用不安全", "Unsafe gas"),
    "barred": ("门窗设置影响逃生的障碍物", "Barred windows"),
    "locks": ("门禁、监控损坏", "Locks or cameras broken"),
    "other": ("其他", "Other"),
}
DANGERS: Final = {"general": ("一般", "General"), "serious": ("严重", "Serious"), "urgent": ("紧急", "Urgent")}


def risk_of(signs: list[str], people: int) -> str:
    """Risk of the matter by the checklist's weights."""
    score = sum(SIGNS[sign][2] for sign in signs) + (2 if people >= CROWD else 0)
    return "high" if score >= HIGH else "medium" if score >= MEDIUM else "low"


class Dispute(BaseModel):
    """What is asked of a dispute. It has no field for names: parties are helped, not listed."""

    model_config = ConfigDict(extra="forbid")

    dispute_type: Literal[
        "family", "neighbours", "land", "debt", "labour", "property", "consumer", "medical", "traffic", "other"
    ] = field("纠纷类型", "Type", choices=DISPUTE_TYPES)
    scale: Literal["persons", "households", "organisation", "collective"] = field(
        "规模", "Scale", default="persons", choices=SCALES
    )
    people: int = field("涉及人数", "People", default=2, ge=2, le=100_000, unit=("人", ""))
    signs: list[Literal["violence", "heated", "repeated", "wages", "large_sum", "long", "mediated"]] = field(
        "风险排查清单",
        "Checklist of risk",
        default=[],
        max_length=7,
        choices={sign: (zh, en) for sign, (zh, en, _weight) in SIGNS.items()},
        help_zh="针对事项逐项勾选；不填写当事人姓名和证件号",
        help_en="Tick what holds of the matter; no names or id numbers of the parties",
    )
    risk: Literal["high", "medium", "low"] | None = field(
        "事项风险等级",
        "Risk of the matter",
        default=None,
        choices=RISKS,
        validate_default=True,
        help_zh="留空则按清单计算；可以调高，不能低于清单结果",
        help_en="Left empty it follows the checklist; it may be set higher, never lower",
    )
    mediator: str | None = field("调解单位", "Mediated by (office)", default=None, max_length=100)
    agreement_due: dt.date | None = field("协议履行日期", "Agreement to be kept until", default=None)

    @field_validator("risk")
    @classmethod
    def _not_below_the_checklist(cls, value: str | None, info: ValidationInfo) -> Any:
        if not {"signs", "people"} <= set(info.data):
            return value
        reckoned = risk_of(info.data["signs"], info.data["people"])
        order = list(RISKS)
        if value is not None and order.index(value) > order.index(reckoned):
            raise ValueError("the checklist gives a higher risk; it may be set higher, never lower")
        return value or reckoned


class HazardSafety(BaseModel):
    """What is asked of a fire or safety hazard."""

    model_config = ConfigDict(extra="forbid")

    site: Literal["home", "shop", "rental", "workshop", "crowded", "school", "public", "other"] | None = field(
        "场所类型", "Kind of place", default=None, choices=SITES
    )
    findings: list[
        Literal["exit_blocked", "lane_blocked", "equipment", "ebike", "wiring", "gas", "barred", "locks", "other"]
    ] = field("隐患内容", "Findings", min_length=1, max_length=9, choices=FINDINGS)
    danger: Literal["general", "serious", "urgent"] = field("危险程度", "Danger", default="general", choices=DANGERS)
    rectifier: str | None = field("整改责任单位", "To be mended by", default=None, max_length=100)
    deadline: dt.date | None = field("整改期限", "To be mended until", default=None)


dispute: Final = details_table("dispute", Base.metadata, Dispute)
hazard_safety: Final = details_table("hazard_safety", Base.metadata, HazardSafety)
DISPUTE: Final = MatterKind(
    "security.dispute",
    _("Dispute"),
    icon="scale",
    category="④",
    form=Dispute,
    table=dispute,
    sensitive=True,
    limit="7nd",
    auto_close=True,
    description=_("Something that people or offices dispute: settled early, near and in time. No names of parties."),
    samples=(
        Sample(
            "楼上漏水引发邻里纠纷",
            "卫生间渗水影响楼下天花板，双方对维修费用分担有分歧。",
            {"dispute_type": "neighbours", "scale": "households", "people": 4, "signs": ["repeated"]},
        ),
        Sample(
            "施工队反映工资结算争议",
            "项目完工两月，部分工资未结清，要求协调。",
            {
                "dispute_type": "labour",
                "scale": "collective",
                "people": 9,
                "signs": ["wages", "long"],
                "mediator": "街道劳动争议调解室",
            },
        ),
        Sample(
            "物业费与电梯维修争议",
            "业主认为电梯维修不及时，物业反映收费率低，双方请求调解。",
            {"dispute_type": "property", "scale": "organisation", "people": 15, "signs": ["long"]},
        ),
        Sample(
            "民间借款到期未还",
            "到期后约定分期偿还，未按期履行，双方愿意再次协商。",
            {"dispute_type": "debt", "people": 2, "signs": ["large_sum", "mediated"]},
        ),
        Sample(
            "宅基地边界争议",
            "翻建房屋时对滴水线位置有不同说法，已暂停施工。",
            {"dispute_type": "land", "scale": "households", "people": 6, "signs": ["heated"]},
        ),
        Sample(
            "预付卡退费争议",
            "健身房停业装修，会员要求退还剩余费用。",
            {"dispute_type": "consumer", "scale": "organisation", "people": 12},
        ),
        Sample(
            "赡养费用分担协商",
            "子女对老人照料与费用分担意见不一，请求上门调解。",
            {"dispute_type": "family", "people": 3, "mediator": "社区人民调解委员会"},
        ),
        Sample(
            "停车剐蹭赔偿争议",
            "小区内剐蹭，双方对责任和赔偿金额有分歧。",
            {"dispute_type": "traffic", "people": 2},
        ),
    ),
)
HAZARD_SAFETY: Final = MatterKind(
    "security.hazard_safety",
    _("Fire and safety hazard"),
    icon="flame",
    category="④",
    form=HazardSafety,
    table=hazard_safety,
    limit="3wd",
    limit_by=(FormDay("deadline"), FormLimit("danger", {"urgent": "2h"})),
    auto_close=True,
    evidence={"settle": 1, "close": 1},
    description=_("A way out that is blocked, unsafe wiring, broken locks: a photo before, a photo after."),
    samples=(
        Sample(
            "楼道内电动自行车充电",
            "一层楼道停放三辆电动自行车，飞线充电。",
            {"site": "home", "findings": ["ebike", "wiring"], "danger": "serious", "rectifier": "小区物业"},
        ),
        Sample(
            "消防车通道被私家车占用",
            "小区北门通道夜间停满车辆，消防车无法进入。",
            {"site": "public", "findings": ["lane_blocked"], "danger": "serious"},
        ),
        Sample(
            "餐饮店灭火器过期",
            "后厨两具灭火器压力不足，燃气软管老化。",
            {"site": "shop", "findings": ["equipment", "gas"], "rectifier": "经营单位"},
        ),
        Sample(
            "出租房窗户加装防盗网无逃生口",
            "二层出租房防盗网封闭，未留逃生窗。",
            {"site": "rental", "findings": ["barred"], "rectifier": "房屋出租方"},
        ),
        Sample(
            "仓库安全出口堆放货物",
            "小作坊后门被纸箱堵住，要求立即清理。",
            {"site": "workshop", "findings": ["exit_blocked"], "danger": "urgent", "rectifier": "生产经营单位"},
        ),
        Sample(
            "单元门禁损坏无法关闭",
            "门禁失灵一周，居民反映夜间不安全。",
            {"site": "home", "findings": ["locks"], "rectifier": "小区物业"},
        ),
        Sample(
            "学校周边小饭桌线路老化",
            "插线板串接使用，线路外皮破损。",
            {"site": "school", "findings": ["wiring"], "danger": "serious"},
        ),
    ),
)
