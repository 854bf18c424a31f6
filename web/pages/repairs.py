"""Repair of boundaries in the browser: the defects with what may be done, a look at what follows, the record of it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any, Final
from uuid import UUID

from apiflask import APIBlueprint
from flask import Response, flash, redirect, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from core import clock
from core.access.policy import require, sees_all
from core.db import session as db
from core.errors import Conflict, DomainError, Invalid, Refused
from core.gistext import KINDS
from core.grids import queries as grids
from core.grids.repairs import keeping
from core.grids.repairs.proposals import PROPOSED
from core.grids.repairs.recorded import decision_record, latest_repairs
from core.grids.repairs.repairing import OTHERS, Repair, Repaired, repair, try_repair
from core.text import noop as _
from web.db import actor, read, write
from web.i18n import said, translate_kept, translate_text
from web.media import send_boundaries
from web.pages import decisions
from web.pages.decisions import Decisions, in_words, laid_out, sent, turned
from web.plan_words import table_word

bp = APIBlueprint("repairs", __name__, enable_openapi=False)

HERE: Final = "/grids/repair"
PATIENCE: Final = dt.timedelta(minutes=15)


@bp.get(HERE)
def start() -> ResponseReturnValue:
    """The defects as they are now, or that there are none; of a large city as the last job found them."""
    under = _under()
    return _page(under, _report(under), Decisions())


@bp.post(f"{HERE}/look")
def look() -> ResponseReturnValue:
    """Let the job look at a large city anew."""
    under = _under()
    with write() as session:
        keeping.request_look(session, under)
    return redirect(_address(under), 303)


@bp.post(HERE)
def decide() -> ResponseReturnValue:
    """Take the choices; turn the page, choose for a whole kind, look at what follows, or carry it out."""
    under = _under()
    report = _report(under)
    chosen = sent(report)
    act, _dash, rest = request.form.get("act", "try").partition("-")
    try:
        if chosen.token != report.get("list"):
            raise Conflict(OTHERS, theirs={"list": report.get("list")})
        if turned(act, rest, report, chosen):
            return _page(under, report, chosen)
        command = Repair(chosen.choices, PROPOSED, chosen.token, under, chosen.reason)
        with db.work(actor(), statement_timeout_s=0) as session:
            done = repair(session, command) if act == "write" else try_repair(session, command)
    except Invalid as error:
        faults = {each.pointer: translate_text(each.text) for each in error.objections}
        return _page(under, report, chosen, errors=faults or {"": said(error)}), 422
    except DomainError as error:
        flash(said(error), "bad")
        return redirect(_address(under), 303)
    if done.change is None:
        return _page(under, report, chosen, tried=done)
    flash(gettext(_("The boundaries are repaired and proven exact.")), "ok")
    return redirect(f"{HERE}/{done.change}", 303)


@bp.get(f"{HERE}/<uuid:change_id>")
def record(change_id: UUID) -> str:
    """One repair or import: who, when, why, what was decided of each defect, areas before and after."""
    with read() as session:
        found = decision_record(session, change_id)
    page = max(1, request.args.get("page", 1, type=int))
    shown = found.defects[(page - 1) * decisions.A_PAGE : page * decisions.A_PAGE]
    names = {grid["code"]: grid["name"] for grid in found.grids}
    names |= {code: name for each in shown for code, name in zip(each["codes"], each.get("names", ()), strict=False)}
    return render_template(
        "repairs/record.html",
        repair=found,
        shown=shown,
        page=page,
        a_page=decisions.A_PAGE,
        names=names,
        table_word=table_word,
    )


@bp.get(f"{HERE}/<token>/<any('outlines.geojson', 'defects.geojson', 'defects.gpkg'):name>")
def file(token: str, name: str) -> Response:
    """The grids concerned and the defects for the map, the defects for a GIS."""
    with read() as session:
        path = keeping.file_of(session, token, name, _under())
    return send_boundaries(path)


def _under() -> str | None:
    """The grid below which is looked: as asked, else the first of those granted to who has no right on the whole."""
    require(actor(), "grid.repair")
    asked = request.values.get("under", "").strip()
    if asked or sees_all(actor(), "grid.repair"):
        return asked or None
    own = [grant.path for grant in actor().grants if grant.path is not None and "grid.repair" in grant.actions]
    with read() as session:
        tops = grids.tops(session, own)
    return tops[0].code if tops else None


def _address(under: str | None) -> str:
    return HERE if under is None else f"{HERE}?under={under}"


def _report(under: str | None) -> dict[str, Any]:
    """The list of defects with its texts in the reader's language."""
    try:
        with read() as session:
            large = keeping.is_large(session)
            found = keeping.last_look(session, under) if large else keeping.look(session, under)
    except Refused as error:
        return {"large": False, "failed": translate_text(error.text), "defects": []}
    report = {"large": large, "defects": [], **(found or {})}
    waiting = report.get("waiting")
    if waiting and clock.now() - dt.datetime.fromisoformat(waiting) > PATIENCE:
        report |= {"waiting": None, "failed": gettext(_("It was not finished: look again"))}
    elif report.get("failed"):
        report["failed"] = translate_kept(report["failed"])
    if report.get("at"):
        report["at"] = dt.datetime.fromisoformat(report["at"])
    return in_words(report)


def _page(
    under: str | None,
    report: dict[str, Any],
    chosen: Decisions,
    errors: Mapping[str, str] | None = None,
    tried: Repaired | None = None,
) -> str:
    with read() as session:
        coverage = grids.coverage_state(session)
        repairs = latest_repairs(session)
    chosen.token = chosen.token or report.get("list", "")
    objections = [translate_text(each.text) for each in tried.objections] if tried else []
    return render_template(
        "repairs/repair.html",
        under=under, report=report, decisions=chosen, errors=errors or {}, unknown=_unknown(errors or {}),
        tried=tried, objections=objections, coverage=coverage, repairs=repairs,
        words={kind: gettext(word) for kind, word in KINDS.items()}, **laid_out(report, chosen),
    )  # fmt: skip


def _unknown(errors: Mapping[str, str]) -> list[str]:
    """What is wrong elsewhere than with the reason."""
    return [text for pointer, text in errors.items() if pointer != "/reason"]
