"""Who is told of a plan: those who may decide on it, those who drew it, and who holds something in grids it changes."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from sqlalchemy import text

from core.access.granted import people_who_may
from core.db.session import WorkSession
from core.grids.hanging import holders
from core.grids.models import GridPlan
from core.grids.plans.allowed import above
from core.grids.plans.holding import place_of
from core.grids.plans.outcome import Outcome
from core.notices.service import tell, tell_each
from core.notices.views import About
from core.text import Text, listed
from core.text import noop as _

NAMED: Final = 3
"""Of how many grids a notice gives the names."""
BORN: Final = "select grid_id, name from core.grid_state where code = any(:codes) and upper_inf(valid)"


@dataclass(frozen=True)
class Standing:
    """What people hold in some grids.

    :param names: id of a grid → its name.
    :param held: person → ids of those grids in which they hold a role or a post.
    """

    names: Mapping[int, str]
    held: Mapping[UUID, frozenset[int]]

    def of(self, person: UUID) -> Text | None:
        """The grids of one person in words; ``None`` where they hold nothing."""
        names = sorted(self.names[grid_id] for grid_id in self.held.get(person, ()))
        if not names:
            return None
        if len(names) <= NAMED:
            return listed(names)
        return Text(_("%(names)s and %(n)s more"), {"names": listed(names[:NAMED]), "n": len(names) - NAMED})


def tell_deciders(session: WorkSession, plan: GridPlan) -> None:
    """Tell those who may decide on a plan that it was handed in, but those who drew it."""
    people = set(people_who_may(session, "plan.approve", above(place_of(session, plan)))) - _drawers(plan)
    said = _text(session, plan, _("%(by)s handed the plan “%(plan)s” in for you to decide on"))
    tell(session, people, said, _about(plan))


def tell_drawers(session: WorkSession, plan: GridPlan, message: str, **values: Text | str) -> None:
    """Tell those who drew a plan what became of it, but whoever did it.

    :param message: with places for ``plan``, its title, ``by``, who acts, and ``values``.
    """
    tell(session, _others(session, plan), _text(session, plan, message, **values), _about(plan))


def standing_before(session: WorkSession, outcome: Outcome) -> Standing:
    """What people hold in grids that a plan will change or end; asked before it is written."""
    nodes = [*outcome.retired, *outcome.divided, *(before for before, _after in outcome.changed)]
    return _standing(session, {node.grid_id: node.name for node in nodes if node.grid_id is not None})


def tell_applied(session: WorkSession, plan: GridPlan, outcome: Outcome, before: Standing) -> None:
    """Tell that a plan is in force: everybody once who holds or held something in its grids, then those who drew it."""
    kept = [*((node, node) for node in outcome.divided), *outcome.changed]
    names = {old.grid_id: new.name for old, new in kept if old.grid_id is not None}
    if outcome.born:
        codes = [node.code for node in outcome.born]
        names |= {row[0]: row[1] for row in session.execute(text(BORN), {"codes": codes})}
    now = _standing(session, names)
    said = {person: _text(session, plan, _("The plan “%(plan)s” is in force now")) for person in _others(session, plan)}
    for person in {*before.held, *now.held}:
        said[person] = _moved(session, plan, before.of(person), now.of(person))
    tell_each(session, said, _about(plan))


def _moved(session: WorkSession, plan: GridPlan, grids: Text | None, holds: Text | None) -> Text:
    """What somebody is told whose grids changed: which of them, and what they hold now."""
    if holds is None:
        message = _("The plan “%(plan)s” changed %(grids)s; you hold nothing there any more")
    else:
        message = _("The plan “%(plan)s” changed %(grids)s; you are now responsible for %(holds)s")
    return _text(session, plan, message, grids=grids or holds or "", holds=holds or "")


def _standing(session: WorkSession, names: Mapping[int, str]) -> Standing:
    return Standing(names, holders(session, names) if names else {})


def _text(session: WorkSession, plan: GridPlan, message: str, **values: Text | str) -> Text:
    return Text(message, {"plan": plan.title, "by": session.actor.name, **values})


def _about(plan: GridPlan) -> About:
    return About("plan", str(plan.id))


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
