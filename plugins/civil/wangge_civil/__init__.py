"""Civil affairs: visits to elders who live alone, clues for temporary aid, canteens and day care."""

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

from wangge_civil import care_places, kinds, pages, panels
from wangge_civil.models import Base

PLUGIN = Plugin(
    name="civil",
    title=_("Civil affairs"),
    description=_("Visits to elders who live alone, clues for temporary aid, canteens and day care on the map."),
    department=_("Civil affairs bureau"),
    icon="heart-handshake",
    metadata=Base.metadata,
    migrations="migrations",
)


@hookimpl
def register_matter_kinds() -> Iterable[MatterKind]:
    """Visits to elders and clues for aid."""
    return [kinds.ELDER_VISIT, kinds.AID_CLUE]


@hookimpl
def register_actions() -> Iterable[Action]:
    """Loading the list of canteens and day care."""
    return [care_places.IMPORT]


@hookimpl
def register_blueprints() -> Iterable[APIBlueprint]:
    """The page of canteens and day care."""
    return [pages.bp]


@hookimpl
def register_menu() -> Iterable[MenuItem]:
    """One entry that leads to the page."""
    return [MenuItem(_("Civil"), icon="heart-handshake", action="grid.see")]


@hookimpl
def register_panels() -> Iterable[GridPanel]:
    """Visits due and late, open clues for aid."""
    return [GridPanel("civil.care", _("Visits and aid"), panels.visits_and_aid, action="matter.see")]


@hookimpl
def register_layers() -> Iterable[MapLayer]:
    """Canteens and day care, a layer each."""
    return [
        MapLayer(
            "civil.canteen",
            care_places.TITLES["canteen"],
            partial(care_places.features, category="canteen"),
            colour="#ad5c00",
            shape="circle",
        ),
        MapLayer(
            "civil.day_care",
            care_places.TITLES["day_care"],
            partial(care_places.features, category="day_care"),
            colour="#00796b",
            shape="square",
        ),
    ]


@hookimpl
def register_commands() -> Iterable[click.Command]:
    """``wangge civil import-care-places FILE.csv``."""
    return [care_places.CARE_PLACES.command("import-care-places", "Load the canteens and day care centres from FILE.")]


@hookimpl
def register_health() -> Iterable[HealthCheck]:
    """Places that lie outside the city."""
    return [
        HealthCheck("civil.located", _("Canteens and day care lie in the city"), care_places.CARE_PLACES.check_located)
    ]


@hookimpl
def load_demo(session: WorkSession, places: Sequence[DemoPlace]) -> None:
    """Canteens and day care of the demonstration city."""
    care_places.load_demo(session, places[2::3])
