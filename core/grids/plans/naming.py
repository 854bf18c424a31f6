"""Codes and names for what a plan bears.

Codes are proposed by the scheme of the grid above, never one that was used before; names go on with the numbers of the
grids beside.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from itertools import islice
from typing import Final
from uuid import UUID

from sqlalchemy import text

from core.errors import Refused
from core.grids.codes import check_general, s15_prefix, scheme_of
from core.grids.imports.rows import LONGEST_NAME
from core.grids.levels import TITLES
from core.grids.plans.working import Node, WorkingCopy
from core.text import Text
from core.text import noop as _

BATCH = 200
NUMBERED: Final = re.compile(r"(.*?)(\d+)(\D*)", re.DOTALL)
CHINESE: Final = re.compile(r"[\u4e00-\u9fff]")
FIRST: Final = {
    "county": "{above}第{n}县", "street": "{above}第{n}街道", "community": "{above}第{n}社区",
    "grid": "{above}第{n}网格", "micro": "{above}{n:02d}微网格",
}  # fmt: skip
"""What the first grids below one with a Chinese name are called, as cities number them."""


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
                level=Text(TITLES[level]),
            )
        taken = _taken(copy, some)
        found += [code for code in some if code not in taken]
    _refuse_wrong(found[:count])
    return found[:count]


def free_names(copy: WorkingCopy, level: str, parent: Node, codes: Sequence[str]) -> list[str]:
    """Names for new grids of a level below a parent, with the next numbers in the way most of those beside bear them:
    those of the codes, where most of these bear the numbers of theirs.

    Where nothing shows how they are named, the first Chinese ones are numbered below the parent's name. All others, and
    those whose name would be too long, are called by their codes.
    """
    names = _names(copy, level, parent, codes)
    return [name if len(name) <= LONGEST_NAME else code for name, code in zip(names, codes, strict=True)]


def _names(copy: WorkingCopy, level: str, parent: Node, codes: Sequence[str]) -> list[str]:
    nodes = [node for node in copy.below(parent.code) if node.level == level]
    beside = [(node, found) for node in nodes if (found := NUMBERED.fullmatch(node.name))]
    ways = Counter((found[1], found[3]) for _node, found in beside)
    if not ways:
        numbered = FIRST.get(level, "") if CHINESE.search(parent.name) else ""
        return [numbered.format(above=parent.name, n=n) or code for n, code in enumerate(codes, 1)]
    (before, after), _often = ways.most_common(1)[0]
    alike = {node.code: found[2] for node, found in beside if (found[1], found[3]) == (before, after)}
    width = min(map(len, alike.values()))
    numbers = _numbers(parent, {code: int(number) for code, number in alike.items()}, codes)
    return [f"{before}{number:0{width}d}{after}" for number in numbers]


def _numbers(parent: Node, beside: Mapping[str, int], codes: Sequence[str]) -> list[int]:
    """Those of the codes, where most names beside bear the numbers of theirs and no name bears one of these; else the
    next ones.

    :param beside: code → number of the name.
    """
    follow = sum(number == _serial(code, parent) for code, number in beside.items())
    own = [number for code in codes if (number := _serial(code, parent)) is not None]
    if 2 * follow > len(beside) and len(own) == len(codes) and not {*own} & {*beside.values()}:
        return own
    return [max(beside.values()) + n for n in range(1, len(codes) + 1)]


def _serial(code: str, parent: Node) -> int | None:
    """The number that a code has below that of the grid above; ``None`` where it is of another kind."""
    prefix = s15_prefix(parent.code)
    own = code.removeprefix(prefix).removeprefix("-") if code.startswith(prefix) else ""
    return int(own) if own.isdecimal() else None


def refuse_taken(
    copy: WorkingCopy,
    codes: Sequence[str],
    *,
    own: int | None = None,
    reverts: UUID | None = None,
    proposed: bool = False,
) -> None:
    """Refuse codes that break the general rules, stand twice, or are or were another grid's.

    :param own: a grid that may take back a code that it bore itself.
    :param reverts: a change that is taken back: the codes of grids that it retired are free.
    :param proposed: whether the scheme proposed them, and would propose others by now.
    """
    _refuse_wrong(codes)
    twice = next((code for code in codes if codes.count(code) > 1), None)
    if twice is not None:
        raise Refused(_("Code %(code)s is given twice: give each grid its own"), code=twice)
    taken = sorted(_taken(copy, codes, own, reverts))
    if taken and proposed:
        raise Refused(
            _("Code %(code)s, which was proposed for it, was taken since: drawn anew it gets the next free one"),
            code=taken[0],
        )
    if taken:
        raise Refused(
            _("Code %(code)s belongs or belonged to %(grid)s: choose another, such as a new serial number"),
            code=taken[0],
            grid=_whose(copy, taken[0]),
        )


def _refuse_wrong(codes: Sequence[str]) -> None:
    """Refuse codes that break the general rules, given ones as well as those that the scheme makes of a long one."""
    wrong = next((fault for code in codes if (fault := check_general(code))), None)
    if wrong is not None:
        raise Refused(wrong.text)


def _whose(copy: WorkingCopy, code: str) -> str:
    """Whose a code is or was last, by name."""
    if code in copy.nodes:
        return copy.nodes[code].name
    sql = text("select name from core.grid_state where code = :code order by id desc limit 1")
    return str(copy.session.scalar(sql, {"code": code}) or code)


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
