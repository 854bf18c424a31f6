"""The words of the house: what users read in Chinese, what code and API say, and what it means."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True)
class Word:
    """One word.

    :param name: as code, tables and API write it.
    :param zh: as a Chinese reader sees it; ``en`` likewise for an English reader.
    :param meaning_zh: one sentence; ``meaning_en`` the same in English.
    """

    name: str
    zh: str
    en: str
    meaning_zh: str
    meaning_en: str


WORDS: Final[tuple[Word, ...]] = (
    Word(
        "Grid",
        "网格",
        "grid",
        "城市管理的空间单元，构成一棵从市到微网格的树。",
        "A node of the city's tree of areas, from the city down to the micro-grid.",
    ),
    Word(
        "level",
        "层级",
        "level",
        "市、县（市、区）、乡镇（街道）、村（社区）、网格、微网格六级。",
        "Six of them: city, county, street, community, grid, micro-grid.",
    ),
    Word(
        "leaf",
        "末级网格",
        "leaf",
        "下面不再划分的网格；全部末级网格恰好铺满全市。",
        "A grid without living children; the leaves tile the city exactly.",
    ),
    Word(
        "GridKind",
        "网格类型",
        "kind of grid",
        "基础网格、专属网格（校园、市场、企业等）等。",
        "Base grid, dedicated grid (a campus, a market, a factory) and so on.",
    ),
    Word(
        "coverage",
        "全域网格",
        "coverage",
        "某网格之下全部末级网格的集合；系统用整数证明其无缝、不重叠。",
        "All leaves below a grid; proven by whole numbers to have neither gap nor overlap.",
    ),
    Word(
        "version",
        "全域网格版本",
        "coverage version",
        "每次边界变动加一的编号；地图、统计都说明所依据的版本。",
        "A number that grows with each change of borders; maps and figures say which one they stand on.",
    ),
    Word(
        "gap", "空隙", "gap", "上级范围之内不属于任何网格的地方。", "A place inside the parent that belongs to no grid."
    ),
    Word("overlap", "重叠", "overlap", "同时属于两个及以上网格的地方。", "A place that belongs to two grids or more."),
    Word(
        "GridPlan",
        "调整方案",
        "plan",
        "一组拟议的边界调整，可预览、可审批。",
        "Proposed changes of borders, with preview and approval.",
    ),
    Word(
        "GridChange",
        "调整记录",
        "change",
        "已生效的边界变动，永久保留。",
        "A change of borders that was applied; kept for ever.",
    ),
    Word(
        "Matter",
        "事项",
        "matter",
        "一件要办、要答复的事，有类型、地点和时限。",
        "One thing to be done or answered, with a kind, a place and a limit.",
    ),
    Word(
        "MatterKind",
        "事项类型",
        "kind of matter",
        "由部门插件提供，规定表单、时限和处置步骤。",
        "Brought by a department's plugin: form, limits and steps.",
    ),
    Word(
        "reference layer",
        "参考图层",
        "reference layer",
        "画在网格之下的道路、水系、建筑物和门牌号，仅供辨认位置，不参与证明。",
        "Roads, water, buildings and house numbers under the grids, to find one's way; nothing is proven of them.",
    ),
    Word(
        "report",
        "上报",
        "report",
        "发现人把事项交给系统，随即自动落入网格。",
        "Whoever finds a matter hands it in; it falls into its grid by itself.",
    ),
    Word(
        "locate",
        "定位（定格）",
        "locate",
        "按坐标确定事项属于哪一个末级网格，有且只有一个。",
        "To find the one leaf that owns a place.",
    ),
    Word(
        "accept",
        "受理",
        "accept",
        "网格长或平台确认事项属实、由本方办理，时限开始计算。",
        "The grid head or desk takes the matter on; its clock starts.",
    ),
    Word("settle", "网格内处置", "settle", "不出网格，由网格自行解决。", "To solve a matter inside the grid."),
    Word(
        "whistle",
        "吹哨",
        "whistle",
        "网格解决不了的事项，呼叫有关部门到场。",
        "To call departments to a matter the grid cannot solve.",
    ),
    Word(
        "claim",
        "报到（认领）",
        "claim",
        "部门应哨到场并认领任务。",
        "A department answers the whistle and takes the task.",
    ),
    Word("feed back", "反馈", "feed back", "办理单位报告办理结果。", "The one who handled it says what was done."),
    Word(
        "verify",
        "核查",
        "verify",
        "由非办理人现场核实结果。",
        "Somebody other than the handler checks the result on site.",
    ),
    Word("close", "办结", "close", "核查通过，事项结束。", "The result is confirmed; the matter ends."),
    Word(
        "reject",
        "不予受理",
        "reject",
        "不属实或不在职责内，说明理由后退回。",
        "Untrue or not ours; sent back with the reason.",
    ),
    Word(
        "withdraw",
        "撤回",
        "withdraw",
        "上报人在认领之前收回；记录保留。",
        "The reporter takes it back before it is claimed; the record stays.",
    ),
    Word(
        "relocate",
        "移位",
        "relocate",
        "更正事项地点，重新确定所属网格。",
        "To correct the place; the grid is found again.",
    ),
    Word(
        "rate",
        "评价",
        "rate",
        "上报人对响应、解决、满意三项打分。",
        "The reporter says whether it was answered, solved, satisfying.",
    ),
    Word(
        "Duty",
        "任务清单",
        "duty",
        "网格按周期要做的事，如走访、巡查、采集。",
        "What a grid has to do every so often: visit, inspect, collect.",
    ),
    Word(
        "Ledger",
        "民情台账",
        "ledger",
        "网格掌握的居民需求，每条都有责任人、下一步和日期。",
        "What a grid knows of its people's needs; each entry has an owner, a next step and a date.",
    ),
    Word("Department", "部门", "department", "参与办理事项的单位。", "An office that takes part in handling matters."),
    Word(
        "Post",
        "岗位",
        "post",
        "部门或网格里的一个职位，由某人担任，可设代理。",
        "A seat in an office or a grid, held by a person, with deputies.",
    ),
    Word("Worker", "网格员", "grid worker", "负责巡查、走访某些网格的人员。", "The person who walks certain grids."),
    Word("Resident", "居民", "resident", "登记在册的人。", "A registered person."),
    Word("Household", "户", "household", "同住一处、一起登记的人。", "People registered together in one home."),
    Word(
        "Facility",
        "部件",
        "facility",
        "井盖、路灯、消防栓等有固定位置的设施。",
        "A thing with a fixed place: a manhole, a lamp, a hydrant.",
    ),
    Word(
        "Actor",
        "操作人",
        "actor",
        "实施操作的人、任务或设备；一切操作留痕。",
        "Who acts: a person, a job, a device; all of it is journalled.",
    ),
    Word(
        "Grant",
        "授权",
        "grant",
        "把某角色授予某人，限于某网格及其以下。",
        "A role given to somebody over a grid and all below it.",
    ),
    Word(
        "Objection",
        "异议",
        "objection",
        "某事不能办的理由，并说明怎样才能办。",
        "A reason why something may not happen, with the way to mend it.",
    ),
    Word(
        "plugin",
        "插件",
        "plugin",
        "一个部门的事项类型、图层、面板和规则，可随时启用、停用。",
        "A department's kinds of matter, layers, panels and rules; enabled and disabled at any time.",
    ),
)
