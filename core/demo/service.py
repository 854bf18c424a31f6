"""Loads the demonstration city into an empty instance.

Loading goes in stages, each committed with its name, so that a load that was cut off goes on where it stopped.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from typing import Final

import shapely
from sqlalchemy import text

from core import clock
from core.access.policy import require
from core.access.recognising import actor_of_user
from core.actor import Actor
from core.db.models import Setting
from core.db.session import WorkSession, take_turn, work
from core.demo.city import make_city
from core.demo.departments import load_offices
from core.demo.layers import load_layers
from core.demo.matters import Crew, load_matters
from core.demo.past import FIRST_DAYS, apply_past, days_ago, past_of
from core.demo.people import PREFIX, load_people
from core.demo.plans import load_plans
from core.demo.queries import counts
from core.demo.responsibilities import load_responsibilities
from core.errors import Refused
from core.grids.acts import Birth
from core.grids.imports.draft import ImportOptions, Prepared
from core.grids.imports.importing import apply
from core.grids.locating import current_index
from core.grids.queries import is_empty
from core.grids.reading import coverage_version
from core.instance import instance_values, mark_demo
from core.plugin.hooks import DemoPlace
from core.text import noop as _
from gis.lattice import SCALE

KEY: Final = "demo"
MATTERS: Final = 3000
STAGES: Final = ("grids", "people", "matters", "plans", "layers")
TURN: Final = "core.demo"

Progress = Callable[[str], None]


def wanted(session: WorkSession) -> bool:
    """Whether ``up`` should load the demonstration: nobody was ever here, or a load was cut off."""
    fresh = is_empty(session) and not session.scalar(text("select exists (select 1 from core.user_account)"))
    return fresh or _stage(session) in STAGES[:-1]


def load_demo(actor: Actor, progress: Progress, *, after_grids: Callable[[], None] = lambda: None) -> dict[str, int]:
    """Load what is not loaded yet, and say how much there is.

    A second load waits until the first has ended, and then finds everything there.

    :param after_grids: called between the grids and the people; brings the demonstration's plugins in.
    :raises Refused: when the instance holds grids that are no demonstration.
    """
    with work(actor) as turn:
        take_turn(turn, TURN)
        return _load(actor, progress, after_grids)


def _load(actor: Actor, progress: Progress, after_grids: Callable[[], None]) -> dict[str, int]:
    city = _city()
    with work(actor) as session:
        require(actor, "demo.manage")
        stage = _stage(session)
        if stage is None:
            _load_grids(session, city)
            progress(f"{len(city)} grids")
    after_grids()
    if stage in {None, "grids"}:
        with work(actor) as session:
            people = load_people(session, city)
            load_offices(session, people, city)
            load_responsibilities(session)
            _mark(session, "people")
            progress(f"{len(people)} people")
    if stage in {None, "grids", "people"}:
        _load_matters(actor, city, progress)
    if stage in {None, "grids", "people", "matters"}:
        _load_plans(actor)
    if stage != STAGES[-1]:
        with work(actor) as session:
            progress(f"{load_layers(session, city)} features of reference layers")
            _mark(session, "layers")
    with work(actor) as session:
        return {name: number for name, number in counts(session).items() if name != "reported_by_others"}


@lru_cache(maxsize=1)
def _city() -> list[Birth]:
    return make_city()


def demo_places() -> list[DemoPlace]:
    """A spot in each community, for the rows that plugins plant."""
    communities = [grid for grid in _city() if grid.level == "community"]
    middles = [shapely.point_on_surface(grid.polygon) for grid in communities]
    return [
        DemoPlace(grid.name.removesuffix("社区"), round(middle.x) / SCALE, round(middle.y) / SCALE)
        for grid, middle in zip(communities, middles, strict=True)
    ]


def _load_grids(session: WorkSession, city: list[Birth]) -> None:
    if not is_empty(session):
        raise Refused(_("This instance has grids already; the demonstration city needs an empty one"))
    options = ImportOptions(level="micro", scheme="S15", reason="示范数据", valid_from=days_ago(FIRST_DAYS))
    first, changes = past_of(city)
    prepared = Prepared(options, coverage_version(session), births=tuple(first), exact=True, rows=len(first))
    apply(session, prepared)
    apply_past(session, changes)
    mark_demo(session)
    _mark(session, "grids")


def _load_matters(actor: Actor, city: list[Birth], progress: Progress) -> None:
    with work(actor) as session:
        present = session.scalar(text("select count(*) from core.matter")) or 0
        current_index(session)
        crews = _crews(session, city)
        zone = instance_values(session).zone
    leaves = [grid for grid in city if grid.level == "micro"]
    load_matters(MATTERS - present, leaves, crews, clock.now(), zone, progress)
    with work(actor) as session:
        _mark(session, "matters")


def _load_plans(actor: Actor) -> None:
    with work(actor) as session:
        sql = "select id from core.user_account where login like :like order by login"
        drawer, decider = (
            actor_of_user(session, user_id)
            for user_id in session.scalars(text(sql), {"like": f"{PREFIX}gis-admin-%"}).all()
        )
    assert drawer is not None
    assert decider is not None
    load_plans(drawer, decider)
    with work(actor) as session:
        _mark(session, "plans")


def _crews(session: WorkSession, city: list[Birth]) -> dict[str, Crew]:
    """For each community its worker, or one of the desk where none walks, and its street's head."""
    rows = session.execute(
        text(
            'select u.id, g.role, s.code from core.user_account u join core."grant" g on g.user_id = u.id'
            " left join core.grid_state s on s.grid_id = g.grid_id and upper_inf(s.valid)"
            " where u.login like :like and g.revoked_at is null order by u.login"
        ),
        {"like": f"{PREFIX}%"},
    ).all()
    actors = {row[0]: actor_of_user(session, row[0]) for row in rows}
    heads = {row[2]: actors[row[0]] for row in rows if row[1] == "grid_head"}
    workers = {row[2]: actors[row[0]] for row in rows if row[1] == "worker"}
    desk = next(actors[row[0]] for row in rows if row[1] == "desk")
    crews = {}
    for community in (grid for grid in city if grid.level == "community"):
        worker, head = workers.get(community.code, desk), heads[community.parent]
        assert worker is not None
        assert head is not None
        crews[community.code] = Crew(worker, head)
    return crews


def _stage(session: WorkSession) -> str | None:
    row = session.get(Setting, KEY)
    return str(row.value["stage"]) if row else None


def _mark(session: WorkSession, stage: str) -> None:
    row = session.get(Setting, KEY)
    if row is None:
        session.add(Setting(key=KEY, value={"stage": stage}))
    else:
        row.value = {"stage": stage}
