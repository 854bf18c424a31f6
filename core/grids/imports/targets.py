"""Where in the tree a layer goes: under a living leaf, or on an empty tree as the root or under a new one."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import text

from core.db.session import WorkSession
from core.grids.imports.draft import ImportOptions
from core.grids.queries import NO_SUCH_GRID, grid_by_code, grid_by_id
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


def find_target(session: WorkSession, options: ImportOptions, count: int) -> Target:
    """The grid the layer goes under, or the root it makes."""
    root_id = session.scalar(text("select root_id from core.coverage"))
    if root_id is None:
        return _empty_tree(options, count)
    if options.root:
        raise Refusal(
            _("This instance has a root already; a layer goes under one of its grids"), remedies=[Remedy("parent")]
        )
    parent = grid_by_code(session, options.parent) if options.parent else grid_by_id(session, root_id)
    if parent is None:
        raise Refusal(NO_SUCH_GRID, remedies=[Remedy("parent")], code=options.parent)
    if not parent.leaf:
        raise Refusal(
            _("Grid %(code)s has children already; a living city is changed by a plan, not by an import"),
            code=parent.code,
        )
    return Target(parent, load_shapes(session, "s.id = :id", {"id": parent.state_id}).polygons[0])


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
