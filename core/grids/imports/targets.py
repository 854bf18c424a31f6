"""Where in the tree a layer goes: under a living leaf, or on an empty tree as the root or under a new one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import text

from core.db.session import WorkSession
from core.grids.called import called
from core.grids.imports.draft import ImportOptions
from core.grids.queries import NO_SUCH_GRID, grid_by_code, grid_by_id, root_id
from core.grids.reading import load_shapes
from core.grids.views import GridView
from core.intake.refusals import Refusal, Remedy
from core.text import is_blank
from core.text import noop as _

ROOT_LEVEL = "city"


@dataclass(frozen=True)
class Target:
    """Where the layer goes.

    :param parent: the living leaf it goes under; ``None`` on an empty tree.
    :param outline: the parent's lattice polygon.
    :param root: on an empty tree code and name of a root to be made; ``None``: the layer's one polygon becomes it.
    """

    parent: GridView | None = None
    outline: Any = None
    root: tuple[str, str] | None = None


def find_target(session: WorkSession, options: ImportOptions, codes: Sequence[str]) -> Target:
    """The grid the layer goes under, or the root it makes.

    :param codes: of the layer's rows.
    """
    root = root_id(session)
    if root is None:
        return _empty_tree(options, len(codes))
    if options.root:
        raise Refusal(
            _("This instance has a root already; a layer goes under one of its grids"), remedies=[Remedy("parent")]
        )
    parent = grid_by_code(session, options.parent) if options.parent else grid_by_id(session, root)
    if parent is None:
        raise Refusal(NO_SUCH_GRID, remedies=[Remedy("parent")], code=options.parent)
    if not parent.leaf:
        raise _lives(session, parent, codes)
    return Target(parent, load_shapes(session, "s.id = :id", {"id": parent.state_id}).polygons[0])


def _lives(session: WorkSession, parent: GridView, codes: Sequence[str]) -> Refusal:
    """The refusal where grids live already, with the grid for which a plan with this file would be."""
    known = _above_all(session, codes)
    if known is None:
        return Refusal(
            _("Grid %(code)s has children already; a living city is changed by a plan, not by an import"),
            remedies=[Remedy("plan", {"parent": parent.code}), Remedy("parent")],
            code=parent.code,
        )
    return Refusal(
        _("The grids of this file live already below %(grid)s; a living city is changed by a plan, not by an import"),
        remedies=[Remedy("plan", {"parent": known.code})],
        grid=called(known.code, known.name),
    )


def _above_all(session: WorkSession, codes: Sequence[str]) -> GridView | None:
    """The grid right above all those whose codes the rows have; ``None`` where one of them does not live.

    Rows of grids that have others of the file below them follow from those, so that they are not asked.
    """
    wanted = sorted(set(codes))
    sql = """
        with own as (select grid_id, parent_id, path from core.grid_state where code = any(:codes) and upper_inf(valid))
        select (select count(*) from own), ltree2text(lca(array_agg(path))) from own
        where not exists (select 1 from own below where below.parent_id = own.grid_id)
    """
    count, path = session.execute(text(sql), {"codes": wanted}).one()
    if not path or count != len(wanted):
        return None
    at = "select grid_id from core.grid_state where path = cast(:path as ltree) and upper_inf(valid)"
    above = session.scalar(text(at), {"path": path})
    return None if above is None else grid_by_id(session, above)


def _empty_tree(options: ImportOptions, count: int) -> Target:
    if options.parent:
        raise Refusal(_("The tree is empty: there is no grid %(code)s to go under"), code=options.parent)
    if options.root:
        code, colon, name = options.root.partition(":")
        if not code or not colon:
            raise Refusal(_("A new root needs a code and a name"), remedies=[Remedy("root")])
        return Target(root=(code.strip(), code.strip() if is_blank(name) else name.strip()))
    if options.level == ROOT_LEVEL and count == 1 and not options.nest:
        return Target()
    raise Refusal(
        _("The tree is empty: the outline of the city comes first"), remedies=[Remedy("city_first"), Remedy("root")]
    )
