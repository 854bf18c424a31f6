"""Kinds of matter: visits to elders who live alone, clues for temporary aid."""

from __future__ import annotations

import datetime as dt
from typing import Final, Literal

from pydantic import BaseModel, ConfigDict
from wangge import FormDay, FormLimit, MatterKind, Sample
from wangge import noop as _
from wangge.forms import field
from wangge.tables import details_table

from wangge_civil.models import Base

HOME_HAZARDS: Final = {
    "gas": ("燃气灶具、软管老化", "Old gas stove or hose"),
    "wiring": ("电线老化、插线板过载", "Old wiring or loaded sockets"),
    "heating": ("取暖方式不安全", "Unsafe heating"),
    "floor": ("地面湿滑、缺少扶手", "Slippery floor, no handrail"),
    "lighting": ("照明不足", "Poor light"),
    "clutter": ("杂物堆积", "Clutter"),
    "alarm": ("烟感、一键呼叫失效", "Smoke alarm or call button dead"),
    "contact": ("紧急联系卡缺失", "No emergency contact card"),
}
NEEDS: Final = {
    "meals": ("助餐送餐", "Meals"),
    "cleaning": ("助洁助浴", "Cleaning and bathing"),
    "doctor": ("陪诊配药", "Doctor and medicine"),
    "repairs": ("小修小补", "Small repairs"),
    "errands": ("代办代购", "Errands"),
    "company": ("陪伴聊天", "Company"),
    "fittings": ("适老化改造", "Fittings for the old"),
    "other": ("其他", "Other"),
}
EVENTS: Final = {
    "illness": ("突发疾病", "Sudden illness"),
    "accident": ("意外事故", "Accident"),
    "fire": ("火灾", "Fire"),
    "disaster": ("自然灾害", "Natural disaster"),
    "income": ("收入中断", "Loss of income"),
    "schooling": ("就学支出", "Cost of schooling"),
    "stranded": ("临时遇困滞留", "Stranded"),
    "other": ("其他", "Other"),
}
HARDSHIPS: Final = {
    "living": ("基本生活", "Livelihood"),
    "medical": ("医疗费用", "Medical cost"),
    "housing": ("住房安置", "Housing"),
    "schooling": ("教育费用", "School cost"),
    "heating": ("取暖过冬", "Heating"),
    "care": ("无人照料", "Nobody to care"),
    "other": ("其他", "Other"),
}


class ElderVisit(BaseModel):
    """What is noted of a visit to an elder who lives alone."""

    model_config = ConfigDict(extra="forbid")

    dwelling: str = field(
        "住处",
        "Dwelling",
        min_length=1,
        max_length=100,
        help_zh="只写楼栋门牌，不写姓名和证件号",
        help_en="Building and door; no names or id numbers",
    )
    seen: bool = field("见到老人", "Seen", default=False)
    unseen_reason: str | None = field("未见到的原因与去向", "Why not seen", default=None, max_length=200)
    home_hazards: list[Literal["gas", "wiring", "heating", "floor", "lighting", "clutter", "alarm", "contact"]] = field(
        "居家安全检查（勾选有问题的）", "Home safety: what is amiss", default=[], max_length=8, choices=HOME_HAZARDS
    )
    needs: list[Literal["meals", "cleaning", "doctor", "repairs", "errands", "company", "fittings", "other"]] = field(
        "需求", "Needs", default=[], max_length=8, choices=NEEDS
    )
    next_date: dt.date | None = field("下次巡访日期", "Next visit", default=None)


class AidClue(BaseModel):
    """What is noted of a household that may need temporary aid."""

    model_config = ConfigDict(extra="forbid")

    household: str = field(
        "家庭",
        "Household",
        min_length=1,
        max_length=100,
        help_zh="用住处描述，不写身份证号",
        help_en="Described by the dwelling; no id numbers",
    )
    event: Literal["illness", "accident", "fire", "disaster", "income", "schooling", "stranded", "other"] = field(
        "遭遇事件", "Event", choices=EVENTS
    )
    hardship: Literal["living", "medical", "housing", "schooling", "heating", "care", "other"] = field(
        "困难类型", "Hardship", default="living", choices=HARDSHIPS
    )
    people: int = field("家庭人口", "People", default=1, ge=1, le=50, unit=("人", ""))
    amount_asked: int | None = field("申请金额", "Amount asked", default=None, ge=0, le=1_000_000, unit=("元", "yuan"))
    urgent: bool = field("急难（24 小时内先行救助）", "Urgent: aid within 24 hours", default=False)


elder_visit: Final = details_table("elder_visit", Base.metadata, ElderVisit)
aid_clue: Final = details_table("aid_clue", Base.metadata, AidClue)
ELDER_VISIT: Final = MatterKind(
    "civil.elder_visit",
    _("Visit to an elder living alone"),
    icon="user-circle",
    category="⑤",
    form=ElderVisit,
    table=elder_visit,
    sensitive=True,
    limit="7nd",
    limit_by=(FormDay("next_date"),),
    auto_close=True,
    description=_("Seen, safe at home, in need of something; closed when the next visit has been made."),
    samples=(
        Sample(
            "独居老人周巡访：一切安好",
            "老人精神状态良好，已提醒用电安全。",
            {"dwelling": "6号楼3单元102", "seen": True},
        ),
        Sample(
            "独居老人巡访：燃气软管老化",
            "厨房软管超过使用年限，已联系燃气公司上门更换。",
            {"dwelling": "1号楼2单元201", "seen": True, "home_hazards": ["gas", "alarm"], "needs": ["repairs"]},
        ),
        Sample(
            "独居老人巡访：需要送餐",
            "近期腿脚不便，希望助老食堂送午餐。",
            {"dwelling": "东胡同9号", "seen": True, "needs": ["meals", "company"]},
        ),
        Sample(
            "独居老人巡访：敲门无人应",
            "邻居称已去子女家小住，电话核实平安。",
            {"dwelling": "9号楼1单元401", "seen": False, "unseen_reason": "去子女家，电话核实平安"},
        ),
        Sample(
            "独居老人巡访：卫生间缺扶手",
            "地面湿滑，建议纳入适老化改造。",
            {"dwelling": "4号楼5单元103", "seen": True, "home_hazards": ["floor"], "needs": ["fittings"]},
        ),
        Sample(
            "独居老人巡访：代购药品",
            "慢性病药品将用完，希望代为取药。",
            {"dwelling": "西里12号院", "seen": True, "needs": ["doctor", "errands"]},
        ),
        Sample(
            "独居老人巡访：取暖方式不安全",
            "屋内使用小太阳取暖，离被褥过近，已当场移开。",
            {"dwelling": "北街31号", "seen": True, "home_hazards": ["heating", "wiring"]},
        ),
    ),
)
AID_CLUE: Final = MatterKind(
    "civil.aid_clue",
    _("Clue for temporary aid"),
    icon="first-aid-kit",
    category="⑤",
    form=AidClue,
    table=aid_clue,
    sensitive=True,
    limit="2wd",
    limit_by=(FormLimit("urgent", {"true": "24h"}),),
    auto_close=True,
    priority=1,
    description=_("A household was struck by something and may need aid; the office hears of it at once."),
    samples=(
        Sample(
            "突发疾病致家庭支出过大",
            "家庭主要劳动力住院，自付费用较高，申请临时救助。",
            {
                "household": "8号楼2单元502",
                "event": "illness",
                "hardship": "medical",
                "people": 4,
                "amount_asked": 8000,
            },
        ),
        Sample(
            "厨房失火后生活困难",
            "过火面积约十平方米，人员平安，需要临时安置。",
            {
                "household": "南巷5号",
                "event": "fire",
                "hardship": "housing",
                "people": 3,
                "amount_asked": 5000,
                "urgent": True,
            },
        ),
        Sample(
            "失业后房租难以支付",
            "停工两个月，房租已拖欠，正在找工作。",
            {"household": "11号楼合租户", "event": "income", "people": 2, "amount_asked": 3000},
        ),
        Sample(
            "新生入学费用困难",
            "考取大学，首年费用尚有缺口。",
            {
                "household": "北区3排7号",
                "event": "schooling",
                "hardship": "schooling",
                "people": 4,
                "amount_asked": 4000,
            },
        ),
        Sample(
            "外来人员临时滞留",
            "钱包丢失无法返乡，已安排食宿，请救助站接手。",
            {"household": "长途站候车厅", "event": "stranded", "urgent": True},
        ),
        Sample(
            "暴雨后房屋进水",
            "平房进水，被褥家电受损，需过渡物资。",
            {"household": "河沿街22号", "event": "disaster", "people": 2, "amount_asked": 2000},
        ),
        Sample(
            "监护人住院，孩子无人照料",
            "已由邻居暂时照看，请协调临时照护。",
            {"household": "2号楼1单元302", "event": "accident", "hardship": "care", "people": 2, "urgent": True},
        ),
    ),
)
