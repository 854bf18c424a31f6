"""Operations carried out on the city as it stands, nothing written: what they come to, or which does not fit."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, NoReturn

from sqlalchemy import text

from core.db.session import WorkSession
from core.errors import Objection, Refused
from core.grids.plans.allowed import PLACE_ENDED
from core.grids.plans.operating import Operation
from core.grids.plans.operations import Load
from core.grids.plans.outcome import Outcome, outcome_of
from core.grids.plans.replaying import replay
from core.grids.plans.results import Mended, Misfit
from core.grids.plans.unfit import Unfit
from core.grids.plans.working import WorkingCopy, newest_states
from core.grids.queries import grid_by_id
from core.text import noop as _


@dataclass(frozen=True)
class CheckedPlan:
    """What operations come to.

    :param operations: those that fit, with what was proposed for them.
    :param unfit: those that do not, with the reasons.
    :param drawn_on: grid id → state of every grid that would change, end or be divided, or that a layer replaces.
    :param mended: what loaded layers needed to tile exactly, grid by grid.
    :param copy: the grids around as the operations leave them.
    """

    operations: tuple[Operation, ...]
    unfit: tuple[Misfit, ...]
    outcome: Outcome
    drawn_on: dict[str, Any]
    copy: WorkingCopy
    mended: tuple[Mended, ...] = ()


def check_operations(
    session: WorkSession,
    parent_id: int,
    operations: Sequence[Operation],
    *,
    leave_out: bool = False,
    anew: bool = False,
    sent: int = 0,
) -> CheckedPlan:
    """Carry operations out one after another.

    :param parent_id: the grid inside which they must stay.
    :param leave_out: go on without those that do not fit, instead of refusing.
    :param anew: let the scheme propose its codes again.
    :param sent: how many of the last ones come with this request, the others being the plan's already.
    :raises Refused: with the first that does not fit: by its number among all, with a pointer into what was sent.
    """
    copy, done, unfit = replay(session, operations, anew=anew)
    if unfit and not leave_out:
        _refuse(unfit[0], unfit[0].number - 1 - (len(operations) - sent))
    outcome = outcome_of(copy)
    divided = {node.parent for node in outcome.born}
    touched = [
        *(node.grid_id for node in outcome.retired),
        *(before.grid_id for before, _after in outcome.changed),
        *(node.grid_id for node in copy.nodes.values() if node.code in divided),
    ]
    concerned = sorted({grid_id for grid_id in touched if grid_id is not None})
    noded = [before.grid_id for before, _after in outcome.noded if before.leaf and before.grid_id is not None]
    _stay_inside(session, parent_id, concerned, noded)
    replaced = {int(grid_id) for each in done if isinstance(each, Load) for grid_id in each.drawn_on or ()}
    standing = newest_states(session, {*concerned, *replaced})
    return CheckedPlan(
        tuple(done),
        tuple(unfit),
        outcome,
        {str(grid_id): state for grid_id, (_code, state) in standing.items()},
        copy,
        tuple(copy.mended),
    )


def _refuse(misfit: Misfit, place: int) -> NoReturn:
    """Refuse because of one operation.

    :param place: where it stands in what was sent, from 0; below that it is a step that the plan has already.
    """
    refusal = misfit.refusal
    pointer = f"/operations/{place}" if place >= 0 else ""
    raise Unfit(
        _("Step %(number)s of the plan (%(op)s): %(why)s"),
        place=refusal.place if isinstance(refusal, Unfit) else None,
        objections=[replace(one, pointer=pointer) for one in refusal.objections or [Objection(refusal.text)]],
        number=misfit.number,
        op=misfit.operation.word,
        why=refusal.text,
    ) from refusal


def _stay_inside(session: WorkSession, parent_id: int, concerned: Sequence[int], noded: Sequence[int]) -> None:
    """Refuse what would change or divide grids, or bear grids below those, that do not lie in the plan's own.

    A leaf outside may only get vertices on a border with one inside.
    """
    place = grid_by_id(session, parent_id)
    if place is None:
        raise Refused(PLACE_ENDED)
    inside = "path <@ cast(:path as ltree)"
    rows = session.execute(
        text(f"select grid_id, code, {inside} from core.grid_state where grid_id = any(:ids) and upper_inf(valid)"),
        {"ids": [*concerned, *noded], "path": place.path},
    ).all()
    alone = not any(row[2] for row in rows)
    foreign = [code for grid_id, code, is_inside in rows if not is_inside and (alone or grid_id in set(concerned))]
    outside = min(foreign, default=None)
    if outside is not None:
        raise Refused(
            _("Grid %(code)s lies outside %(parent)s: draw the plan in a grid that holds both"),
            code=outside,
            parent=place.code,
        )
