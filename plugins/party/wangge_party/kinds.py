"""Kinds of matter: household visits of party members, requests at red stations."""

from __future__ import annotations

import datetime as dt
from typing import Final, Literal

from pydantic import BaseModel, ConfigDict
from wangge import FormDay, MatterKind, Sample
from wangge import noop as _
from wangge.forms import field
from wangge.tables import details_table

from wangge_party.models import Base

WAYS: Final = {"home": ("上门", "At home"), "phone": ("电话", "By phone"), "station": ("驿站面谈", "At the station")}
NEEDS: Final = {
    "work": ("就业创业", "Work"),
    "medical": ("看病就医", "Medical care"),
    "elders": ("养老照护", "Care of elders"),
    "children": ("托幼上学", "Children and school"),
    "housing": ("住房修缮", "Housing"),
    "surroundings": ("环境设施", "Surroundings"),
    "neighbours": ("邻里关系", "Neighbours"),
    "policy": ("政策咨询", "Advice"),
    "other": ("其他", "Other"),
}
SERVICES: Final = {
    "rest": ("歇脚休息", "Rest"),
    "charging": ("充电换电", "Charging"),
    "water": ("饮水热饭", "Water and warm meals"),
    "legal": ("法律咨询", "Legal advice"),
    "medicine": ("应急药品", "First aid"),
    "training": ("技能培训", "Training"),
    "childcare": ("子女托管", "Child care"),
    "activity": ("文体活动", "Activities"),
    "other": ("其他", "Other"),
}
ASKERS: Final = {
    "courier": ("快递员", "Courier"),
    "rider": ("外卖骑手", "Meal rider"),
    "driver": ("货车、网约车司机", "Driver"),
    "cleaner": ("环卫工人", "Street cleaner"),
    "resident": ("居民", "Resident"),
    "firm": ("商户企业", "Firm"),
    "other": ("其他", "Other"),
}


class Visit(BaseModel):
    """What is noted of a visit to a household."""

    model_config = ConfigDict(extra="forbid")

    household: str = field(
        "走访户",
        "Household",
        min_length=1,
        max_length=100,
        help_zh="用住处描述，如“2号楼3单元501”，不写身份证号",
        help_en="Described by the dwelling, as “building 2, flat 501”; no id numbers",
    )
    way: Literal["home", "phone", "station"] = field("走访方式", "Way", default="home", choices=WAYS)
    needs: list[
        Literal["work", "medical", "elders", "children", "housing", "surroundings", "neighbours", "policy", "other"]
    ] = field("需求", "Needs", default=[], choices=NEEDS, max_length=9)
    promise: str | None = field("承诺事项", "Promise", default=None, max_length=500)
    promise_owner: str | None = field(
        "承诺落实单位或岗位", "Office or post that keeps it", default=None, max_length=100
    )
    promise_due: dt.date | None = field("承诺完成日期", "To be kept until", default=None)


class StationRequest(BaseModel):
    """What somebody asks of a red station."""

    model_config = ConfigDict(extra="forbid")

    station: str | None = field("驿站名称", "Station", default=None, max_length=100)
    service: (
        Literal["rest", "charging", "water", "legal", "medicine", "training", "childcare", "activity", "other"] | None
    ) = field("需求服务", "Service", default=None, choices=SERVICES)
    asked_by: Literal["courier", "rider", "driver", "cleaner", "resident", "firm", "other"] | None = field(
        "提出群体", "Asked by", default=None, choices=ASKERS
    )
    people: int = field("涉及人数", "People", default=1, ge=1, le=100_000, unit=("人", ""))
    wanted_on: dt.date | None = field("期望日期", "Wanted on", default=None)


visit: Final = details_table("visit", Base.metadata, Visit)
station_request: Final = details_table("station_request", Base.metadata, StationRequest)
VISIT: Final = MatterKind(
    "party.visit",
    _("Household visit of a member"),
    icon="home",
    category="③",
    form=Visit,
    table=visit,
    limit="30nd",
    limit_by=(FormDay("promise_due"),),
    auto_close=True,
    priority=3,
    description=_("A member visits a household: what it needs, what was promised and until when."),
    samples=(
        Sample(
            "走访独居户，反映楼道灯不亮",
            "老人夜间下楼不便，希望尽快修好三层楼道灯。",
            {
                "household": "5号楼2单元301",
                "needs": ["surroundings", "elders"],
                "promise": "联系物业更换声控灯",
                "promise_owner": "社区物业联络岗",
            },
        ),
        Sample(
            "入户走访双职工家庭，咨询暑期托管",
            "夫妻均上班，孩子放假无人照看。",
            {
                "household": "12号楼1单元602",
                "needs": ["children"],
                "promise": "帮助对接社区四点半课堂",
                "promise_owner": "社区妇联",
            },
        ),
        Sample(
            "走访待业青年家庭",
            "毕业后暂未就业，想了解本地招聘会和技能培训。",
            {
                "household": "北区8排3号",
                "needs": ["work", "policy"],
                "promise": "推送招聘信息并陪同参加招聘会",
                "promise_owner": "街道社保所",
            },
        ),
        Sample(
            "电话回访外出务工家庭",
            "家中老人由邻居照看，暂无困难，希望定期有人联系。",
            {"household": "南街17号院", "way": "phone", "needs": ["elders"]},
        ),
        Sample(
            "走访租住户，反映屋顶漏雨",
            "顶层漏雨，房东在外地，沟通不畅。",
            {
                "household": "3号楼4单元顶层西户",
                "needs": ["housing"],
                "promise": "协调房东与物业共同查看漏点",
                "promise_owner": "社区网格岗",
            },
        ),
        Sample(
            "走访慢性病家庭，咨询门诊报销",
            "想办理慢性病门诊手续，不清楚需要哪些材料。",
            {
                "household": "7号楼1单元101",
                "needs": ["medical", "policy"],
                "promise": "代办材料清单并预约窗口",
                "promise_owner": "社区代办岗",
            },
        ),
        Sample("驿站面谈商户，了解经营情况", "沿街商户希望夜间照明加强，其余无困难。", {
            "household": "新开路便利店", "way": "station", "needs": ["surroundings"],
        }),
    ),
)  # fmt: skip
STATION_REQUEST: Final = MatterKind(
    "party.station_request",
    _("Request at a red station"),
    icon="star",
    category="③",
    form=StationRequest,
    table=station_request,
    limit="3wd",
    auto_close=True,
    description=_("Riders, couriers, drivers and residents ask a service of a red station."),
    samples=(
        Sample(
            "骑手希望驿站增设换电柜",
            "午高峰后集中换电，现有柜位不够用。",
            {"service": "charging", "asked_by": "rider", "people": 30},
        ),
        Sample(
            "快递员反映驿站微波炉损坏",
            "近两天无法热饭，希望尽快维修或更换。",
            {"service": "water", "asked_by": "courier", "people": 12},
        ),
        Sample(
            "环卫工人希望早间提前开门",
            "清晨五点作业，希望驿站能提前开放歇脚、接热水。",
            {"service": "rest", "asked_by": "cleaner", "people": 8},
        ),
        Sample(
            "货车司机咨询运费拖欠",
            "两笔运费未结清，想请驿站律师帮助看合同。",
            {"service": "legal", "asked_by": "driver", "people": 1},
        ),
        Sample(
            "申请开设骑手子女暑期托管班",
            "多名骑手提出孩子暑假无人照看。",
            {"service": "childcare", "asked_by": "rider", "people": 15},
        ),
        Sample(
            "补充驿站应急药品",
            "藿香正气水、创可贴已用完，请补充。",
            {"service": "medicine", "asked_by": "resident", "people": 1},
        ),
        Sample(
            "希望组织一次消防与急救培训",
            "沿街商户愿意参加，最好安排在下午闲时。",
            {"service": "training", "asked_by": "firm", "people": 20},
        ),
    ),
)
