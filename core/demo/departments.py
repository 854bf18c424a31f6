"""Offices of the demonstration city, and who sits and walks where."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final
from uuid import UUID

from core.access.commands import UpdateUser
from core.access.service import update_user
from core.db.session import WorkSession
from core.demo.people import DemoPerson
from core.grids.acts import Birth
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


CENTRE: Final = frozenset({"gis_admin", "desk"})
"""Roles whose people belong to the centre for grids."""


def load_offices(session: WorkSession, people: Sequence[DemoPerson], grids: Sequence[Birth]) -> None:
    """Make departments and posts, and put the people on them."""
    offices = {code: save_department(session, SaveDepartment(code, name, parent)) for code, name, parent in DEPARTMENTS}
    officers = [person for person in people if person.role == "officer"]
    for person, (code, name, _parent) in zip(officers, DEPARTMENTS[1:], strict=False):
        seat = create_post(session, CreatePost("seat", f"{name}联络员", department_code=code))
        fill_post(session, FillPost(seat, person.id))
        _belongs(session, person, offices[code])
    for person in people:
        if person.role in CENTRE:
            _belongs(session, person, offices[DEPARTMENTS[0][0]])
        if person.role == "grid_head":
            post = create_post(session, CreatePost("grid_head", grid_code=person.grids[0]))
            fill_post(session, FillPost(post, person.id))
        elif person.role == "worker":
            for grid in _walked(person, grids):
                post = create_post(session, CreatePost("worker", "专职网格员", grid_code=grid.code))
                fill_post(session, FillPost(post, person.id))


def _walked(person: DemoPerson, grids: Sequence[Birth]) -> list[Birth]:
    """A worker walks the grids of their communities."""
    return [grid for grid in grids if grid.level == "grid" and grid.parent in person.grids]


def _belongs(session: WorkSession, person: DemoPerson, department_id: UUID) -> None:
    update_user(session, UpdateUser(person.id, person.name, person.phone, department_id=department_id))
