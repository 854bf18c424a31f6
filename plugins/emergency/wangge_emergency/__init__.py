"""The emergency office: hazard checks, flash reports, shelters."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

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

from wangge_emergency import kinds, pages, panels, shelters
from wangge_emergency.models import Base

PLUGIN = Plugin(
    name="emergency",
    title=_("Emergency management"),
    description=_("Hazard checks with photos before and after, flash reports of disasters, shelters on the map."),
    department=_("Emergency office"),
    icon="sos",
    metadata=Base.metadata,
    migrations="migrations",
)


@hookimpl
def register_matter_kinds() -> Iterable[MatterKind]:
    """Hazard checks and flash reports."""
    return [kinds.HAZARD, kinds.FLASH_REPORT]


@hookimpl
def register_actions() -> Iterable[Action]:
    """Loading the list of shelters."""
    return [shelters.IMPORT]


@hookimpl
def register_blueprints() -> Iterable[APIBlueprint]:
    """The page of shelters."""
    return [pages.bp]


@hookimpl
def register_menu() -> Iterable[MenuItem]:
    """One entry that leads to the page."""
    return [MenuItem(_("Emergency"), icon="sos", action="grid.see")]


@hookimpl
def register_panels() -> Iterable[GridPanel]:
    """Open hazards by level, on each grid."""
    return [GridPanel("emergency.hazards", _("Open hazards"), panels.open_hazards, action="matter.see")]


@hookimpl
def register_layers() -> Iterable[MapLayer]:
    """Shelters with their capacity."""
    return [
        MapLayer("emergency.shelters", _("Shelters"), shelters.features, colour="#1a7f4b", shape="square"),
    ]


@hookimpl
def register_commands() -> Iterable[click.Command]:
    """``wangge emergency import-shelters FILE.csv``."""
    return [shelters.SHELTERS.command("import-shelters", "Load the shelters from FILE.")]


@hookimpl
def register_health() -> Iterable[HealthCheck]:
    """Shelters that lie outside the city."""
    return [HealthCheck("emergency.located", _("Shelters lie in the city"), shelters.SHELTERS.check_located)]


@hookimpl
def load_demo(session: WorkSession, places: Sequence[DemoPlace]) -> None:
    """Shelters of the demonstration city."""
    shelters.load_demo(session, places[::3])
