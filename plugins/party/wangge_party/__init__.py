"""The party branch: household visits, red stations and what is asked of them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import partial

import click
from apiflask import APIBlueprint
from wangge import (
    Action,
    DemoPlace,
    GridPanel,
    HealthCheck,
    MapLayer,
    MatterKind,
    MenuItem,
    Plugin,
    WorkSession,
    hookimpl,
)
from wangge import noop as _

from wangge_party import kinds, pages, panels, stations
from wangge_party.models import Base

PLUGIN = Plugin(
    name="party",
    title=_("Party building"),
    description=_(
        "Household visits with promises and due dates, requests at red stations, stations and parlours on the map."
    ),
    department=_("Party committee office"),
    icon="flag",
    metadata=Base.metadata,
    migrations="migrations",
)


@hookimpl
def register_matter_kinds() -> Iterable[MatterKind]:
    """Household visits and requests at stations."""
    return [kinds.VISIT, kinds.STATION_REQUEST]


@hookimpl
def register_actions() -> Iterable[Action]:
    """Loading the list of stations."""
    return [stations.IMPORT]


@hookimpl
def register_blueprints() -> Iterable[APIBlueprint]:
    """The page of stations."""
    return [pages.bp]


@hookimpl
def register_menu() -> Iterable[MenuItem]:
    """One entry that leads to the page."""
    return [MenuItem(_("Party"), icon="flag", action="grid.see")]


@hookimpl
def register_panels() -> Iterable[GridPanel]:
    """Visits and requests of this quarter, promises overdue."""
    return [GridPanel("party.quarter", _("Visits and requests"), panels.this_quarter, action="matter.see")]


@hookimpl
def register_layers() -> Iterable[MapLayer]:
    """Red stations and parlours, a layer each."""
    return [
        MapLayer(
            "party.station",
            stations.TITLES["station"],
            partial(stations.features, category="station"),
            colour="#c62828",
            shape="star",
        ),
        MapLayer(
            "party.parlour",
            stations.TITLES["parlour"],
            partial(stations.features, category="parlour"),
            colour="#ad5c00",
            shape="square",
        ),
    ]


@hookimpl
def register_commands() -> Iterable[click.Command]:
    """``wangge party import-stations FILE.csv``."""
    return [stations.STATIONS.command("import-stations", "Load the red stations and parlours from FILE.")]


@hookimpl
def register_health() -> Iterable[HealthCheck]:
    """Places that lie outside the city."""
    return [HealthCheck("party.located", _("Stations lie in the city"), stations.STATIONS.check_located)]


@hookimpl
def load_demo(session: WorkSession, places: Sequence[DemoPlace]) -> None:
    """Stations and parlours of the demonstration city."""
    stations.load_demo(session, places[::2])
