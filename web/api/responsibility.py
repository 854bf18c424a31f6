"""API v1: which department answers for which matters in which grids."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from apiflask import APIBlueprint
from pydantic import BaseModel, Field

from core.db.session import WorkSession
from core.errors import NotFound
from core.grids.queries import known_grid
from core.responsibility.commands import AddClaim, ChangeClaim, Offices
from core.responsibility.listing import import_claims
from core.responsibility.proving import prove
from core.responsibility.queries import claims, claims_by_ids, responsible
from core.responsibility.service import MANAGE, add_claim, change_claim, end_claim
from core.text import noop as _
from web.api.describing import ListFile, problems
from web.api.inputs import Input, Line, Whole
from web.api.preconditions import version_seen
from web.auth import needs, takes_upload
from web.db import read, write
from web.responsibilities import claim_values, known_kinds, list_words, proof_values

bp = APIBlueprint("api_responsibility", __name__, url_prefix="/api/v1", tag="responsibility")


class OfficesIn(Input):
    """Codes of the departments of a row."""

    lead: Line
    assistants: list[Line] = Field([], max_length=20)
    fallback: Line = Field("", description="Who answers where the lead does not; empty: nobody.")


class ClaimIn(OfficesIn):
    """A row. Give a `kind`, or a `category`, or neither for all matters."""

    kind: Line = ""
    category: Line = ""
    grid: Line = Field(description="Code of the grid; the row holds there and in all grids below.")


class ClaimChangeIn(OfficesIn):
    """Other departments in a row."""

    version: Whole | None = Field(None, description="The version that was seen; or the header `If-Match`.")


class ClaimOut(BaseModel):
    """A row of the matrix."""

    id: UUID
    kind: str
    category: str
    grid: str
    grid_name: str
    lead: str
    lead_name: str
    assistants: list[str]
    fallback: str
    answers: bool = Field(description="False: its departments are closed, and the row counts no more.")
    version: int


class ClaimsOut(BaseModel):
    """The rows of the matrix."""

    items: list[ClaimOut]


class AskedIn(Input):
    """For what and where."""

    kind: Line
    grid: Line


class AnswerOut(BaseModel):
    """Who answers."""

    leads: list[str] = Field(description="One department where the matrix is exact; none in a hole, several clash.")
    defect: str | None = Field(description="`hole` or `double`; null where one department leads.")
    claims: list[ClaimOut] = Field(description="The rows that hold.")


class FindingOut(BaseModel):
    """Where nobody, or more than one, answers for a kind of matter."""

    kind: str
    defect: str = Field(description="`hole` or `double`.")
    grid: str = Field(description="The topmost grid of which every leaf has the defect.")
    grid_name: str
    leaves: int
    leads: list[str]


class ProofOut(BaseModel):
    """The proof of the matrix."""

    kinds: int
    leaves: int
    holes: int = Field(description="Pairs of a kind and a leaf for which nobody answers.")
    doubles: int = Field(description="Pairs of a kind and a leaf for which more than one department answers.")
    exact: bool
    findings: list[FindingOut]
    stale: list[UUID] = Field(description="Rows that count no more, as their departments are closed.")


class TakenOut(BaseModel):
    """What a list brought."""

    added: int
    changed: int
    unchanged: int


@bp.get("/responsibilities")
@needs("org.see")
@bp.output(ClaimsOut)
@bp.doc(summary="The responsibility matrix", operation_id="list_responsibilities", responses=problems(403))
def list_claims() -> dict[str, Any]:
    """All rows, by what they are for."""
    with read() as session:
        return {"items": [claim_values(claim) for claim in claims(session)]}


@bp.get("/responsibilities/of")
@needs("org.see")
@bp.input(AskedIn, location="query")
@bp.output(AnswerOut)
@bp.doc(summary="Who answers for a kind of matter in a grid", operation_id="responsible", responses=problems(403, 404))
def who_answers(query_data: AskedIn) -> dict[str, Any]:
    """The row for the kind comes before one for its category, that before one for all; then the nearest grid."""
    category = known_kinds().get(query_data.kind)
    if category is None:
        raise NotFound(_("There is no kind of matter named %(kind)s"), kind=query_data.kind)
    with read() as session:
        holding = responsible(session, query_data.kind, category, known_grid(session, query_data.grid))
    return {
        "leads": [office.code for office in holding.offices],
        "defect": holding.defect,
        "claims": [claim_values(claim) for claim in holding.claims],
    }


@bp.get("/responsibilities/check")
@needs("org.see")
@bp.output(ProofOut)
@bp.doc(summary="Prove the responsibility matrix", operation_id="check_responsibilities", responses=problems(403))
def check() -> dict[str, Any]:
    """Every kind of matter has exactly one lead in every leaf, or where it has not."""
    with read() as session:
        return proof_values(prove(session, known_kinds()))


@bp.post("/responsibilities")
@needs(MANAGE)
@bp.input(ClaimIn)
@bp.output(ClaimOut, status_code=201)
@bp.doc(summary="Add a row", operation_id="add_responsibility", responses=problems(403, 404, 409, 422))
def add(json_data: ClaimIn) -> dict[str, Any]:
    """A second lead beside another one is a double claim."""
    given = json_data
    command = AddClaim(given.kind, given.category, given.grid, _offices(given))
    with write() as session:
        return _one(session, add_claim(session, command, known_kinds()))


@bp.put("/responsibilities/<uuid:claim_id>")
@needs(MANAGE)
@bp.input(ClaimChangeIn)
@bp.output(ClaimOut)
@bp.doc(summary="Put other departments into a row", operation_id="change_responsibility",
        responses=problems(403, 404, 409, 422))  # fmt: skip
def change(claim_id: UUID, json_data: ClaimChangeIn) -> dict[str, Any]:
    """Needs the version that was seen."""
    with write() as session:
        change_claim(session, ChangeClaim(claim_id, version_seen(json_data.version), _offices(json_data)))
        return _one(session, claim_id)


@bp.post("/responsibilities/<uuid:claim_id>/end")
@needs(MANAGE)
@bp.output({}, status_code=204)
@bp.doc(summary="End a row", operation_id="end_responsibility", responses=problems(403, 404))
def end(claim_id: UUID) -> str:
    """The department answers for it no longer; the row stays on record."""
    with write() as session:
        end_claim(session, claim_id)
    return ""


@bp.post("/responsibilities/import")
@takes_upload
@needs(MANAGE)
@bp.input(ListFile, location="files")
@bp.output(TakenOut, status_code=201)
@bp.doc(summary="Take over a list of rows", operation_id="import_responsibilities", responses=problems(403, 422))
def import_list(files_data: ListFile) -> dict[str, Any]:
    """Whole or not at all; the same list may come again."""
    data = files_data.file.read()
    with write() as session:
        return vars(import_claims(session, data, known_kinds(), list_words()))


def _offices(given: OfficesIn) -> Offices:
    return Offices(given.lead, tuple(given.assistants), given.fallback)


def _one(session: WorkSession, claim_id: UUID) -> dict[str, Any]:
    [claim] = claims_by_ids(session, [claim_id])
    return claim_values(claim)
