"""Codes for what a plan bears: proposed by the scheme of the grid above, never one that was used before."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import islice
from uuid import UUID

from sqlalchemy import text

from core.errors import Refused
from core.grids.codes import check_general, scheme_of
from core.grids.plans.working import Node, WorkingCopy
from core.text import noop as _

BATCH = 200


def free_codes(copy: WorkingCopy, level: str, parent: Node, count: int) -> list[str]:
    """The next free codes for grids of a level below a parent.

    :raises Refused: when the scheme has no more.
    """
    serials = scheme_of(parent.code, parent.level).serials(level, parent.code)
    found: list[str] = []
    while len(found) < count:
        some = list(islice(serials, max(count, BATCH)))
        if not some:
            raise Refused(
                _(
                    "Below %(parent)s the code scheme has no room for %(count)s more grids of level %(level)s: "
                    "give codes of your own, or make fewer grids"
                ),
                parent=parent.code,
                count=count,
                level=level,
            )
        taken = _taken(copy, some)
        found += [code for code in some if code not in taken]
    return found[:count]


def refuse_taken(
    copy: WorkingCopy, codes: Sequence[str], *, own: int | None = None, reverts: UUID | None = None
) -> None:
    """Refuse codes that break the general rules, stand twice, or are or were another grid's.

    :param own: a grid that may take back a code that it bore itself.
    :param reverts: a change that is taken back: the codes of grids that it retired are free.
    """
    wrong = next((fault for code in codes if (fault := check_general(code))), None)
    if wrong is not None:
        raise Refused(wrong.text.message, **wrong.text.params)
    taken = sorted(_taken(copy, codes, own, reverts) | {code for code in codes if codes.count(code) > 1})
    if taken:
        raise Refused(
            _("Code %(code)s belongs or belonged to another grid: choose another, such as a new serial number"),
            code=taken[0],
        )


def _taken(copy: WorkingCopy, codes: Sequence[str], own: int | None = None, reverts: UUID | None = None) -> set[str]:
    """Those that a grid bears in the plan or ever bore: a code is never given twice.

    Of a change that is taken back only the last who bore a code counts: those before passed it on in the same way.
    """
    sql = text(
        "select code from (select distinct on (s.code) s.code, g.retired_by from core.grid_state s"
        " join core.grid g on g.id = s.grid_id where s.code = any(:codes) and s.grid_id is distinct from :own"
        " order by s.code, s.id desc) last where (retired_by = cast(:reverts as uuid)) is not true"
    )
    values = {"codes": list(codes), "own": own, "reverts": reverts}
    return set(copy.session.scalars(sql, values)) | (set(codes) & copy.nodes.keys())
