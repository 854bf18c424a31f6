"""``create_app``: the one place where all parts meet."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from apiflask import APIBlueprint, APIFlask
from flask import redirect
from flask.typing import ResponseReturnValue
from flask_babel import Babel
from werkzeug.middleware.proxy_fix import ProxyFix
from whitenoise import WhiteNoise

from core.assembly import assemble
from core.db.session import connect
from core.jobs.queue import register
from core.secrets import signing_key
from core.settings import Settings, get_settings
from web import (
    auth,
    basemaps,
    context,
    demo_job,
    headers,
    health,
    i18n,
    packing,
    problems,
    search,
    slots,
    tiledoor,
    tiles,
)  # fmt: skip
from web.api import access as api_access
from web.api import calendars as api_calendars
from web.api import channels as api_channels
from web.api import describing
from web.api import files as api_files
from web.api import grants as api_grants
from web.api import grids as api_grids
from web.api import imports as api_imports
from web.api import layers as api_layers
from web.api import matters as api_matters
from web.api import notices as api_notices
from web.api import org as api_org
from web.api import people as api_people
from web.api import people_lists as api_people_lists
from web.api import plan_files as api_plan_files
from web.api import plan_maps as api_plan_maps
from web.api import plans as api_plans
from web.api import plugins as api_plugins
from web.api import responsibility as api_responsibility
from web.api import webhooks as api_webhooks
from web.assets import DIST
from web.ogc import routes as ogc
from web.pages import (
    account,
    calendars,
    channels,
    errors,
    figures,
    gallery,
    glossary,
    grants,
    grids,
    imports,
    journal,
    layers,
    lists,
    matters,
    notice_choices,
    notices,
    org,
    people,
    plan_sources,
    plans,
    plugins,
    references,
    repairs,
    responsibility,
    settings,
    themes,
    webhooks,
    workbench,
)
from web.strictjson import StrictJson

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication

PAGES: Final[tuple[APIBlueprint, ...]] = (
    workbench.bp, references.bp, themes.bp, grids.bp, imports.bp, layers.bp, plans.bp, plan_sources.bp, repairs.bp,
    figures.bp, matters.bp, responsibility.bp, calendars.bp, plugins.bp, people.bp, grants.bp, lists.bp, journal.bp,
    org.bp, account.bp, notices.bp, notice_choices.bp, settings.bp, channels.bp, webhooks.bp, glossary.bp, gallery.bp,
    errors.bp, search.bp, tiles.bp, basemaps.bp, health.bp, ogc.bp,
)  # fmt: skip
APIS: Final[tuple[APIBlueprint, ...]] = (
    api_grids.bp, api_imports.bp, api_plans.bp, api_plan_files.bp, api_plan_maps.bp, api_matters.bp, api_files.bp,
    api_plugins.bp, api_layers.bp, api_access.bp, api_notices.bp, api_channels.bp, api_webhooks.bp, api_people.bp,
    api_people_lists.bp, api_grants.bp, api_org.bp, api_responsibility.bp, api_calendars.bp,
)  # fmt: skip

DESCRIPTION = (
    "The city's grids and matters. Authenticate by `Authorization: Bearer <token>` (`wangge user token NAME`). "
    "Coordinates are lon, lat; times RFC 3339 with offset; errors are problem documents (RFC 9457)."
)


def create_app(given: Settings | None = None) -> APIFlask:
    """The application of one web worker, connected to its database.

    :param given: settings other than the process's own, for tests.
    """
    assemble()
    register(demo_job.JOB)
    values = given or get_settings()
    app = APIFlask(__name__, title="Wangge", version="1.0", docs_path=None, spec_path="/api/v1/openapi.json")
    _configure(app, values)
    _connect(values)
    packing.init_app(app)
    headers.init_app(app)
    auth.init_app(app)
    context.init_app(app)
    problems.init_app(app)
    Babel(
        app,
        default_locale="zh",
        default_translation_directories=str(i18n.FOLDER),
        locale_selector=context.language,
    )
    for blueprint in (*PAGES, *APIS):
        app.register_blueprint(blueprint)
    app.add_url_rule("/", "home", _home)
    slots.load_plugins(app)
    behind = WhiteNoise(
        behind_proxies(app.wsgi_app, values.trusted_proxies),
        root=str(DIST.parent),
        prefix="static/",
        immutable_file_test=_hashed,
    )
    app.wsgi_app = tiledoor.TileDoor(behind, app)  # type: ignore[method-assign]
    return app


def behind_proxies(application: WSGIApplication, count: int) -> WSGIApplication:
    """Believe the forwarding headers of ``count`` proxies; with none, a client cannot choose its address."""
    return ProxyFix(application, count, count, count) if count else application


def _configure(app: APIFlask, values: Settings) -> None:
    app.config.update(
        SECRET_KEY=signing_key(values),
        SESSION_COOKIE_NAME="form",
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        SESSION_COOKIE_SECURE=values.secure_cookies,
        MAX_CONTENT_LENGTH=auth.FORM_BYTES,
        MAX_FORM_MEMORY_SIZE=auth.FORM_BYTES,
        VALIDATION_ERROR_STATUS_CODE=422,
        OPENAPI_VERSION="3.1.0",
        AUTO_OPERATION_ID=True,
        DESCRIPTION=DESCRIPTION,
        SECURITY_SCHEMES={"bearer": {"type": "http", "scheme": "bearer"}},
    )
    app.json = StrictJson(app)
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    app.spec_processor(describing.complete)


def _connect(values: Settings) -> None:
    if values.database_url is None:
        from core.db.cluster import Cluster

        url = Cluster(values.folder("pg")).url("wangge_app")
    else:
        url = values.database_url.get_secret_value()
    read_url = values.read_url.get_secret_value() if values.read_url else None
    connect(url, read_url, pool_size=values.threads, statement_timeout_s=values.statement_timeout_s)


def _home() -> ResponseReturnValue:
    return redirect("/map")


def _hashed(_path: str, url: str) -> bool:
    """Built assets carry a content hash in their name and never change."""
    return url.startswith("/static/dist/")
