"""The only place where domain errors become answers: RFC 9457 problems for machines, a friendly page for people."""

from __future__ import annotations

import traceback
from collections.abc import Mapping
from typing import Any, Final
from urllib.parse import urlsplit

import structlog
from apiflask import APIFlask
from apiflask.exceptions import HTTPError
from flask import Response, g, jsonify, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import get_locale, gettext
from pydantic import ValidationError
from sqlalchemy.exc import DBAPIError, OperationalError
from werkzeug.exceptions import HTTPException

from core.disk import disk_fault
from core.errors import (
    Conflict,
    DomainError,
    Forbidden,
    Invalid,
    KeyReused,
    NoRoom,
    NotFound,
    Refused,
    TooMany,
    Unauthenticated,
    Unavailable,
    Unusable,
)
from core.faults import faults_of
from core.gistext import explain
from core.text import noop as _
from gis.errors import GisError
from web import slots
from web.auth import current_actor, for_programs, wants_page
from web.i18n import translate_text
from web.objection_values import objection_values

log = structlog.get_logger(__name__)

KINDS: Final[tuple[type[DomainError], ...]] = (
    Invalid, NotFound, Refused, Forbidden, Unauthenticated, TooMany, Conflict, KeyReused, Unavailable, NoRoom,
    Unusable,
)  # fmt: skip
"""Every slug that can stand in a problem's ``type``; each has a page."""

HTTP_TITLES: Final[Mapping[int, tuple[str, str]]] = {
    400: (Invalid.slug, _("Not understood")),
    404: (NotFound.slug, NotFound.title),
    405: (Refused.slug, _("Method not allowed")),
    413: (Invalid.slug, _("Too large")),
    415: (Invalid.slug, _("Unknown kind of content")),
}
"""Slug and title of what Flask and Werkzeug refuse; anything else is an internal fault."""

HTTP_TEXTS: Final[Mapping[int, str]] = {
    400: _("The request could not be understood"),
    404: _("There is no such page"),
    405: _("This address does not take that method"),
    413: _("What was sent is larger than this address takes; send less at once"),
    415: _("This address does not take that kind of content"),
    500: _("Something went wrong on the server; it was written to the log under this number"),
}


_BROKEN: Final = (
    _("The plugin does not run"),
    _("%(name)s has a fault; a system administrator finds the reason under Plugins. Its data are safe."),
)
CLOSED: Final[Mapping[str, tuple[str, str]]] = {
    "enabled": (
        _("The plugin is starting"),
        _("%(name)s was switched on a moment ago; load this page again in a few seconds."),
    ),
    "disabled": (
        _("The plugin is switched off"),
        _("%(name)s is switched off and its pages are closed; its data are kept. A system administrator can switch it"
          " on under Plugins."),
    ),
    "failed": _BROKEN,
    "missing": _BROKEN,
    "incompatible": _BROKEN,
}  # fmt: skip
"""Title and text for pages of plugins that do not run, by the plugin's state."""


def init_app(app: APIFlask) -> None:
    """Attach the handlers; APIFlask's own comes first, because it would take over those of Werkzeug's errors too."""
    app.error_processor(on_schema_error)
    app.register_error_handler(DomainError, on_domain_error)
    app.register_error_handler(GisError, on_gis_error)
    app.register_error_handler(HTTPException, on_http_error)
    app.register_error_handler(DBAPIError, on_database_error)
    app.register_error_handler(RecursionError, on_deep_body)
    app.register_error_handler(Exception, on_crash)


def wants_json() -> bool:
    """Whether the asker is a program."""
    if request.path.startswith(("/api/", "/tiles/")):
        return True
    if for_programs(request.path):
        return not wants_page()
    best = request.accept_mimetypes.best_match(("text/html", "application/json"))
    return best == "application/json"


def wants_part() -> bool:
    """Whether the answer goes into a page that stands."""
    return "HX-Request" in request.headers


def on_domain_error(error: DomainError) -> ResponseReturnValue:
    """A refusal of the domain."""
    answer = problem(
        error.slug,
        error.status,
        gettext(error.title),
        translate_text(error.text),
        errors=objection_values(error),
        **error.facts(),
    )
    if isinstance(error, TooMany):
        answer.headers["Retry-After"] = str(error.retry_after)
    return answer


def on_gis_error(error: GisError) -> ResponseReturnValue:
    """Geometry or a file that cannot be read."""
    return problem(Invalid.slug, Invalid.status, gettext(Invalid.title), translate_text(explain(error)))


def on_schema_error(error: HTTPError) -> Any:
    """A body, query or path that does not fit its schema."""
    cause = error.__cause__
    faults = [
        {"pointer": fault.pointer, "code": fault.code, "detail": translate_text(fault.text)}
        for fault in (faults_of(cause) if isinstance(cause, ValidationError) else [])
    ]
    status = error.status_code or 422
    title = gettext(HTTP_TITLES[status][1]) if status in HTTP_TITLES else gettext(Invalid.title)
    message = gettext(HTTP_TEXTS[status]) if status in HTTP_TEXTS else error.message or ""
    if faults:
        message = gettext("Nothing was done; each fault says where it is")
    return (
        problem(Invalid.slug, status, title, message, errors=faults),
        status,
        dict(error.headers or {}),
    )


def on_http_error(error: HTTPException) -> ResponseReturnValue:
    """What Flask and Werkzeug refuse."""
    status = error.code or 500
    if status < 400:
        return error.get_response()
    message = gettext(HTTP_TEXTS[status]) if status in HTTP_TEXTS else (error.description or error.name)
    if status == 404 and (closed := _closed()):
        return closed
    slug, title = HTTP_TITLES.get(status, ("internal" if status >= 500 else Invalid.slug, error.name))
    answer = problem(slug, status, gettext(title), message)
    for name, value in error.get_headers():
        if name not in {"Content-Type", "Content-Length"}:
            answer.headers[name] = value
    return answer


def _closed() -> Response | None:
    """A page of a plugin that does not run now: says so, and who can mend it."""
    view = slots.closed_plugin(request.path) if current_actor() else None
    if view is None or (view.state == "enabled" and view.name in slots.slots().active):
        return None
    state = view.state if view.state in {"enabled", "failed", "missing", "incompatible"} else "disabled"
    title, detail = CLOSED[state]
    said = gettext(detail, name=view.text("title", str(get_locale())))
    return problem(NotFound.slug, 404, gettext(title), said, plugin=view.name)


def on_database_error(error: DBAPIError) -> ResponseReturnValue:
    """The database is away, or went in the middle of it: the client may try again. Anything else is a crash."""
    if not (isinstance(error, OperationalError) or error.connection_invalidated):
        return on_crash(error)
    log.error("database", error=str(error))
    if fault := disk_fault(error):
        return on_domain_error(fault)
    answer = problem(
        Unavailable.slug,
        Unavailable.status,
        gettext(Unavailable.title),
        gettext(_("The database does not answer; please try again in a moment")),
    )
    answer.headers["Retry-After"] = "2"
    return answer


def on_deep_body(error: RecursionError) -> ResponseReturnValue:
    """A body nested deeper than any we understand; where there is no body the fault is ours."""
    if not request.is_json:
        return on_crash(error)
    return problem(Invalid.slug, 400, gettext(Invalid.title), gettext(HTTP_TEXTS[400]))


def on_crash(error: Exception) -> ResponseReturnValue:
    """A fault of the disk, in words; any other is ours: logged whole, shown by number."""
    fault = disk_fault(error)
    if fault is not None:
        log.error("disk", path=request.path, error=str(error))
        return on_domain_error(fault)
    plugin = slots.page_owner()
    if plugin:
        slots.note_page_failure(plugin, error)
    log.error("crash", plugin=plugin, path=request.path, trace="".join(traceback.format_exception(error)))
    detail = gettext(HTTP_TEXTS[500])
    if plugin:
        broken = gettext(_("The plugin %(name)s is at fault; everything else works."), name=plugin)
        return problem("internal", 500, gettext(_("Server error")), f"{detail} {broken}", plugin=plugin)
    return problem("internal", 500, gettext(_("Server error")), detail)


def problem(slug: str, status: int, title: str, detail: str, **facts: Any) -> Response:
    """A problem document, or the same facts as a page, or as a box where a part of a page was asked for."""
    document = {
        "type": f"/problems/{slug}",
        "title": title,
        "status": status,
        "detail": detail,
        "instance": g.get("request_id", ""),
        **{name: value for name, value in facts.items() if value not in ([], None)},
    }
    if wants_json():
        answer = jsonify(document)
        answer.mimetype = "application/problem+json"
    else:
        template = "errors/part.html" if wants_part() else "errors/problem.html"
        answer = Response(render_template(template, problem=document, back=_back()), mimetype="text/html")
        answer.vary.add("HX-Request")
    answer.status_code = status
    return answer


def _back() -> str:
    """The page to come back to after a login: this one, or the one that asked for a part."""
    if not wants_part():
        return request.full_path
    try:
        page = urlsplit(request.headers.get("HX-Current-URL", ""))
    except ValueError:  # no address at all
        return "/map"
    return f"{page.path}?{page.query}" if page.query else page.path
