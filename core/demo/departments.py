"""Offices of the demonstration city, and who sits and walks where."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from core.db.session import WorkSession
from core.demo.people import DemoPerson
from core.grids.draft import Birth
from core.org.service import CreatePost, FillPost, SaveDepartment, create_post, fill_post, save_department

DEPARTMENTS: Final = (
    ("grid-office", "网格化服务管理中心", None),
    ("party", "市委组织部", None),
    ("legal", "市委政法委", None),
    ("civil", "民政局", None),
    ("emergency", "应急管理局", None),
    ("urban", "城市管理局", None),
    ("police", "公安局", None),
    ("petition", "信访局", None),
)


def load_offices(session: WorkSession, people: Sequence[DemoPerson], grids: Sequence[Birth]) -> None:
    """Make departments and posts, and put the people on them."""
    for code, name, parent in DEPARTMENTS:
        save_department(session, SaveDepartment(code, name, parent))
    officers = [person for person in people if person.role == "officer"]
    for person, (code, name, _parent) in zip(officers, DEPARTMENTS[1:], strict=False):
        seat = create_post(session, CreatePost("seat", f"{name}联络员", department_code=code))
        fill_post(session, FillPost(seat, person.id))
    for person in people:
        if person.role == "grid_head":
            post = create_post(session, CreatePost("grid_head", "网格长", grid_code=person.grid))
            fill_post(session, FillPost(post, person.id))
        elif person.role == "worker":
            for grid in _walked(person, grids):
                post = create_post(session, CreatePost("worker", "专职网格员", grid_code=grid.code))
                fill_post(session, FillPost(post, person.id))


def _walked(person: DemoPerson, grids: Sequence[Birth]) -> list[Birth]:
    """A worker walks the grids of their community."""
    return [grid for grid in grids if grid.level == "grid" and grid.parent == person.grid]
