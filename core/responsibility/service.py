"""Rows of the responsibility matrix come, change and end."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any, Final
from uuid import UUID

from sqlalchemy import select

from core import clock
from core.access.granting import Place, place_of
from core.access.policy import require
from core.db.session import WorkSession, take_turn
from core.errors import Conflict, Invalid, NotFound, Refused
from core.grids.queries import grid_by_id
from core.responsibility.commands import AddClaim, ChangeClaim, Offices
from core.responsibility.faults import office_faults, subject_faults
from core.responsibility.models import Responsibility
from core.responsibility.queries import claims_by_ids, offices_by_code
from core.responsibility.views import Claim, Kinds
from core.text import noop as _

MANAGE: Final = "responsibility.manage"
TURN: Final = "core.responsibility"


def add_claim(session: WorkSession, command: AddClaim, kinds: Kinds) -> UUID:
    """Let a department answer for some matters in a grid; a second lead beside another one is a double claim.

    :param kinds: those that the instance knows.
    :raises Refused: the department leads there already for the same.
    """
    place = place_of(session, command.grid_code)
    require(session.actor, MANAGE, place.path)
    take_turn(session, TURN)
    known = offices_by_code(session)
    faults = [*subject_faults(command.kind, command.category, kinds), *office_faults(command.offices, known)]
    if faults:
        raise Invalid(_("Nothing was changed"), objections=faults)
    return new_claim(session, command, place, known).id


def new_claim(session: WorkSession, command: AddClaim, place: Place, known: Mapping[str, UUID]) -> Responsibility:
    """The row; the caller has asked for the right and for faults, and has the turn.

    :param known: ids of the open departments by code.
    """
    assert place.grid_id is not None
    row = Responsibility(
        kind=command.kind,
        category=command.category,
        grid_id=place.grid_id,
        version=1,
        made_at=clock.now(),
        ended_at=None,
        **_columns(command.offices, known),
    )
    _refuse_twin(session, row.kind, row.category, row.grid_id, row.lead_id, None)
    session.add(row)
    session.flush()
    return row


def change_claim(session: WorkSession, command: ChangeClaim) -> None:
    """Put other departments into a row.

    :raises Conflict: it was changed since it was seen.
    """
    take_turn(session, TURN)
    row = _claim(session, command.id)
    if row.version != command.version:
        [standing] = claims_by_ids(session, [row.id])
        theirs = {**_offices_of(standing), "version": standing.version}
        raise Conflict(_("This row was changed meanwhile"), theirs=theirs, mine=asdict(command.offices))
    known = offices_by_code(session)
    if faults := office_faults(command.offices, known):
        raise Invalid(_("Nothing was changed"), objections=faults)
    put_offices(session, row, command.offices, known)


def put_offices(session: WorkSession, row: Responsibility, offices: Offices, known: Mapping[str, UUID]) -> bool:
    """Whether the row holds other departments than before; the caller has asked for the right and for faults."""
    columns = _columns(offices, known)
    if all(getattr(row, name) == value for name, value in columns.items()):
        return False
    _refuse_twin(session, row.kind, row.category, row.grid_id, columns["lead_id"], row.id)
    for name, value in columns.items():
        setattr(row, name, value)
    row.version += 1
    session.flush()
    return True


def end_claim(session: WorkSession, claim_id: UUID) -> None:
    """The department answers for it no longer."""
    take_turn(session, TURN)
    row = _claim(session, claim_id)
    row.version += 1
    row.ended_at = clock.now()


def _offices_of(claim: Claim) -> dict[str, Any]:
    fallback = claim.fallback.code if claim.fallback else ""
    return asdict(Offices(claim.lead.code, tuple(office.code for office in claim.assistants), fallback))


def _columns(offices: Offices, known: Mapping[str, UUID]) -> dict[str, Any]:
    return {
        "lead_id": known[offices.lead],
        "assistant_ids": [known[code] for code in offices.assistants],
        "fallback_id": known[offices.fallback] if offices.fallback else None,
    }


def _claim(session: WorkSession, claim_id: UUID) -> Responsibility:
    row = session.get(Responsibility, claim_id, with_for_update=True, populate_existing=True)
    if row is None or row.ended_at is not None:
        raise NotFound(_("There is no such row in the responsibility matrix"))
    grid = grid_by_id(session, row.grid_id)
    require(session.actor, MANAGE, grid.path if grid else None)
    return row


def _refuse_twin(session: WorkSession, kind: str, category: str, grid_id: int, lead_id: UUID, own: UUID | None) -> None:
    twin = select(Responsibility.id).where(
        Responsibility.kind == kind,
        Responsibility.category == category,
        Responsibility.grid_id == grid_id,
        Responsibility.lead_id == lead_id,
        Responsibility.ended_at.is_(None),
        Responsibility.id.is_distinct_from(own),
    )
    if session.scalar(twin) is not None:
        raise Refused(_("This department leads there already for the same matters; change that row"))
