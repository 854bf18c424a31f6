"""Who is told of a plan: those who may decide on it, those who drew it, and who holds something in grids it changes."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Final
from uuid import UUID

from sqlalchemy import text

from core.access.granted import people_who_may
from core.db.session import WorkSession
from core.grids.hanging import holders
from core.grids.models import GridPlan
from core.grids.plans.allowed import above
from core.grids.plans.holding import about, place_of
from core.grids.plans.outcome import Outcome
from core.notices.service import tell, tell_each
from core.text import Text, listed
from core.text import noop as _

UNDER: Final = _("The plan “%(plan)s” changed %(grids)s in %(above)s, for which you are responsible")
NAMED: Final = 3
"""Of how many grids a notice gives the names."""
BORN: Final = "select grid_id, name from core.grid_state where code = any(:codes) and upper_inf(valid)"
ABOVE: Final = """
select s.grid_id, u.grid_id, u.name from core.grid_state s
cross join unnest(string_to_array(s.path::text, '.')::bigint[]) with ordinality up(id, depth)
join core.grid_state u on u.grid_id = up.id and upper_inf(u.valid)
where s.grid_id = any(:ids) and upper_inf(s.valid) and u.grid_id <> s.grid_id
order by s.grid_id, up.depth desc
"""
"""Grids with each of those above them, the nearest first."""


@dataclass(frozen=True)
class Holdings:
    """What people hold in some grids.

    :param names: id of a grid → its name.
    :param held: person → ids of those grids in which they hold a role or a post.
    :param overseen: person → (id of a grid that nobody holds, id of the nearest above it in which somebody, and so
        this person, holds something).
    """

    names: Mapping[int, str]
    held: Mapping[UUID, frozenset[int]]
    overseen: Mapping[UUID, frozenset[tuple[int, int]]] = field(default_factory=dict)

    def of(self, person: UUID) -> Text | None:
        """The grids of one person in words; ``None`` where they hold nothing."""
        return self._words(self.held.get(person, ()))

    def below(self, person: UUID) -> dict[str, Text]:
        """In words the ``grids`` that nobody holds below those of one person, and these: those ``above`` them."""
        pairs = self.overseen.get(person, ())
        words = {"grids": self._words({pair[0] for pair in pairs}), "above": self._words({pair[1] for pair in pairs})}
        return {name: said for name, said in words.items() if said is not None}

    def _words(self, ids: Iterable[int]) -> Text | None:
        names = sorted(self.names[grid_id] for grid_id in ids)
        if not names:
            return None
        if len(names) <= NAMED:
            return listed(names)
        return Text(_("%(names)s and %(n)s more"), {"names": listed(names[:NAMED]), "n": len(names) - NAMED})


def tell_deciders(session: WorkSession, plan: GridPlan) -> None:
    """Tell those who may decide on a plan that it was handed in, but those who drew it."""
    people = set(people_who_may(session, "plan.approve", above(place_of(session, plan)))) - _drawers(plan)
    said = _text(session, plan, _("%(by)s handed the plan “%(plan)s” in for you to decide on"))
    tell(session, people, said, about(plan), asks=True)


def tell_drawers(session: WorkSession, plan: GridPlan, message: str, **values: Text | str) -> None:
    """Tell those who drew a plan what became of it, but whoever did it.

    :param message: with places for ``plan``, its title, ``by``, who acts, and ``values``.
    """
    tell(session, _others(session, plan), _text(session, plan, message, **values), about(plan))


def approvers(plan: GridPlan) -> list[str]:
    """Who approved a plan as it stands, for `tell_taken_away` once it does so no longer."""
    return [plan.decided_by] if plan.state == "approved" and plan.decided_by else []


def tell_taken_away(session: WorkSession, plan: GridPlan, message: str, approved_by: Iterable[str]) -> None:
    """Tell those who drew a plan, and who had approved it, that somebody else took it away."""
    people = {*_drawers(plan), *_people(approved_by)} - {session.actor.user_id}
    tell(session, people, _text(session, plan, message), about(plan))


def tell_failed(session: WorkSession, plan: GridPlan, why: Text) -> None:
    """Tell those who drew a plan, and who set the moment for it, that it could not be applied then."""
    people = {*_drawers(plan), *_people([plan.decided_by or ""])}
    said = _text(session, plan, _("The plan “%(plan)s” could not be applied at its moment: %(why)s"), why=why)
    tell(session, people, said, about(plan))


def holdings_before(session: WorkSession, outcome: Outcome) -> Holdings:
    """What people hold in grids that a plan will change or end, or above such that nobody holds; asked before it is
    written.
    """
    nodes = [*outcome.retired, *outcome.divided, *(before for before, _after in outcome.changed)]
    own = _holdings(session, {node.grid_id: node.name for node in nodes if node.grid_id is not None})
    bare = own.names.keys() - {grid_id for ids in own.held.values() for grid_id in ids}
    return _overseen(session, own, bare) if bare else own


def _overseen(session: WorkSession, own: Holdings, bare: Iterable[int]) -> Holdings:
    """With it who holds something in the nearest grid above each that nobody holds."""
    rows = session.execute(text(ABOVE), {"ids": list(bare)}).all()
    uppers = {row[1]: str(row[2]) for row in rows}
    holding = holders(session, uppers)
    held = {upper for ids in holding.values() for upper in ids}
    nearest: dict[int, int] = {}
    for grid_id, upper, _name in rows:
        if upper in held:
            nearest.setdefault(grid_id, upper)
    overseen = {
        person: frozenset(pair for pair in nearest.items() if pair[1] in ids) for person, ids in holding.items()
    }
    return replace(
        own, names={**uppers, **own.names}, overseen={person: pairs for person, pairs in overseen.items() if pairs}
    )


def tell_applied(session: WorkSession, plan: GridPlan, outcome: Outcome, before: Holdings) -> None:
    """Tell that a plan is in force: everybody once who holds or held something in its grids, whoever is the next above
    grids that nobody holds, and those who drew it.
    """
    kept = [*((node, node) for node in outcome.divided), *outcome.changed]
    names = {old.grid_id: new.name for old, new in kept if old.grid_id is not None}
    if outcome.born:
        codes = [node.code for node in outcome.born]
        names |= {row[0]: row[1] for row in session.execute(text(BORN), {"codes": codes})}
    now = _holdings(session, names)
    said = {person: _text(session, plan, _("The plan “%(plan)s” is in force now")) for person in _others(session, plan)}
    for person in before.overseen.keys() - {session.actor.user_id}:
        said[person] = _text(session, plan, UNDER, **before.below(person))
    for person in {*before.held, *now.held}:
        said[person] = _moved(session, plan, before.of(person), now.of(person))
    tell_each(session, said, about(plan))


def _moved(session: WorkSession, plan: GridPlan, grids: Text | None, holds: Text | None) -> Text:
    """What somebody is told whose grids changed: which of them, and what they hold now."""
    if holds is None:
        message = _("The plan “%(plan)s” changed %(grids)s; you hold nothing there any more")
    else:
        message = _("The plan “%(plan)s” changed %(grids)s; you are now responsible for %(holds)s")
    return _text(session, plan, message, grids=grids or holds or "", holds=holds or "")


def _holdings(session: WorkSession, names: Mapping[int, str]) -> Holdings:
    return Holdings(names, holders(session, names) if names else {})


def _text(session: WorkSession, plan: GridPlan, message: str, **values: Text | str) -> Text:
    return Text(message, {"plan": plan.title, "by": session.actor.name, **values})


def _drawers(plan: GridPlan) -> set[UUID]:
    return set(_people(plan.drawers))


def _others(session: WorkSession, plan: GridPlan) -> set[UUID]:
    return _drawers(plan) - {session.actor.user_id}


def _people(actors: Iterable[str]) -> Iterable[UUID]:
    """The persons among actors: the command line and jobs read no notices."""
    for actor in actors:
        try:
            yield UUID(actor)
        except ValueError:
            continue
