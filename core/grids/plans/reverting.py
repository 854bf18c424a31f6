"""The inverse of an applied change, as operations on the city as it stands; what no longer fits is left and said."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import text

from core.db.session import WorkSession
from core.errors import NotFound, Refused
from core.grids.reading import LEAF_NOW
from core.text import Text
from core.text import noop as _

STATES = """
select s.grid_id, s.id, s.code, s.name, s.kind, g.level, s.parent_id, s.shape_id, s.path::text, s.noded,
  exists (select 1 from core.grid_state c where c.parent_id = s.grid_id and {then}) as parent
from core.grid_state s join core.grid g on g.id = s.grid_id where {where} order by s.id
"""
JUST_BEFORE = "lower(c.valid) < :at and (upper_inf(c.valid) or upper(c.valid) >= :at)"
REDRAWN_SINCE = """
select grid_id from (
  select grid_id, noded, shape_id <> lag(shape_id) over (partition by grid_id order by id) as other
  from core.grid_state where id >= :first and grid_id = any(:ids)
) later where other and not noded
"""


@dataclass(frozen=True)
class GridThen:
    """What held of a grid for a period."""

    grid_id: int
    state_id: int
    code: str
    name: str
    kind: str
    level: str
    parent_id: int | None
    shape_id: int
    path: str
    noded: bool
    parent: bool


class GridNow(NamedTuple):
    """A grid as it stands, with its path of ids."""

    code: str
    path: str


@dataclass(frozen=True)
class Inverse:
    """What would take a change back.

    :param operations: in JSON, in order.
    :param unfit: why something of it cannot be taken back.
    """

    operations: tuple[Mapping[str, Any], ...]
    unfit: tuple[Text, ...]


def inverse_of(session: WorkSession, change_id: UUID) -> Inverse:
    """The operations that would take a change back, on the city as it stands.

    A grid that goes on gets its code, parent, outline and name back. One that the change retired does not rise again:
    another begins, with its code. One that the change bore ends.
    """
    at = session.scalar(text("select at from core.grid_change where id = :id"), {"id": change_id})
    if at is None:
        raise NotFound(_("There is no such change"))
    values = {"change": change_id, "at": at}
    before = _states(session, "s.closed_by = :change", JUST_BEFORE, values)
    after = _states(session, "s.change_id = :change", "c.valid @> :at", values)
    above = {state.parent_id for state in after.values()} - after.keys() - before.keys() - {None}
    held = "s.grid_id = any(:ids) and lower(s.valid) < :at and s.valid @> :at"
    divided = _states(session, held, JUST_BEFORE, {"ids": list(above), "at": at})
    before |= {grid_id: state for grid_id, state in divided.items() if not state.parent}
    if not before:
        raise Refused(_("Before this change there was nothing: it cannot be taken back"))
    ids = sorted(before.keys() | after.keys())
    now = _states(session, "s.grid_id = any(:ids) and upper_inf(s.valid)", "upper_inf(c.valid)", {"ids": ids})
    return _Taker(session, change_id, before, after, now).inverse()


class _Taker:
    """Takes one change back."""

    def __init__(
        self,
        session: WorkSession,
        change_id: UUID,
        before: Mapping[int, GridThen],
        after: Mapping[int, GridThen],
        now: Mapping[int, GridThen],
    ) -> None:
        self.session, self.change_id = session, change_id
        self.before, self.after, self.now = before, after, now
        self.unfit: list[Text] = []
        self.codes = {grid_id: state.code for grid_id, state in now.items()}
        self.above = _grids_now(session, {state.parent_id for state in (*before.values(), *now.values())})

    def inverse(self) -> Inverse:
        recodes = list(self._back("code"))
        moves = list(self._moves())
        loads = self._load()
        renames = list(self._back("name"))
        return Inverse((*recodes, *moves, *loads, *renames), tuple(self.unfit))

    def _back(self, fact: str) -> Iterable[Mapping[str, Any]]:
        """Codes or names that the change gave, unless they were given anew since."""
        for grid_id, old, new, present in self._going_on():
            was, became, is_now = (getattr(state, fact) for state in (old, new, present))
            if was == became:
                continue
            if is_now != became:
                self._leave(_("Grid %(code)s was changed again since"), code=present.code)
            elif fact == "code":
                yield {"op": "recode", "grid": present.code, "code": was}
                self.codes[grid_id] = was
            else:
                yield {"op": "rename", "grid": self.codes[grid_id], "name": was}

    def _moves(self) -> Iterable[Mapping[str, Any]]:
        for grid_id, old, new, present in self._going_on():
            if old.parent_id == new.parent_id:
                continue
            above = self._code(old.parent_id)
            if present.parent_id != new.parent_id:
                self._leave(_("Grid %(code)s was changed again since"), code=present.code)
            elif above is None:
                self._leave(_("The grid above, in which %(code)s lay, is no more"), code=present.code)
            else:
                yield {"op": "move", "grid": self.codes[grid_id], "parent": above}

    def _going_on(self) -> Iterable[tuple[int, GridThen, GridThen, GridThen]]:
        for grid_id in sorted(self.before.keys() & self.after.keys()):
            if grid_id in self.now:
                yield grid_id, self.before[grid_id], self.after[grid_id], self.now[grid_id]
            else:
                self._leave(_("Grid %(code)s is retired by now"), code=self.after[grid_id].code)

    def _load(self) -> list[Mapping[str, Any]]:
        """One layer with the outlines of before, in the grid that holds all of them; then, from above, one in each
        grid that the change left without grids below it, or ended with them, with those that were there.
        """
        closed = {i for i, s in self.before.items() if s.parent and i in self.after and not self.after[i].parent}
        ended = self._ended()
        self.codes |= {i: self.before[i].code for i in ended}
        below: dict[int | None, list[GridThen]] = {
            i: [] for i in sorted(closed | ended, key=lambda i: (self.before[i].path.count("."), i))
        }
        old: list[GridThen] = []
        for grid_id, state in self.before.items():
            if grid_id in below or (not state.parent and self._redrawn(grid_id)):
                below.get(self._nearest(state, below), old).append(state)
        new = {i: s for i, s in self.after.items() if not s.parent and self._redrawn(i)}
        if not old and not new:
            return []
        changed = self._drawn_anew(new)
        if changed:
            self._leave(_("Grids were drawn anew since: %(codes)s"), codes=", ".join(changed))
            return []
        above = [state.parent_id for state in (*old, *(self.now[grid_id] for grid_id in new))]
        holding = [self.above.get(grid_id) for grid_id in dict.fromkeys(above)]
        if None in holding:
            self._leave(_("A grid that held what was drawn anew is no more"))
            return []
        top = _common([grid.path.split(".") for grid in holding if grid is not None])
        rows = [*self._staying(".".join(top), new.keys()), *self._as_they_were(old)]
        inner = ((self._code(i), list(self._as_they_were(own))) for i, own in below.items())
        layers = [(self._code(int(top[-1])), rows), *inner]
        return [
            {"op": "load", "parent": parent, "reverts": str(self.change_id), "polygons": polygons}
            for parent, polygons in layers
        ]

    def _ended(self) -> set[int]:
        """Grids with others below them that the change ended, and that can begin anew: nothing that lay in them goes
        on elsewhere.
        """
        elsewhere = {int(step) for i, state in self.before.items() if i in self.after for step in state.path.split(".")}
        return {i for i, state in self.before.items() if state.parent and i not in self.after and i not in elsewhere}

    def _nearest(self, state: GridThen, hosts: Mapping[int | None, Any]) -> int | None:
        """The lowest of some grids that a grid lay in."""
        return next((int(step) for step in reversed(state.path.split(".")[:-1]) if int(step) in hosts), None)

    def _redrawn(self, grid_id: int) -> bool:
        old, new = self.before.get(grid_id), self.after.get(grid_id)
        if old is None or new is None or old.parent != new.parent:
            return True
        return old.shape_id != new.shape_id and not new.noded

    def _drawn_anew(self, new: Mapping[int, GridThen]) -> list[str]:
        first = min((state.state_id for state in new.values()), default=0)
        values = {"first": first, "ids": list(new)}
        redrawn = set(self.session.scalars(text(REDRAWN_SINCE), values))
        return sorted(
            state.code
            for grid_id, state in new.items()
            if grid_id in redrawn or grid_id not in self.now or self.now[grid_id].parent
        )

    def _staying(self, top: str, without: Iterable[int]) -> list[dict[str, Any]]:
        """The leaves around, as they are."""
        sql = (
            "select s.grid_id, s.code, st_asgeojson(sh.geom, 7, 0) from core.grid_state s"
            " join core.grid_shape sh on sh.id = s.shape_id where upper_inf(s.valid) and s.path <@ cast(:top as ltree)"
            f" and s.grid_id <> all(:without) and {LEAF_NOW} order by s.code"
        )
        rows = self.session.execute(text(sql), {"top": top, "without": list(without)})
        return [{"code": self.codes.get(row[0], row[1]), "polygon": json.loads(row[2])} for row in rows]

    def _as_they_were(self, leaves: Sequence[GridThen]) -> Iterable[dict[str, Any]]:
        """Leaves as they were; one that was only divided keeps the vertices that its outline has got."""
        shapes = [self._shape(old) for old in leaves]
        sql = "select id, st_asgeojson(geom, 7, 0) from core.grid_shape where id = any(:ids)"
        outlines = {row[0]: row[1] for row in self.session.execute(text(sql), {"ids": shapes})}
        for old, shape in zip(leaves, shapes, strict=True):
            polygon = json.loads(outlines[shape])
            if old.grid_id in self.now:
                yield {"code": self.codes[old.grid_id], "polygon": polygon}
            else:
                yield {
                    "code": old.code, "name": old.name, "kind": old.kind, "level": old.level,
                    "parent": self._code(old.parent_id), "polygon": polygon,
                }  # fmt: skip

    def _shape(self, old: GridThen) -> int:
        new, present = self.after.get(old.grid_id), self.now.get(old.grid_id)
        return present.shape_id if present and (new is None or new.noded) else old.shape_id

    def _code(self, grid_id: int | None) -> str | None:
        """The code that a grid bears as the draft leaves it; none where it is retired."""
        above = self.above.get(grid_id)
        return self.codes.get(grid_id or 0) or (above.code if above else None)

    def _leave(self, message: str, **params: Any) -> None:
        said = Text(message, params)
        if said not in self.unfit:
            self.unfit.append(said)


def _states(session: WorkSession, where: str, then: str, values: Mapping[str, Any]) -> dict[int, GridThen]:
    rows = session.execute(text(STATES.format(where=where, then=then)), dict(values))
    return {row[0]: GridThen(*row) for row in rows}


def _grids_now(session: WorkSession, ids: Iterable[int | None]) -> dict[int | None, GridNow]:
    """Those of the grids that live, and all above them."""
    sql = (
        "select s.grid_id, s.code, s.path::text from core.grid_state s where upper_inf(s.valid) and s.grid_id in ("
        "  select unnest(string_to_array(held.path::text, '.')::bigint[])"
        "  from core.grid_state held where held.grid_id = any(:ids) and upper_inf(held.valid))"
    )
    rows = session.execute(text(sql), {"ids": [grid_id for grid_id in ids if grid_id is not None]})
    return {row[0]: GridNow(row[1], row[2]) for row in rows}


def _common(paths: list[list[str]]) -> list[str]:
    """The steps that all paths begin with."""
    shared = 0
    for steps in zip(*paths, strict=False):
        if len(set(steps)) > 1:
            break
        shared += 1
    return paths[0][:shared]
