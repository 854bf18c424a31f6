"""The steps of a draft carried out without beginning anew each time: what earlier ones came to is kept for a while.

One further step, its check and its drawing on the map all ask for the same steps. They come to the same as long as no
grid of the city changes, so that what a process kept is found by the newest change and the steps so far.
"""

from __future__ import annotations

import hashlib
import json
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import replace
from threading import Lock
from typing import Final, NamedTuple

from sqlalchemy import text

from core.db.session import WorkSession
from core.grids.plans.carrying import carry_out_all
from core.grids.plans.operating import Operation
from core.grids.plans.results import Mended, Misfit
from core.grids.plans.working import Node, WorkingCopy

MOST_KEPT: Final = 12
LARGEST: Final = 2_000
"""Grids of a working copy that is kept: about 4 MB of outlines, most of them shared by the steps of a draft."""
NEWEST: Final = "select id from core.grid_change order by version desc limit 1"


class _Reached(NamedTuple):
    """A working copy after some steps."""

    nodes: dict[str, Node]
    origins: dict[int, Node]
    mended: list[Mended]


_kept: OrderedDict[bytes, _Reached] = OrderedDict()
_lock = Lock()


def replay(
    session: WorkSession, operations: Sequence[Operation], *, anew: bool = False
) -> tuple[WorkingCopy, list[Operation], list[Misfit]]:
    """Carry steps out on a new working copy, from the longest row of first steps that this process knows.

    :param anew: let the scheme propose its codes again, from the first step on.
    :returns: the working copy, what was done, and what does not fit.
    """
    copy = WorkingCopy(session)
    newest = str(session.scalar(text(NEWEST)))
    known = 0 if anew else _resume(copy, _keys(newest, operations))
    done, misfits = carry_out_all(copy, operations[known:], anew=anew)
    done = [*operations[:known], *done]
    if not misfits and len(copy.nodes) <= LARGEST:
        _keep(copy, _keys(newest, done)[-1])
    return copy, done, [replace(misfit, number=misfit.number + known) for misfit in misfits]


def _keys(newest: str, operations: Sequence[Operation]) -> list[bytes]:
    """A name of the steps up to each position; the first is of none at all."""
    keys = [newest.encode()]
    for operation in operations:
        said = json.dumps(operation.as_json(), sort_keys=True)
        keys.append(hashlib.sha256(keys[-1] + said.encode()).digest())
    return keys


def _resume(copy: WorkingCopy, keys: Sequence[bytes]) -> int:
    """Take over what is kept; how many steps that were."""
    with _lock:
        for count in range(len(keys) - 1, 0, -1):
            reached = _kept.get(keys[count])
            if reached is not None:
                _kept.move_to_end(keys[count])
                copy.nodes, copy.origins = dict(reached.nodes), dict(reached.origins)
                copy.mended = list(reached.mended)
                return count
    return 0


def _keep(copy: WorkingCopy, key: bytes) -> None:
    with _lock:
        _kept[key] = _Reached(dict(copy.nodes), dict(copy.origins), list(copy.mended))
        _kept.move_to_end(key)
        while len(_kept) > MOST_KEPT:
            _kept.popitem(last=False)
