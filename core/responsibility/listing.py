"""The matrix as an XLSX list: rows come in, all of them or none, and go out."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from sqlalchemy import select

from core.access.granting import Place, places
from core.access.policy import require
from core.audit.recorder import record
from core.db.session import WorkSession, take_turn
from core.errors import Objection
from core.org.queries import departments
from core.responsibility.commands import AddClaim, Offices
from core.responsibility.faults import office_faults, subject_faults
from core.responsibility.models import Responsibility
from core.responsibility.queries import claims, offices_by_code
from core.responsibility.service import (
    MANAGE,
    TURN,
    new_claim,
    put_offices,
)
from core.responsibility.views import Claim, Kinds
from core.sheets import Column, Line, Sheet, fault, read_sheet, template, told_fault
from core.text import noop as _

COLUMNS: Final = (
    Column("kind", ("事项", "事项类型", "matter", "kind")),
    Column("category", ("事项类别", "类别", "category")),
    Column("grid", ("网格编码", "网格", "grid"), needed=True),
    Column("grid_name", ("网格名称", "grid name")),
    Column("lead", ("牵头部门", "lead"), needed=True),
    Column("assistants", ("协办部门", "assistants")),
    Column("fallback", ("兜底部门", "fallback")),
)
EXAMPLE: Final = ("占道经营", "", "990101", "东城区", "CGJ", "GAJ、SCJG", "JDB")
BETWEEN: Final = re.compile(r"[、,，;；\s]+")
HEADS: Final = {"/kind": "事项", "/category": "事项类别", "/lead": "牵头部门", "/assistants": "协办部门",
                "/fallback": "兜底部门"}  # fmt: skip


@dataclass(frozen=True)
class MatrixTaken:
    """What a list brought: rows that are new, that hold other departments now, and that stood as listed."""

    added: int
    changed: int
    unchanged: int


def matrix_template() -> bytes:
    """An empty list with the heads, beside it an example."""
    return template(COLUMNS, EXAMPLE)


def export_claims(session: WorkSession, ending: str) -> list[Claim]:
    """All rows, noted in the journal.

    :param ending: the kind of file that is made of them.
    """
    require(session.actor, "org.see")
    found = claims(session)
    record(session, "responsibility.export", "core.responsibility", "*", after={"rows": len(found), "format": ending})
    return found


def import_claims(session: WorkSession, data: bytes, kinds: Kinds, words: Mapping[str, str]) -> MatrixTaken:
    """Take over a list: a row whose department leads there for the same already gets the list's other departments.

    Departments are named by their codes or by their names.

    :param kinds: those that the instance knows; ``words``: their names by what a list may call them.
    :raises Invalid: with every fault by row and column; then nothing is written.
    """
    require(session.actor, MANAGE)
    take_turn(session, TURN)
    sheet = read_sheet(data, COLUMNS)
    known = offices_by_code(session)
    named = names(session)
    rows = [(line, _asked(line, words, named)) for line in sheet.lines]
    grids = places(session, {command.grid_code for _line, command in rows})
    _refuse(sheet, rows, kinds, known, grids)
    for place in grids.values():
        require(session.actor, MANAGE, place.path)
    standing = _standing(session, [place.grid_id for place in grids.values() if place.grid_id is not None])
    added = changed = 0
    for _line, command in rows:
        place = grids[command.grid_code]
        row = standing.get((command.kind, command.category, place.grid_id, known[command.offices.lead]))
        if row is None:
            new_claim(session, command, place, known)
            added += 1
        else:
            changed += put_offices(session, row, command.offices, known)
    return MatrixTaken(added, changed, len(rows) - added - changed)


def _asked(line: Line, words: Mapping[str, str], codes: Mapping[str, str]) -> AddClaim:
    values = line.values
    named = [codes.get(word, word) for word in BETWEEN.split(values["assistants"]) if word]
    lead, fallback = (codes.get(values[key], values[key]) for key in ("lead", "fallback"))
    kind = words.get(values["kind"], values["kind"])
    return AddClaim(kind, values["category"], values["grid"], Offices(lead, tuple(named), fallback))


def names(session: WorkSession) -> dict[str, str]:
    """Codes of the open departments by name, where one alone bears it."""
    offices = departments(session)
    names = [office.name for office in offices]
    return {office.name: office.code for office in offices if names.count(office.name) == 1}


def _refuse(
    sheet: Sheet, rows: list[tuple[Line, AddClaim]], kinds: Kinds, known: Mapping[str, UUID], grids: Mapping[str, Place]
) -> None:
    found: list[Objection] = []
    seen: dict[tuple[str, str, str, str], int] = {}
    for line, asked in rows:
        told = [*subject_faults(asked.kind, asked.category, kinds), *office_faults(asked.offices, known)]
        found += [told_fault(line.number, HEADS[one.pointer], one) for one in told]
        if asked.grid_code not in grids:
            why, mend = _("is no living grid"), _("Give the code of a living grid")
            found.append(fault(line.number, "网格编码", why, mend, value=asked.grid_code))
        what = (asked.kind, asked.category, asked.grid_code, asked.offices.lead)
        first = seen.setdefault(what, line.number)
        if first != line.number:
            why, mend = _("stands in row %(first)s already"), _("Drop one of the rows")
            found.append(fault(line.number, "牵头部门", why, mend, value=asked.offices.lead, first=first))
    sheet.refuse(found)


def _standing(session: WorkSession, grid_ids: list[int]) -> dict[tuple[str, str, int | None, UUID], Responsibility]:
    """The living rows of these grids, by what they are for, grid and lead."""
    living = select(Responsibility).where(Responsibility.grid_id.in_(grid_ids), Responsibility.ended_at.is_(None))
    return {(row.kind, row.category, row.grid_id, row.lead_id): row for row in session.scalars(living)}
