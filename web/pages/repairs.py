"""Repair of boundaries in the browser: the defects with what may be done, a look at what follows, the record of it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final
from uuid import UUID

from apiflask import APIBlueprint
from flask import Response, flash, redirect, render_template, request, send_file
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from core import clock
from core.access.policy import require, sees_all
from core.db import session as db
from core.errors import Conflict, DomainError, Invalid, Refused
from core.grids import queries as grids
from core.grids.gistext import KINDS
from core.grids.kepttext import decoded
from core.grids.repairs import keeping
from core.grids.repairs.proposals import LONGEST, PROPOSED
from core.grids.repairs.recorded import latest_repairs, repair_record
from core.grids.repairs.repairing import OTHERS, Repair, Repaired, repair, try_repair
from core.text import noop as _
from web.db import actor, read, write
from web.i18n import translate_text
from web.pages.people_parts import said
from web.plan_words import table_word

bp = APIBlueprint("repairs", __name__, enable_openapi=False)

HERE: Final = "/grids/repair"
A_PAGE: Final = 50
PATIENCE: Final = dt.timedelta(minutes=15)


@dataclass
class Decisions:
    """What the form holds: the list, the choices that differ from the proposed ones, the reason, the page shown."""

    token: str = ""
    choices: dict[int, str] = field(default_factory=dict)
    reason: str = ""
    page: int = 1

    def as_text(self) -> str:
        """The choices in one field, so that thousands of defects make no thousands of fields."""
        return "\n".join(f"{number}={choice}" for number, choice in sorted(self.choices.items()))


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
    decisions = _sent(report)
    act, _dash, rest = request.form.get("act", "try").partition("-")
    try:
        if decisions.token != report.get("list"):
            raise Conflict(OTHERS, theirs={"list": report.get("list")})
        if act == "page":
            decisions.page = int(rest) if rest.isdecimal() else 1
            return _page(under, report, decisions)
        if act == "kind":
            _choose_kind(report, decisions, *rest.rsplit("-", 1))
            return _page(under, report, decisions)
        command = Repair(decisions.choices, PROPOSED, decisions.token, under, decisions.reason)
        with db.work(actor(), statement_timeout_s=0) as session:
            done = repair(session, command) if act == "write" else try_repair(session, command)
    except Invalid as error:
        faults = {each.pointer: translate_text(each.text) for each in error.objections}
        return _page(under, report, decisions, errors=faults or {"": said(error)}), 422
    except DomainError as error:
        flash(said(error), "bad")
        return redirect(_address(under), 303)
    if done.change is None:
        return _page(under, report, decisions, tried=done)
    flash(gettext(_("The boundaries are repaired and proven exact.")), "ok")
    return redirect(f"{HERE}/{done.change}", 303)


@bp.get(f"{HERE}/<uuid:change_id>")
def record(change_id: UUID) -> str:
    """One repair: who, when, why, what was decided of each defect, areas before and after."""
    with read() as session:
        found = repair_record(session, change_id)
    page = max(1, request.args.get("page", 1, type=int))
    shown = found.defects[(page - 1) * A_PAGE : page * A_PAGE]
    names = {grid["code"]: grid["name"] for grid in found.grids}
    names |= {code: name for each in shown for code, name in zip(each["codes"], each["names"], strict=True)}
    return render_template(
        "repairs/record.html", repair=found, shown=shown, page=page, a_page=A_PAGE, names=names, table_word=table_word
    )


@bp.get(f"{HERE}/<token>/<any('outlines.geojson', 'defects.geojson', 'defects.gpkg'):name>")
def file(token: str, name: str) -> Response:
    """The grids concerned and the defects for the map, the defects for a GIS."""
    path = keeping.file_of(actor(), token, name)
    kind = "application/geo+json" if name.endswith(".geojson") else "application/geopackage+sqlite3"
    return send_file(path, mimetype=kind, as_attachment=name.endswith(".gpkg"), download_name=name)


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
        report["failed"] = translate_text(decoded(report["failed"]))
    if report.get("at"):
        report["at"] = dt.datetime.fromisoformat(report["at"])
    for each in report["defects"]:
        detail = decoded(each["detail"]) if each["detail"] else None
        each["sliver_of"] = detail.message if detail and each["kind"] == "sliver" else ""
        each["detail"] = translate_text(detail) if detail else ""
    return report


def _sent(report: Mapping[str, Any]) -> Decisions:
    """What the form says: the choices kept, and those of the page shown."""
    found = Decisions(request.form.get("list", ""), reason=request.form.get("reason", "").strip()[:2000])
    found.page = max(1, request.form.get("page", 1, type=int))
    for line in request.form.get("kept", "").splitlines():
        number, _equals, choice = line.partition("=")
        if number.isdecimal():
            found.choices[int(number)] = choice.strip()
    proposed = {each["number"]: each["proposals"][0]["choice"] for each in report["defects"]}
    for name, choice in request.form.items():
        number = name.removeprefix("choice-")
        if name.startswith("choice-") and number.isdecimal():
            found.choices[int(number)] = choice
    found.choices = {number: choice for number, choice in found.choices.items() if proposed.get(number) != choice}
    return found


def _choose_kind(report: Mapping[str, Any], decisions: Decisions, kind: str, way: str = "") -> None:
    """One choice for all defects of a kind."""
    for each in report["defects"]:
        if each["kind"] == kind and each["longest"]:
            decisions.choices.pop(each["number"], None)
            if way == LONGEST and each["longest"] != each["proposals"][0]["choice"]:
                decisions.choices[each["number"]] = each["longest"]


def _page(
    under: str | None,
    report: dict[str, Any],
    decisions: Decisions,
    errors: Mapping[str, str] | None = None,
    tried: Repaired | None = None,
) -> str:
    with read() as session:
        coverage = grids.coverage_state(session)
        repairs = latest_repairs(session)
    decisions.token = decisions.token or report.get("list", "")
    first = (decisions.page - 1) * A_PAGE
    shown = report["defects"][first : first + A_PAGE]
    objections = [translate_text(each.text) for each in tried.objections] if tried else []
    return render_template(
        "repairs/repair.html",
        under=under, report=report, shown=shown, first=first, a_page=A_PAGE, decisions=decisions, errors=errors or {},
        kinds=_kinds(report), tried=tried, objections=objections, coverage=coverage, repairs=repairs,
        table_word=table_word,
        words={kind: gettext(word) for kind, word in KINDS.items()},
        unknown=_unknown(errors or {}),
    )  # fmt: skip


def _unknown(errors: Mapping[str, str]) -> list[str]:
    """What is wrong elsewhere than with the reason."""
    return [text for pointer, text in errors.items() if pointer != "/reason"]


def _kinds(report: Mapping[str, Any]) -> list[dict[str, Any]]:
    """How many defects of each kind, their area, and whether one choice can be made for all."""
    found: dict[str, dict[str, Any]] = {}
    for each in report["defects"]:
        own = found.setdefault(each["kind"], {"kind": each["kind"], "count": 0, "area_m2": 0.0, "open": False})
        own["count"] += 1
        own["area_m2"] += each["area_m2"] or 0.0
        own["open"] = own["open"] or bool(each["longest"])
    return sorted(found.values(), key=lambda own: -own["area_m2"])
