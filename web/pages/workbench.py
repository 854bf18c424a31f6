"""`/map`: the workbench, where the city is looked at and most work begins."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Final
from urllib.parse import urlencode
from uuid import UUID

from apiflask import APIBlueprint
from flask import flash, redirect, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from core import clock
from core.access.policy import may, require
from core.db.session import WorkSession
from core.grids import queries
from core.grids.formers import bearer
from core.grids.levels import TITLES
from core.grids.tiles import levels_by_zoom
from core.grids.views import LEVELS, ChangeView, CoverageView, GridView
from core.jobs.queue import enqueue
from core.matters.queries import matter_by_id
from core.text import noop as _
from web import context, demo_job, slots
from web.basemaps import catalogue
from web.db import actor, read, write
from web.i18n import translate_text
from web.pages.references import shown_layers
from web.pages.settings import crs_name
from web.pages.themes import themes_for
from web.pastday import past_day, to_today

bp = APIBlueprint("workbench", __name__, enable_openapi=False)

WHOLE_COUNTRY: Final = (73.5, 18.2, 134.8, 53.6)
URLS: Final = {
    "card": "/grids/{code}/card",
    "at": "/api/v1/grids/at?lon={lon}&lat={lat}",
    "shape": "/api/v1/grids/{code}/shape",
    "tile": "/tiles/grid/{version}/{z}/{x}/{y}.mvt",
    "matters_tile": "/tiles/matters/{z}/{x}/{y}.mvt",
    "matter": "/map/matters/{id}",
    "theme": "/map/themes/{name}",
}
TEXTS: Final[Mapping[str, str]] = {
    "map": _("Map of the grids"),
    "keys": _("Arrow keys move the map, plus and minus zoom, Enter chooses the grid in the middle."),
    "tools": _("Map tools"),
    "layers": _("Grids and layers"),
    "report": _("Report a matter on the map"),
    "aim_report": _("Click the place of the matter"),
    "aim_measure": _("Click the points; double-click ends"),
    "done": _("End"),
    "zoom_in": _("Closer"),
    "zoom_out": _("Farther"),
    "whole_city": _("Whole city"),
    "measure_distance": _("Measure a distance"),
    "measure_area": _("Measure an area"),
    "share": _("Copy a link to this view"),
    "shared": _("The link to this view was copied."),
    "print": _("Print the map"),
    "legend": _("Legend"),
    "zoom": _("Zoom"),
    "version": _("Coverage version %(version)s"),
    "north": _("North"),
    "matter_open": _("Open matter"),
    "outside": _("This place lies outside the city."),
    "empty_city": _("The city is still empty"),
    "no_such_grid": _("There is no grid with the code %(code)s."),
    "basemap_failed": _("The base map does not answer; the grids stand on plain paper."),
    "layer_failed": _("The layer %(title)s did not arrive; switch it off and on again."),
    "basemap_date": _("Base map of %(date)s"),
    "open": _("Open"),
    "n_grids": _("%(n)s grids"),
    "no_data": _("No data"),
    "theme_failed": _("The figures did not arrive; choose the theme again."),
}
STOPS: Final = 200
"""Changes that the slider of versions goes back."""


@bp.get("/map")
def workbench() -> ResponseReturnValue:
    """The map with the tree on its left and the chosen grid's card on its right."""
    asked = request.args.get("grid")
    day = past_day()
    with read() as session:
        coverage = queries.coverage_state(session, day)
        chosen = bearer(session, asked, day) if asked else None
        home = _home(session, day)
        changes = queries.latest_changes(session, STOPS)
    if (today := to_today()) is not None:
        return today
    if chosen and chosen.code != asked:
        return redirect(_address(grid=chosen.code))
    files = catalogue(context.zone())
    layers = [asdict(layer) for layer in slots.layers_for(actor())]
    basemaps = [{key: value for key, value in asdict(found).items() if key != "media_type"} for found in files.maps]
    grids = home.grids if home else []
    own = grids[0] if grids else None
    opens_at_home = not request.args.keys() & {"grid", "lon", "lat"}
    if opens_at_home and own:
        chosen = own
    config = {
        **_coverage_facts(coverage, day),
        "grid": {"code": chosen.code, "id": chosen.id} if chosen else None,
        "home": home.extent if home and opens_at_home else None,
        "layers": [layer for layer in layers if layer["allowed"]],
        "basemaps": basemaps,
        "matters": day is None and bool(may(actor(), "matter.see")),
    }
    return render_template(
        "map/workbench.html",
        config=config,
        coverage=coverage,
        day=day,
        looking_back=day,
        yesterday=clock.now().astimezone(context.zone()).date() - dt.timedelta(days=1),
        stops=_stops(changes),
        chosen=chosen,
        about=chosen or own or coverage.root,
        own_grids=grids,
        layers=layers,
        references=shown_layers(),
        basemaps=basemaps,
        themes=[] if day else themes_for(actor()),
        notices=[translate_text(notice) for notice in files.notices],
    )


@bp.get("/map/matters/<uuid:matter_id>")
def matter_card(matter_id: UUID) -> str:
    """Fragment for the map's right pane: the matter that was clicked."""
    with read() as session:
        matter = matter_by_id(session, matter_id)
    return render_template("map/matter_card.html", matter=matter)


@bp.post("/demo/load")
def load_demo() -> ResponseReturnValue:
    """Let the demonstration city be loaded in the background, once however often it is asked for."""
    with write() as session:
        require(session.actor, "demo.manage")
        enqueue(session, demo_job.LOAD, once=demo_job.LOAD)
    flash(gettext(_("The demonstration city is being loaded; it takes a few minutes. Reload the map to see it.")), "ok")
    return redirect("/map")


def _stops(changes: Sequence[ChangeView]) -> list[dict[str, str]]:
    """Where the slider of versions stops: the days with changes, each with its last one; today comes last."""
    zone = context.zone()
    days = {change.at.astimezone(zone).date(): change for change in changes}
    today = clock.now().astimezone(zone).date()
    found = [
        {
            "day": day.isoformat(),
            "text": " · ".join(filter(None, (day.isoformat(), f"v{change.version}", change.reason))),
        }
        for day, change in days.items()
        if day < today
    ]
    return [*found, {"day": "", "text": gettext("Today")}]


@dataclass(frozen=True)
class _Home:
    """A person's own part of the city.

    :param grids: the granted grids, without those under another one; none where that is the city itself.
    """

    grids: list[GridView]
    extent: tuple[float, float, float, float]


def _address(**changed: str) -> str:
    """The map as asked for, with parts of its address changed."""
    return f"/map?{urlencode({**request.args.to_dict(), **changed})}"


def _home(session: WorkSession, day: dt.date | None) -> _Home | None:
    """Where the map opens for somebody whose every grant is for a grid; ``None`` with a grant for the whole city.

    The grids are those of ``day``, as far as they lived then.
    """
    paths = {grant.path for grant in actor().grants if grant.path is not None}
    if not paths or any(grant.path is None for grant in actor().grants):
        return None
    extent = queries.extent_below(session, paths)
    if extent is None:
        return None
    tops = [grid for grid in queries.tops(session, paths) if grid.parent_id is not None]
    if day:
        then = queries.grids_by_ids(session, (grid.id for grid in tops), day)
        tops = [then[grid.id] for grid in tops if grid.id in then]
    return _Home(tops, extent)


def _coverage_facts(coverage: CoverageView, day: dt.date | None) -> dict[str, Any]:
    values = context.instance()
    organisation = values.organisation or gettext("Wangge")
    if context.is_demonstration():
        organisation = f"{organisation} · {gettext('Demonstration data')}"
    return {
        "version": coverage.version if coverage.root else None,
        "extent": coverage.extent or WHOLE_COUNTRY,
        "levels": levels_by_zoom([level for level in LEVELS if coverage.levels.get(level)]),
        "level_names": {level: gettext(title).capitalize() for level, title in TITLES.items()},
        "shown_crs": {"name": crs_name(values.shown_crs), "code": values.shown_crs},
        "organisation": organisation,
        "today": context.show_date(clock.now()),
        "texts": {name: gettext(text) for name, text in TEXTS.items()} | _texts_of(coverage, day),
        "urls": _urls(day),
    }


def _urls(day: dt.date | None) -> dict[str, str]:
    """Where the map asks; of a past day nothing is reported."""
    if day is None:
        return URLS | {"report": "/matters/new?lon={lon}&lat={lat}" if may(actor(), "matter.report") else ""}
    dated = {name: f"{URLS[name]}{'&' if '?' in URLS[name] else '?'}as_of={day}" for name in ("card", "at", "shape")}
    return URLS | dated | {"report": ""}


def _texts_of(coverage: CoverageView, day: dt.date | None) -> dict[str, str]:
    if day is None or coverage.root is None:
        return {"facts": _foot(coverage)}
    facts = gettext("Grids of %(day)s · coverage version %(version)s", day=day, version=coverage.version)
    return {"facts": facts, "version": facts}


def _foot(coverage: CoverageView) -> str:
    """Version and verdict in the map's foot."""
    if coverage.root is None:
        return str(gettext("No coverage yet"))
    version = gettext("Coverage version %(version)s", version=coverage.version)
    proof = coverage.proof or {}
    if not proof:
        verdict = gettext("not checked yet")
        return f"{version} · {verdict}"
    verdict = gettext("proven exact") if proof.get("exact") else gettext("check failed")
    return f"{version} · {verdict}"
