"""People and reports of the planted city, and a kind of matter with a form of its own."""

from __future__ import annotations

import io
from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Literal
from uuid import UUID

from PIL import Image
from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy import Column, ForeignKey, Integer, MetaData, Table, Text, Uuid, create_engine

from core.access.roles import ROLES
from core.actor import Actor, GrantView, command_line
from core.db.base import new_id
from core.db.session import reading, work
from core.files.service import store_photo
from core.grids.queries import grid_by_code
from core.matters.commands import Answered, ReportMatter, TakeStep
from core.matters.inputs import read_input
from core.matters.kinds import MatterKind
from core.matters.models import Matter
from core.matters.places import Place
from core.matters.queries import matter_by_id
from core.matters.service import report_matter, take_step
from core.matters.views import MatterView
from core.org.service import SaveDepartment, save_department

TESTER = command_line("tester")
EAST_STREET, SOUTH_STREET = "139901001", "139901002"
IN_EAST = Place(116.05, 39.15)
NEAR_EAST = Place(116.06, 39.15)
IN_EAST_CODE = "139901001002"
IN_SOUTH = Place(116.15, 39.05)
IN_SOUTH_CODE = "139901002001"
OUTSIDE = Place(120.0, 39.0)

details = Table(
    "check_details",
    MetaData(),
    Column("matter_id", Uuid, ForeignKey(Matter.__table__.c.id), primary_key=True),
    Column("level", Text, nullable=False),
    Column("people", Integer, nullable=False),
    schema="core",
)


class CheckForm(BaseModel):
    model_config = ConfigDict(extra="forbid")

    level: Literal["low", "high"] = Field(
        title="Level", json_schema_extra={"ui": {"title_zh": "等级", "options_zh": {"low": "一般", "high": "重大"}}}
    )
    people: int = Field(0, title="People", ge=0, le=100)


CHECK = MatterKind(
    "test.check", "Check", form=CheckForm, table=details, limit="2h", evidence={"close": 1}, auto_close=False
)


def make_details(owner_url: str) -> None:
    """The table that a plugin's migration would make, with the rights it would give."""
    engine = create_engine(owner_url.replace("postgresql://", "postgresql+psycopg2://", 1))
    with engine.begin() as connection:
        details.create(connection)
    engine.dispose()


def person(role: str, code: str | None) -> Actor:
    """Somebody with a role in a grid and all below; ``None`` is the whole city."""
    path = None
    if code is not None:
        with reading(TESTER) as session:
            view = grid_by_code(session, code)
        assert view is not None
        path = view.path
    user_id = new_id()
    grant = GrantView(role, ROLES[role].actions, path)
    return Actor("user", str(user_id), f"{role} of {code}", (grant,), user_id=user_id, roles=frozenset({role}))


OFFICES = {"CG": "城管局", "SZ": "市政所", "HB": "环保局", "JD": "街道办"}


def make_offices() -> dict[str, UUID]:
    """Some departments; their ids by code."""
    with work(TESTER) as session:
        return {code: save_department(session, SaveDepartment(code, name)) for code, name in OFFICES.items()}


def officer(office: UUID, name: str = "") -> Actor:
    """Somebody of a department, with a role in a street where nothing happens."""
    plain = person("officer", SOUTH_STREET)
    return replace(plain, department_id=office, name=name or plain.name)


def report(actor: Actor, place: Place | None = IN_EAST, **fields: Any) -> Answered:
    values: dict[str, Any] = {"id": new_id(), "kind": "general", "title": "井盖缺失", "text": "路口", "place": place}
    with work(actor) as session:
        return report_matter(session, ReportMatter(**(values | fields)))


def matter(actor: Actor, place: Place | None = IN_EAST, **fields: Any) -> UUID:
    return UUID(report(actor, place, **fields).body["id"])


def step(actor: Actor, matter_id: UUID, name: str, **fields: Any) -> None:
    """Take a step on the matter's present version."""
    if "version" not in fields:
        fields["version"] = read(TESTER, matter_id).version
    version, key = fields.pop("version"), fields.pop("id", None)
    with work(actor) as session:
        take_step(session, TakeStep(matter_id, name, version, read_input(name, fields), id=key))


def read(actor: Actor, matter_id: UUID) -> MatterView:
    with reading(actor) as session:
        return matter_by_id(session, matter_id)


def photo(actor: Actor, data: bytes | None = None) -> UUID:
    with work(actor) as session:
        return store_photo(session, data or jpeg(), "a.jpg").id


def jpeg(size: tuple[int, int] = (40, 30), **options: Any) -> bytes:
    out = io.BytesIO()
    Image.new("RGB", size, "red").save(out, "JPEG", **options)
    return out.getvalue()


def complete(name: str, actor: Actor) -> Mapping[str, Any]:
    """What a step asks for."""
    return {
        "reject": {"note": "not ours"},
        "withdraw": {"note": "a mistake"},
        "note": {"note": "seen"},
        "whistle": {"lead": "CG"},
        "feed_back": {"note": "done"},
        "decline": {"note": "not ours", "department": "SZ"},
        "assign": {"department": "SZ"},
        "waive": {"note": "not needed"},
        "verify": {"outcome": "solved"},
        "send_back": {"note": "not done"},
        "relocate": {"place": NEAR_EAST},
    }.get(name, {})
