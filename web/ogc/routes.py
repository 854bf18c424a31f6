"""The addresses of OGC API – Features, parts 1 (core) and 2 (coordinate systems)."""

from __future__ import annotations

from typing import Any, Final

from apiflask import APIBlueprint
from flask import Response, jsonify, render_template, request
from flask.typing import ResponseReturnValue

from core.errors import NotFound
from core.grids.features import LEAVES, find_feature, find_features, first_change
from core.grids.queries import coverage_state
from core.grids.views import LEVELS, CoverageView
from core.instance import instance_values
from core.text import noop as _
from web.auth import BASIC_BELOW, wants_page
from web.db import read
from web.ogc import answers
from web.ogc.asking import BadParameter, asked, asked_one, refuse_unknown
from web.ogc.openapi import document
from web.ogc.project import project
from web.ogc.systems import offered

bp = APIBlueprint("ogc", __name__, url_prefix=BASIC_BELOW, enable_openapi=False)

JSON: Final = "json"


@bp.after_request
def _ask_who(answer: Response) -> Response:
    """Let programs such as QGIS ask the person for name and token."""
    if answer.status_code == 401:
        answer.headers["WWW-Authenticate"] = 'Basic realm="Wangge", charset="UTF-8"'
    return answer


@bp.get("")
def landing() -> ResponseReturnValue:
    """The way in: links for programs, a page in plain words for people."""
    _refuse_other_forms(answers.HTML)
    with read() as session:
        state = coverage_state(session)
    title = state.root.name if state.root else "Wangge"
    if request.args.get("f") == answers.HTML or (wants_page() and "f" not in request.args):
        named = answers.collections(_levels(state))
        return render_template("ogc/landing.html", address=answers.address(), collections=named)
    return jsonify(answers.landing(title))


@bp.get("/city.qgs")
def project_file() -> Response:
    """A project of QGIS whose layers come from here."""
    with read() as session:
        state = coverage_state(session)
    if state.root is None or state.extent is None:
        raise NotFound(_("There is no grid yet for a project to show"))
    answer = Response(project(state.root.name, _levels(state), state.extent), mimetype="application/x-qgis-project")
    answer.headers.set("Content-Disposition", "attachment", filename=f"wangge-{state.root.code}.qgs")
    return answer


@bp.get("/conformance")
def conformance() -> ResponseReturnValue:
    """What of the standard is kept."""
    _refuse_other_forms()
    return jsonify({"conformsTo": answers.CONFORMS})


@bp.get("/api")
def api() -> ResponseReturnValue:
    """The description of this interface."""
    _refuse_other_forms()
    with read() as session:
        state = coverage_state(session)
    answer = jsonify(document(answers.address(), list(answers.collections(_levels(state))), offered(state.extent)))
    answer.mimetype = "application/vnd.oai.openapi+json"
    answer.mimetype_params["version"] = "3.0"
    return answer


@bp.get("/collections")
def collections() -> ResponseReturnValue:
    """All grids, the leaves, and one collection for each level."""
    _refuse_other_forms()
    with read() as session:
        state, since = coverage_state(session), first_change(session)
    systems = offered(state.extent)
    listed = [
        answers.collection(name, title, state.extent, since, systems)
        for name, title in answers.collections(_levels(state)).items()
    ]
    links = [answers.link(answers.address("collections"), "self")]
    return jsonify({"links": links, "collections": listed, "crs": systems})


@bp.get("/collections/<name>")
def collection(name: str) -> ResponseReturnValue:
    """One collection."""
    _refuse_other_forms()
    with read() as session:
        state, since = coverage_state(session), first_change(session)
    title = _known(name, state)
    return jsonify(answers.collection(name, title, state.extent, since, offered(state.extent)))


@bp.get("/collections/<name>/items")
def items(name: str) -> ResponseReturnValue:
    """Grids of a collection, page by page."""
    parameters = _parameters()
    with read() as session:
        state = coverage_state(session)
        _known(name, state)
        wanted = asked(parameters, _level(name), offered(state.extent), instance_values(session).timezone)
        page = find_features(session, wanted.query)
    return answers.feature_page(name, page, wanted.crs, parameters)


@bp.get("/collections/<name>/items/<key>")
def item(name: str, key: str) -> ResponseReturnValue:
    """One grid by its code, present or former, or its id."""
    with read() as session:
        state = coverage_state(session)
        _known(name, state)
        wanted = asked_one(_parameters(), _level(name), offered(state.extent), instance_values(session).timezone)
        page = find_feature(session, key, wanted.query)
    if not page.rows:
        raise NotFound(_("There is no grid %(code)s in this collection then"), code=key)
    return answers.feature(name, page, wanted.crs)


def _parameters() -> dict[str, str]:
    twice = next((name for name in request.args if len(request.args.getlist(name)) > 1), None)
    if twice is not None:
        raise BadParameter(_("The parameter %(name)s stands twice"), name=twice[:80])
    _refuse_form()
    return request.args.to_dict()


def _refuse_other_forms(*more: str) -> None:
    refuse_unknown(request.args, ("f",))
    _refuse_form(*more)


def _refuse_form(*more: str) -> None:
    """Refuse a form in which this is not answered; pages conform to nothing that is declared."""
    form = request.args.get("f", JSON)
    if form not in (JSON, *more):
        raise BadParameter(_("f is json, or left out; this is %(value)s"), value=form[:40])


def _levels(state: CoverageView) -> list[str]:
    """The levels that the city has, from the top."""
    return [level for level in LEVELS if level in state.levels]


def _known(name: str, state: CoverageView) -> Any:
    """The title of a collection; a level that once had grids stays one."""
    known = answers.collections(LEVELS if name in LEVELS else _levels(state))
    if name not in known:
        raise NotFound(_("There is no collection %(name)s; there are: %(known)s"), name=name, known=", ".join(known))
    return known[name]


def _level(name: str) -> str | None:
    return None if name == answers.ALL else LEAVES if name == LEAVES else name
