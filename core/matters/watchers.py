"""Who watches over the time limits of matters: whoever works on them, and, step by step, those above."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Final
from uuid import UUID

from core.access.granted import roles_held_in
from core.db.session import WorkSession
from core.grids.queries import grids_by_ids
from core.grids.views import LEVELS
from core.matters.telling import person_of
from core.org.queries import posts_held_in

WORK: Final = frozenset({"worker", "deputy"})
HEAD: Final = frozenset({"grid_head"})
OVERSEE: Final = frozenset({"grid_head", "leader", "desk"})
Place = int | None
"""Id of a grid; ``None`` is the whole city."""


@dataclass
class Watchers:
    """Who is told of the matters of each grid, as roles and posts are held now; each grid is asked for once.

    :param chains: id of a grid → the grids from itself up, the nearest first, each with its level.
    :param held: id of a grid → role or kind of post → who holds it there.
    """

    chains: dict[Place, tuple[tuple[Place, str], ...]] = field(default_factory=dict)
    held: dict[Place, dict[str, set[UUID]]] = field(default_factory=dict)
    _told: dict[tuple[Place, str | None, int], frozenset[UUID]] = field(default_factory=dict)

    def learn(self, session: WorkSession, grid_ids: Iterable[Place]) -> None:
        """Read what is not known yet of some grids and those above them."""
        views = grids_by_ids(session, {each for each in grid_ids if each is not None and each not in self.chains})
        paths = {grid_id: [int(label) for label in view.path.split(".")] for grid_id, view in views.items()}
        above = {each for path in paths.values() for each in path} - views.keys()
        levels = {each: view.level for each, view in (views | grids_by_ids(session, above)).items()}
        for grid_id, path in paths.items():
            self.chains[grid_id] = tuple((each, levels[each]) for each in reversed(path) if each in levels)
        new: set[Place] = {None, *levels} - self.held.keys()
        self.held.update({place: {} for place in new})
        holding = [*roles_held_in(session, new), *posts_held_in(session, levels)]
        for person, place, what in holding:
            self.held[place].setdefault(what, set()).add(person)

    def told(self, grid_id: Place, handler: str | None, percent: int) -> frozenset[UUID]:
        """Who is told when so much of a time limit has passed; those of the earlier steps are told again."""
        key = grid_id, handler, percent
        if key not in self._told:
            self._told[key] = frozenset(self._seek(grid_id, handler, percent))
        return self._told[key]

    def _seek(self, grid_id: Place, handler: str | None, percent: int) -> set[UUID]:
        chain = self.chains.get(grid_id, ())
        places = [place for place, _level in chain] or [None]
        person = person_of(handler)
        found = {person} if person else self._nearest(places, WORK)
        if percent >= 80:
            found |= self._nearest(places, HEAD)
        if percent >= 100:
            found |= self._nearest(_from(chain, "street"), OVERSEE)
        if percent >= 150:
            found |= self._nearest(_from(chain, "county"), OVERSEE)
        return found

    def _nearest(self, places: Collection[Place], roles: frozenset[str]) -> set[UUID]:
        """Who holds one of some roles in the first place in which anybody does."""
        for place in places:
            held: Mapping[str, set[UUID]] = self.held.get(place, {})
            if found := {person for role in roles for person in held.get(role, ())}:
                return found
        return set()


def _from(chain: Collection[tuple[Place, str]], level: str) -> list[Place]:
    """The grids of a chain from a level up; the whole city above them."""
    highest = LEVELS.index(level)
    return [*(place for place, own in chain if LEVELS.index(own) <= highest), None]
