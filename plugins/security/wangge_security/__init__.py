"""Safety and order: disputes that are to be settled, fire and safety hazards, mediation rooms."""

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

from wangge_security import kinds, pages, panels, rooms
from wangge_security.models import Base

PLUGIN = Plugin(
    name="security",
    title=_("Safety and order"),
    description=_("Disputes settled early and near, fire and safety hazards with photos, mediation rooms on the map."),
    department=_("Office for safety and order"),
    icon="shield-check",
    metadata=Base.metadata,
    migrations="migrations",
)


@hookimpl
def register_matter_kinds() -> Iterable[MatterKind]:
    """Disputes and safety hazards."""
    return [kinds.DISPUTE, kinds.HAZARD_SAFETY]


@hookimpl
def register_actions() -> Iterable[Action]:
    """Loading the list of mediation rooms."""
    return [rooms.IMPORT]


@hookimpl
def register_blueprints() -> Iterable[APIBlueprint]:
    """The page of mediation rooms."""
    return [pages.bp]


@hookimpl
def register_menu() -> Iterable[MenuItem]:
    """One entry that leads to the page."""
    return [MenuItem(_("Safety"), icon="shield-check", action="grid.see")]


@hookimpl
def register_panels() -> Iterable[GridPanel]:
    """Disputes open and settled by type."""
    return [GridPanel("security.disputes", _("Disputes"), panels.disputes_by_type, action="matter.see")]


@hookimpl
def register_layers() -> Iterable[MapLayer]:
    """Mediation rooms, a layer for each kind."""
    return [
        MapLayer(
            "security.street",
            rooms.TITLES["street"],
            partial(rooms.features, category="street"),
            colour="#5b3fa8",
            shape="diamond",
        ),
        MapLayer(
            "security.community",
            rooms.TITLES["community"],
            partial(rooms.features, category="community"),
            colour="#1b5fae",
            shape="diamond",
        ),
        MapLayer(
            "security.industry",
            rooms.TITLES["industry"],
            partial(rooms.features, category="industry"),
            colour="#00796b",
            shape="diamond",
        ),
    ]


@hookimpl
def register_commands() -> Iterable[click.Command]:
    """``wangge security import-rooms FILE.csv``."""
    return [rooms.ROOMS.command("import-rooms", "Load the mediation rooms from FILE.")]


@hookimpl
def register_health() -> Iterable[HealthCheck]:
    """Places that lie outside the city."""
    return [HealthCheck("security.located", _("Mediation rooms lie in the city"), rooms.ROOMS.check_located)]


@hookimpl
def load_demo(session: WorkSession, places: Sequence[DemoPlace]) -> None:
    """Mediation rooms of the demonstration city."""
    rooms.load_demo(session, places[1::4])
