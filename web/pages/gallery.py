"""`/-/gallery`: every macro of the page library, live, for authors of pages and plugins."""

from __future__ import annotations

import datetime as dt
from enum import StrEnum
from typing import Annotated, Any

from apiflask import APIBlueprint
from flask import render_template
from pydantic import BaseModel, Field

from web.assets import ROOT

bp = APIBlueprint("gallery", __name__, enable_openapi=False)

AT = dt.datetime(2026, 11, 24, 8, 12, tzinfo=dt.UTC)
LEVEL_HINTS = {"title_zh": "隐患等级", "options_zh": {"low": "一般", "high": "重大"}}
SOURCE_HINTS = {"widget": "radio", "options": {"low": "巡查", "high": "群众反映"}}
LIFE = (("上报", "done"), ("定格", "done"), ("吹哨", "off"), ("处置", "now"), ("核查", "todo"), ("办结", "todo"))


class Danger(StrEnum):
    """Choices of the sample form."""

    LOW = "low"
    HIGH = "high"


class Person(BaseModel):
    """A repeated part of the sample form."""

    name: Annotated[str, Field(title="姓名", max_length=40)]
    age: Annotated[int | None, Field(title="年龄", ge=0, le=120, json_schema_extra={"ui": {"unit": "岁"}})] = None


class Sample(BaseModel):
    """A form with every kind of field."""

    level: Annotated[Danger, Field(title="Level", json_schema_extra={"ui": LEVEL_HINTS})]
    found_on: Annotated[dt.date, Field(title="发现日期")]
    due_at: Annotated[dt.datetime | None, Field(title="整改期限")] = None
    loss: Annotated[float | None, Field(title="估计损失", ge=0, json_schema_extra={"ui": {"unit": "万元"}})] = None
    blocked: Annotated[bool, Field(title="堵塞通道")] = False
    source: Annotated[Danger, Field(title="来源", json_schema_extra={"ui": SOURCE_HINTS})] = Danger.LOW
    text: Annotated[str, Field(title="情况说明", max_length=2000, description="写清地点、现象和已采取的措施。")]
    photos: Annotated[list[str], Field(title="照片", json_schema_extra={"ui": {"widget": "photo"}})] = []
    people: Annotated[list[Person], Field(title="涉及人员")] = []


@bp.get("/-/gallery")
def show() -> str:
    """The gallery page."""
    return render_template("gallery.html", **_parts())


def _parts() -> dict[str, Any]:
    columns = [
        {"key": "due", "title": "时限", "kind": "tag"},
        {"key": "title", "title": "标题", "kind": "link", "headline": True},
        {"key": "grid", "title": "网格", "kind": "code"},
        {"key": "n", "title": "附件", "kind": "number"},
        {"key": "at", "title": "最近动态", "kind": "datetime"},
    ]
    rows = [
        {"due": due, "title": (title, "#"), "grid": grid, "n": n, "at": AT}
        for due, title, grid, n in (
            (("剩 40 分", "bad"), "和平社区 3 号楼楼道堆放杂物", "131003001002003", 3),
            (("剩 5 时", "warn"), "红旗路窨井盖松动", "131003001002001", 0),
            (("剩 3 天", "neutral"), "独居老人需要助浴", "131003001004011", 12),
        )
    ]
    steps = [{"title": title, "state": state, "at": None} for title, state in LIFE]
    events = [
        {"at": AT, "who": "张晓梅", "office": "和平社区", "act": "上报", "text": "楼道堆放纸箱，挡住消防栓。"},
        {"at": AT, "who": "系统", "office": "", "act": "定位", "text": "落入 131003001002003", "machine": True},
        {"at": AT, "who": "李强", "office": "综合执法队", "act": "处置", "text": "已约定下午清理。", "tone": "ok"},
    ]
    return {
        "columns": columns, "rows": rows, "steps": steps, "events": events, "at": AT,
        "clocks": [AT + dt.timedelta(minutes=m) for m in (-90, 40, 300, 4400)],
        "schema": Sample.model_json_schema(),
        "values": {"level": "high", "found_on": "2026-11-24", "text": "", "people": [{"name": "王建国", "age": 71}]},
        "errors": {"/form/text": "请写明情况。"},
        "icons": (ROOT / "web" / "static" / "icons.txt").read_text().split(),
    }  # fmt: skip
