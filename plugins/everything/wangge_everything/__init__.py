"""Every hook once, in the smallest way that does something."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import click
from apiflask import APIBlueprint
from pydantic import BaseModel, Field
from sqlalchemy import delete, func, select
from wangge import (
    Action,
    DemoPlace,
    Feature,
    Figure,
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
    Stage,
    Text,
    WorkSession,
    hookimpl,
    reading,
    require,
    settings_of,
)
from wangge import noop as _
from wangge.cli import answer, json_option, operator
from wangge.grids import grid_by_id, locate, point
from wangge.web import actor, api, pages, read, render_template

from wangge_everything.models import Base, Fallen, Gardener, Tree, fallen


class Settings(BaseModel):
    """What an operator may set under ``[plugins.everything]``."""

    most_trees: int = Field(1000, ge=1, description="Trees that the layer shows at most.")
    most_in_a_grid: int = Field(100_000, ge=1, description="Trees that one grid may have after a change of borders.")


PLUGIN = Plugin(
    name="everything",
    title=_("Every hook"),
    description=_("Uses every hook once; made for tests and for reading."),
    settings=Settings,
    metadata=Base.metadata,
    migrations="migrations",
    after=("emergency",),
)
page = pages(__name__)
machine = api(__name__)


def count_trees(session: WorkSession) -> int:
    """Number of trees."""
    return session.scalar(select(func.count()).select_from(Tree)) or 0


@page.get("/")
def index() -> str:
    """The number of trees."""
    require(actor(), "grid.see")
    with read() as session:
        return render_template("everything/index.html", count=count_trees(session))


@machine.get("/trees")
def trees() -> dict[str, Any]:
    """The number of trees."""
    with read() as session:
        return {"count": count_trees(session)}


@click.command("count")
@json_option
def count(as_json: bool) -> None:
    """Count the trees."""
    with reading(operator()) as session:
        answer({"count": count_trees(session)}, as_json, lambda row: str(row["count"]))


def stock(session: WorkSession, grids: Sequence[GridView]) -> Mapping[int, PanelBody]:
    """The number of trees, in each part that a panel may have."""
    number = count_trees(session)
    return {
        grid.id: PanelBody(
            figures=[Figure(_("Trees"), number)],
            bars=[Figure(_("Trees"), number)],
            columns=[_("Trees")],
            rows=[[number]],
            note=_("Trees of the whole city."),
        )
        for grid in grids
    }


def old_trees(session: WorkSession) -> Iterable[Feature]:
    """Trees, as many as the settings say."""
    most = settings_of("everything", Settings).most_trees
    return [Feature(point(tree.place), tree.name) for tree in session.scalars(select(Tree).limit(most))]


@hookimpl
def register_matter_kinds() -> Iterable[MatterKind]:
    """A fallen tree: looked at within the hour, gone within half a day."""
    look = Stage("look", _("Look at the tree"), "1h", ends="settle")
    fallen_tree = MatterKind(
        "everything.fallen", _("Fallen tree"), form=Fallen, table=fallen, limit="4wh", stages=(look,), auto_close=True
    )
    return [fallen_tree]


@hookimpl
def register_actions() -> Iterable[Action]:
    """Planting."""
    return [Action("everything.plant", _("plant trees"), frozenset({"officer"}))]


@hookimpl
def register_blueprints() -> Iterable[APIBlueprint]:
    """A page and an API."""
    return [page, machine]


@hookimpl
def register_menu() -> Iterable[MenuItem]:
    """An entry."""
    return [MenuItem(_("Trees"), icon="star", action="grid.see")]


@hookimpl
def register_panels() -> Iterable[GridPanel]:
    """A panel with every part."""
    return [GridPanel("everything.stock", _("Trees"), stock)]


@hookimpl
def register_layers() -> Iterable[MapLayer]:
    """A layer."""
    return [MapLayer("everything.trees", _("Trees"), old_trees, colour="#1a7f4b", shape="triangle")]


@hookimpl
def register_commands() -> Iterable[click.Command]:
    """``wangge everything count``."""
    return [count]


@hookimpl
def register_health() -> Iterable[HealthCheck]:
    """A check that tells a figure."""
    return [HealthCheck("everything.count", _("Trees"), lambda session: Health(True, str(count_trees(session))))]


@hookimpl
def load_demo(session: WorkSession, places: Sequence[DemoPlace]) -> None:
    """A tree at the first few places, once."""
    if not count_trees(session):
        spots = places[:3]
        located = locate(session, [(spot.lon, spot.lat) for spot in spots])
        session.add_all(
            Tree(name=f"Old tree of {spot.name}", place=place, grid_id=grid_id)
            for spot, (place, grid_id) in zip(spots, located, strict=True)
        )


@hookimpl
def check_grid_change(session: WorkSession, change: GridChangeView) -> Iterable[Objection]:
    """An objection to each grid that would have more trees than one may."""
    most = settings_of("everything", Settings).most_in_a_grid
    touched = select(Tree.grid_id, func.count()).where(Tree.grid_id.in_([*change.born, *change.renewed]))
    for grid_id, count in session.execute(touched.group_by(Tree.grid_id).having(func.count() > most)):
        grid = grid_by_id(session, grid_id) if grid_id is not None else None
        yield Objection(
            Text(
                _("Grid %(code)s would have %(count)s trees, more than %(most)s"),
                {"code": grid.code if grid else "?", "count": count, "most": most},
            ),
            Text(_("Draw smaller grids")),
            code="everything.trees",
        )


@hookimpl
def carry_grid_change(session: WorkSession, change: GridChangeView) -> None:
    """The gardeners of a grid that ends tend those that come in its place."""
    ending = session.scalars(select(Gardener).where(Gardener.grid_id.in_(change.retired))).all()
    there = {(row.grid_id, row.name) for row in session.scalars(select(Gardener))}
    passing = {(heir, row.name) for row in ending for heir in change.heirs[row.grid_id]} - there
    session.add_all(Gardener(grid_id=heir, name=name) for heir, name in sorted(passing))
    session.execute(delete(Gardener).where(Gardener.id.in_([row.id for row in ending])))
