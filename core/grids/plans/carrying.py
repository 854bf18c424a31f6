"""Operations carried out on the working copy one after another; one that is refused leaves it as it was."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from core.errors import Refused
from core.gistext import explain
from core.grids.plans.drawing import draw
from core.grids.plans.missing import present_codes, refusal_of_absent
from core.grids.plans.operating import Operation
from core.grids.plans.results import Misfit
from core.grids.plans.unfit import Unfit
from core.grids.plans.working import Absent, Node, WorkingCopy
from gis.errors import GisError


def carry_out_all(
    copy: WorkingCopy, operations: Sequence[Operation], *, anew: bool = False
) -> tuple[list[Operation], list[Misfit]]:
    """Carry out what fits, one after another.

    :param anew: where the scheme proposed codes it proposes them again, and later operations follow them; grids that
        bear another code by now are named by that.
    :returns: what was done, and what does not fit.
    """
    done: list[Operation] = []
    misfits: list[Misfit] = []
    codes: dict[str, str] = {}
    for number, operation in enumerate(operations, 1):
        wanted = _anew(copy, operation.renamed(codes)) if anew else operation
        try:
            done.append(carry_out(copy, wanted))
        except Refused as refusal:
            misfits.append(Misfit(number, operation, refusal))
        else:
            codes |= dict(zip(operation.proposed_codes, done[-1].proposed_codes, strict=False)) if anew else {}
    return done, misfits


def _anew(copy: WorkingCopy, operation: Operation) -> Operation:
    return operation.renamed(present_codes(copy, operation)).unproposed()


def carry_out(copy: WorkingCopy, operation: Operation) -> Operation:
    """Change the working copy as the operation says; it stays as it was where that is refused.

    :returns: the operation, with what was proposed for it.
    :raises Refused: with what stands against it, and where.
    """
    before = dict(copy.nodes)
    known = set(copy.origins)
    try:
        return draw(operation, copy)
    except GisError as error:
        _put_back(copy, before, known)
        raise Unfit(explain(error), place=_place(error.params)) from error
    except Absent as absent:
        _put_back(copy, before, known)
        raise refusal_of_absent(copy, absent) from absent
    except Refused:
        _put_back(copy, before, known)
        raise


def _place(params: Mapping[str, Any]) -> tuple[float, float] | None:
    return (params["lon"], params["lat"]) if {"lon", "lat"} <= params.keys() else None


def _put_back(copy: WorkingCopy, before: Mapping[str, Node], known: set[int]) -> None:
    read = {node.code: node for grid_id, node in copy.origins.items() if grid_id not in known}
    copy.nodes.clear()
    copy.nodes.update({**read, **before})
