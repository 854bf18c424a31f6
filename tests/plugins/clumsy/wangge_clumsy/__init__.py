"""Breaks at the place that ``WANGGE_CLUMSY`` names; without it, at import."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable, Mapping, Sequence

import click
from apiflask import APIBlueprint
from sqlalchemy import text
from wangge import (
    Action,
    Feature,
    GridChangeView,
    GridPanel,
    GridView,
    Health,
    HealthCheck,
    MapLayer,
    MatterKind,
    MenuItem,
    Objection,
    PanelBody,
    Plugin,
    WorkSession,
    hookimpl,
)
from wangge.web import pages

PLACES = os.environ.get("WANGGE_CLUMSY", "import").split(",")


class Clumsy(Exception):
    """The mistake."""


def stumble(place: str) -> None:
    """Break here when told to."""
    if place in PLACES:
        raise Clumsy(f"stumbled at {place}")


stumble("import")
if "exit" in PLACES:
    sys.exit(3)

PLUGIN = "no manifest" if "manifest" in PLACES else Plugin(name="clumsy", title="Clumsy")
bp = pages(__name__)


@bp.get("/")
def index() -> str:
    """The page."""
    stumble("page")
    return "upright"


def bodies(_session: WorkSession, grids: Sequence[GridView]) -> Mapping[int, PanelBody]:
    """The panel."""
    stumble("panel")
    return {grid.id: PanelBody(note="upright") for grid in grids}


def features(_session: WorkSession) -> Iterable[Feature]:
    """The layer."""
    stumble("layer")
    return []


def check(_session: WorkSession) -> Health:
    """The health check."""
    stumble("health")
    return Health(True)


@click.command("fall")
def fall() -> None:
    """The command."""
    stumble("command")


@hookimpl
def register_matter_kinds() -> Iterable[object]:
    """A kind; or one with a foreign name, or none of a kind's type."""
    stumble("register_matter_kinds")
    if "type" in PLACES:
        return ["kind"]
    return [MatterKind("general" if "prefix" in PLACES else "clumsy.fall", "Fall")]


@hookimpl
def register_actions() -> Iterable[Action]:
    """An action."""
    stumble("register_actions")
    return [Action("clumsy.fall", "fall")]


@hookimpl
def register_blueprints() -> Iterable[APIBlueprint]:
    """A page."""
    stumble("register_blueprints")
    return [bp]


@hookimpl
def register_menu() -> Iterable[MenuItem]:
    """An entry."""
    stumble("register_menu")
    return [MenuItem("Clumsy")]


@hookimpl
def register_panels() -> Iterable[GridPanel]:
    """A panel."""
    stumble("register_panels")
    return [GridPanel("clumsy.panel", "Clumsy", bodies)]


@hookimpl
def register_layers() -> Iterable[MapLayer]:
    """A layer."""
    stumble("register_layers")
    return [MapLayer("clumsy.layer", "Clumsy", features)]


@hookimpl
def register_commands() -> Iterable[click.Command]:
    """A command."""
    stumble("register_commands")
    return [fall]


@hookimpl
def register_health() -> Iterable[HealthCheck]:
    """A check."""
    stumble("register_health")
    return [HealthCheck("clumsy.check", "Clumsy", check)]


@hookimpl
def check_grid_change(session: WorkSession, change: GridChangeView) -> Iterable[Objection]:
    """An objection to nothing, or a statement that the database does not take."""
    stumble("check_grid_change")
    if "statement" in PLACES:
        session.execute(text("select 1/0"))
    return ["no objection"] if "strange" in PLACES else []  # type: ignore[list-item]


@hookimpl
def carry_grid_change(session: WorkSession, change: GridChangeView) -> None:
    """Nothing to carry."""
    stumble("carry_grid_change")
