"""`/responsibilities`: which department answers for what in which grids, and where nobody does or two do."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final
from uuid import UUID

from apiflask import APIBlueprint
from flask import Response, flash, redirect, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from core.access.policy import may
from core.db.session import WorkSession
from core.errors import DomainError, NotFound
from core.grids.queries import children, grid_by_code, known_grid
from core.grids.views import GridView
from core.org.queries import departments
from core.responsibility.commands import AddClaim, ChangeClaim, Offices
from core.responsibility.listing import COLUMNS, export_claims, import_claims, matrix_template, names
from core.responsibility.matrix import Matrix
from core.responsibility.proving import prove
from core.responsibility.queries import claims, claims_by_ids
from core.responsibility.service import MANAGE, add_claim, change_claim, end_claim
from core.responsibility.views import Claim
from core.text import noop as _
from web import tables
from web.auth import needs, takes_upload
from web.db import actor, read, write
from web.reporting import messages
from web.responsibilities import (
    known_kinds,
    list_rows,
    list_words,
    subject_choices,
    subject_of,
    subject_title,
    subject_value,
)

bp = APIBlueprint("responsibility", __name__, enable_openapi=False)

FINDINGS_SHOWN: Final = 50
FIELDS: Final = ("subject", "grid", "lead", "fallback")


@bp.get("/responsibilities")
@needs("org.see")
def matrix_page() -> str:
    """What the matrix leaves open, and its rows."""
    with read() as session:
        found = claims(session)
        proof = prove(session, known_kinds())
    return render_template(
        "responsibility/matrix.html", claims=found, proof=proof, shown=FINDINGS_SHOWN, tabs=_tabs("matrix"), **_words()
    )


@bp.get("/responsibilities/tree")
@needs("org.see")
def tree_page() -> str:
    """The tree of grids × departments for one kind of matter, a level at a time."""
    subject = request.args.get("subject", "all")
    kind, category = subject_of(subject)
    category = known_kinds().get(kind, category)
    code = request.args.get("grid", "")
    with read() as session:
        top = known_grid(session, code) if code else None
        grids = [*_above(session, top), *children(session, top.code if top else None)]
        if not top and grids:
            grids += children(session, grids[0].code)
        rows = claims(session)
    matrix = Matrix(rows)
    lines = [(grid, matrix.holding(kind, category, [int(label) for label in grid.path.split(".")])) for grid in grids]
    own = {(claim.grid_id) for claim in rows if (claim.kind, claim.category) == subject_of(subject)}
    return render_template(
        "responsibility/tree.html", lines=lines, own=own, subject=subject, title=subject_title(*subject_of(subject)),
        choices=subject_choices(), tabs=_tabs("tree"), **_words(),
    )  # fmt: skip


@bp.get("/responsibilities/new")
@needs(MANAGE)
def new_page() -> str:
    """The form of a new row; the address may say what it is for and where."""
    return _form(None, {name: request.args.get(name, "") for name in FIELDS}, [], {})


@bp.post("/responsibilities/new")
@needs(MANAGE)
def add() -> ResponseReturnValue:
    """Add a row."""
    kind, category = subject_of(request.form.get("subject", ""))
    command = AddClaim(kind, category, request.form.get("grid", "").strip(), _offices())
    try:
        with write() as session:
            add_claim(session, command, known_kinds())
    except DomainError as error:
        return _sent(None, error)
    flash(gettext("Saved"), "ok")
    return redirect("/responsibilities")


@bp.get("/responsibilities/<uuid:claim_id>")
@needs(MANAGE)
def claim_page(claim_id: UUID) -> str:
    """The form of a row."""
    claim = _claim(claim_id)
    fallback = claim.fallback.code if claim.fallback else ""
    entered = {"lead": claim.lead.code, "fallback": fallback, "version": str(claim.version)}
    return _form(claim, entered, [office.code for office in claim.assistants], {})


@bp.post("/responsibilities/<uuid:claim_id>")
@needs(MANAGE)
def change(claim_id: UUID) -> ResponseReturnValue:
    """Put other departments into a row."""
    version = request.form.get("version", 0, type=int)
    try:
        with write() as session:
            change_claim(session, ChangeClaim(claim_id, version, _offices()))
    except NotFound:
        raise
    except DomainError as error:
        return _sent(_claim(claim_id), error)
    flash(gettext("Saved"), "ok")
    return redirect("/responsibilities")


@bp.post("/responsibilities/<uuid:claim_id>/end")
@needs(MANAGE)
def end(claim_id: UUID) -> ResponseReturnValue:
    """The department answers for it no longer."""
    with write() as session:
        end_claim(session, claim_id)
    flash(gettext("The row was ended"), "ok")
    return redirect("/responsibilities")


@bp.get("/responsibilities.<any(xlsx, csv):ending>")
@needs("org.see")
def export(ending: str) -> Response:
    """The rows as a list that can come back; written to the journal."""
    with write() as session:
        found = export_claims(session, ending)
        codes = names(session)
    heads = [column.titles[0] for column in COLUMNS]
    return tables.write(ending, heads, list_rows(found, codes), "responsibilities", gettext("Responsibility matrix"))


@bp.get("/responsibilities/template.xlsx")
@needs("org.see")
def list_template() -> Response:
    """An empty list with the heads."""
    answer = Response(matrix_template(), mimetype=tables.XLSX)
    answer.headers["Content-Disposition"] = "attachment; filename=responsibilities.xlsx"
    return answer


@bp.post("/responsibilities/import")
@takes_upload
@needs(MANAGE)
def take_list() -> ResponseReturnValue:
    """Take over a list, whole or not at all."""
    sent = request.files.get("file")
    try:
        with write() as session:
            taken = import_claims(session, sent.read() if sent else b"", known_kinds(), list_words())
    except DomainError as error:
        return render_template("responsibility/import.html", error=error, tabs=_tabs("import")), error.status
    told = gettext("%(added)s rows added, %(changed)s changed; %(unchanged)s stood already", **vars(taken))
    flash(told, "ok")
    return redirect("/responsibilities")


@bp.get("/responsibilities/import")
@needs(MANAGE)
def import_page() -> str:
    """Where a list comes in."""
    return render_template("responsibility/import.html", error=None, tabs=_tabs("import"))


def _above(session: WorkSession, grid: GridView | None) -> list[GridView]:
    """The grids from the root down to this one."""
    found = [grid_by_code(session, code) for code in grid.path_codes] if grid else []
    return [each for each in found if each]


def _claim(claim_id: UUID) -> Claim:
    with read() as session:
        found = claims_by_ids(session, [claim_id])
    if not found:
        raise NotFound(_("There is no such row in the responsibility matrix"))
    return found[0]


def _offices() -> Offices:
    form = request.form
    return Offices(form.get("lead", ""), tuple(form.getlist("assistants")), form.get("fallback", ""))


def _sent(claim: Claim | None, error: DomainError) -> ResponseReturnValue:
    """The form as it was sent, with what is wrong with it."""
    entered = {name: request.form.get(name, "") for name in (*FIELDS, "version")}
    return _form(claim, entered, request.form.getlist("assistants"), messages(error)), error.status


def _form(claim: Claim | None, entered: Mapping[str, str], assistants: list[str], errors: dict[str, str]) -> str:
    with read() as session:
        offices = [(office.code, office.name) for office in departments(session)]
    return render_template(
        "responsibility/form.html", claim=claim, entered=entered, assistants=assistants, errors=errors, offices=offices,
        choices=subject_choices(), **_words(),
    )  # fmt: skip


def _words() -> dict[str, Any]:
    return {"subject_title": subject_title, "subject_value": subject_value}


def _tabs(active: str) -> list[dict[str, Any]]:
    places = (
        ("matrix", "/responsibilities", gettext("Responsibilities"), "org.see"),
        ("tree", "/responsibilities/tree", gettext("By grid"), "org.see"),
        ("import", "/responsibilities/import", gettext("Import the matrix"), MANAGE),
    )
    return [
        {"title": title, "href": href, "active": slug == active}
        for slug, href, title, action in places
        if may(actor(), action)
    ]
