"""What each kind of operation does to the working copy: what was drawn becomes grids, or is refused."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import singledispatch
from typing import Any

import numpy as np
import shapely

from core.errors import Refused
from core.grids.levels import TITLES, check_order, depth, next_level
from core.grids.plans.geojson import polygon_of
from core.grids.plans.loading import load
from core.grids.plans.naming import free_codes, free_names, refuse_taken
from core.grids.plans.operating import Line, Operation
from core.grids.plans.operations import (
    Carve,
    DeleteVertex,
    InsertVertex,
    Load,
    Merge,
    Move,
    MoveVertex,
    Recode,
    Rename,
    Reshape,
    Retire,
    Split,
    Subdivide,
)
from core.grids.plans.unfit import Unfit
from core.grids.plans.working import Node, WorkingCopy, lattice_polygons
from core.text import Text
from core.text import noop as _
from gis.beside import refuse_beside
from gis.edit import Edited, carve, merge, net, reshape, split, subdivide
from gis.lattice import quantise
from gis.noding import Point
from gis.vertices import delete_vertex, insert_vertex, move_vertex


@singledispatch
def draw(operation: Operation, _copy: WorkingCopy) -> Operation:
    """Do what an operation says, and return it with what was proposed for it; each kind is registered below.

    :raises Refused: with what stands against it; so does GisError. The working copy may be half changed then.
    """
    raise TypeError(f"{type(operation).__name__} is no operation that is drawn here")


@draw.register
def _subdivide(operation: Subdivide, copy: WorkingCopy) -> Operation:
    node = copy.leaf(operation.grid)
    level = operation.level or next_level(node.level)
    wrong = check_order([level], node.level)
    if wrong is not None:
        raise Refused(wrong.text)
    if operation.net_m is not None:
        made = net(node.polygon, operation.net_m)
    else:
        made = subdivide(node.polygon, [_line(line) for line in operation.lines or ()])
    count = len(made.born)
    codes = _codes(copy, node, level, operation, count)
    names = operation.names or free_names(copy, level, node, codes)
    if len(names) != count:
        raise Refused(_("%(count)s grids come of it, but %(given)s names were given"), count=count, given=len(names))
    children = [
        Node(None, None, code, name, "base", level, node.code, True, polygon)
        for code, name, polygon in zip(codes, names, made.born, strict=True)
    ]
    copy.divide(node, children, made.inserted)
    return operation.settled(codes, names)


@draw.register
def _load(operation: Load, copy: WorkingCopy) -> Operation:
    return load(copy, operation)


@draw.register
def _split(operation: Split, copy: WorkingCopy) -> Operation:
    node = copy.leaf(operation.grid)
    made = split(node.polygon, _line(operation.line))
    codes = operation.codes or (node.code, *free_codes(copy, node.level, _parent(copy, node), 1))
    names = _names_of_parts(copy, node, codes, operation.names or (None, None))
    parts = [made.polygons[0], made.born[0]]
    come = [_heir(node, code, name, part) for code, name, part in zip(codes, names, parts, strict=True)]
    refuse_taken(copy, [code for code in codes if code != node.code], proposed=operation.proposed)
    copy.swap([node], come, made.inserted)
    return operation.settled(codes, names)


def _names_of_parts(
    copy: WorkingCopy, node: Node, codes: Sequence[str], given: Sequence[str | None]
) -> tuple[str, ...]:
    """Names of both parts: what was given, else the grid's own for the part that goes on, a new one for the other."""
    heir = codes.index(node.code) if node.code in codes else 0
    found = []
    for place, (code, name) in enumerate(zip(codes, given, strict=True)):
        if name is None and place == heir:
            name = node.name
        found.append(name or free_names(copy, node.level, _parent(copy, node), [code])[0])
    return tuple(found)


@draw.register
def _merge(operation: Merge, copy: WorkingCopy) -> Operation:
    nodes = [copy.leaf(code) for code in dict.fromkeys(operation.grids)]
    if len(nodes) < 2:
        raise Refused(_("A merge needs two grids or more"))
    code = operation.code or nodes[0].code
    heir = next((node for node in nodes if node.code == code), None)
    if heir is None:
        refuse_taken(copy, [code])
    model = heir or replace(nodes[0], grid_id=None, state_id=None)
    made = merge(lattice_polygons(nodes), multipart=operation.multipart)
    name = operation.name or model.name
    copy.swap(nodes, [replace(model, code=code, name=name, polygon=made.polygons[0])], made.inserted)
    return operation


@draw.register
def _retire(operation: Retire, copy: WorkingCopy) -> Operation:
    if operation.grid == operation.into:
        raise Refused(_("Grid %(code)s cannot go into itself"), code=operation.grid)
    _merge(Merge(op="merge", grids=[operation.into, operation.grid]), copy)
    return operation


@draw.register
def _reshape(operation: Reshape, copy: WorkingCopy) -> Operation:
    node = copy.leaf(operation.grid)
    nodes = [node, *(near for near in copy.around([node.polygon]) if near.code != node.code)]
    _take_over(copy, nodes, reshape(lattice_polygons(nodes), 0, _line(operation.line)))
    return operation


@draw.register
def _carve(operation: Carve, copy: WorkingCopy) -> Operation:
    nodes = [copy.leaf(code) for code in dict.fromkeys(operation.sources)]
    area = polygon_of(operation.polygon)
    made = carve(lattice_polygons(nodes), area)
    givers = [nodes[place] for place in made.givers]
    first = givers[0]
    code = operation.code or free_codes(copy, first.level, _parent(copy, first), 1)[0]
    refuse_taken(copy, [code], proposed=operation.proposed)
    born = Node(None, None, code, operation.name, operation.kind, first.level, first.parent, True, made.born[0])
    _take_over(copy, nodes, made, born)
    told = {} if operation.code else {"code": code, "proposed": True}
    return operation.model_copy(update={"sources": [node.code for node in givers], **told})


@draw.register
def _move_vertex(operation: MoveVertex, copy: WorkingCopy) -> Operation:
    _bend(copy, operation.start, lambda polygons, at: move_vertex(polygons, at, _point(operation.end)))
    return operation


@draw.register
def _delete_vertex(operation: DeleteVertex, copy: WorkingCopy) -> Operation:
    _bend(copy, operation.at, delete_vertex)
    return operation


@draw.register
def _insert_vertex(operation: InsertVertex, copy: WorkingCopy) -> Operation:
    at = _point(operation.at)
    nodes = copy.around([shapely.Point(at)])
    _take_over(copy, nodes, insert_vertex(lattice_polygons(nodes), at))
    return operation


@draw.register
def _rename(operation: Rename, copy: WorkingCopy) -> Operation:
    copy.amend(copy.find(operation.grid), name=operation.name)
    return operation


@draw.register
def _recode(operation: Recode, copy: WorkingCopy) -> Operation:
    node = copy.find(operation.grid)
    if operation.code != node.code:
        refuse_taken(copy, [operation.code], own=node.grid_id)
        copy.amend(node, code=operation.code)
    return operation


@draw.register
def _move(operation: Move, copy: WorkingCopy) -> Operation:
    node, parent = copy.find(operation.grid), copy.find(operation.parent)
    if node.parent is None:
        raise Refused(_("The root has no parent"))
    if depth(parent.level) >= depth(node.level):
        raise Refused(
            _("Grid %(code)s of level %(level)s cannot go under %(parent)s, which is of level %(above)s"),
            code=node.code, level=Text(TITLES[node.level]), parent=parent.code, above=Text(TITLES[parent.level]),
        )  # fmt: skip
    if parent.leaf:
        raise Refused(_("Grid %(code)s has no grids below it; subdivide it first"), code=parent.code)
    if parent.code == node.parent:
        raise Refused(_("Grid %(code)s lies under %(parent)s already"), code=node.code, parent=parent.code)
    copy.rehang(node, parent)
    return operation


def _take_over(copy: WorkingCopy, nodes: Sequence[Node], made: Edited, *born: Node) -> None:
    """Give the grids the outlines that were made for them; one that is left without area ends."""
    pairs = zip(nodes, made.polygons, strict=True)
    changed = [(node, polygon) for node, polygon in pairs if not shapely.equals_identical(node.polygon, polygon)]
    come = [replace(node, polygon=polygon) for node, polygon in changed if not polygon.is_empty]
    copy.swap([node for node, _polygon in changed], [*come, *born], made.inserted)


def _bend(copy: WorkingCopy, place: Any, edit: Callable[[Any, Point], Edited]) -> None:
    at = _point(place)
    near = copy.around([shapely.Point(at)])
    nodes = [node for node in near if (shapely.get_coordinates(node.polygon) == at).all(axis=1).any()]
    if not nodes:
        raise Unfit(_("No border has a vertex at %(lon)s, %(lat)s"), place=place, lon=place[0], lat=place[1])
    _take_over(copy, nodes, edit(lattice_polygons(nodes), at))


def _heir(node: Node, code: str, name: str, polygon: Any) -> Node:
    """A part of a grid: the grid itself where it keeps the code, else one that is born."""
    if code == node.code:
        return replace(node, name=name, polygon=polygon)
    return replace(node, grid_id=None, state_id=None, code=code, name=name, polygon=polygon)


def _codes(copy: WorkingCopy, parent: Node, level: str, operation: Subdivide, count: int) -> list[str]:
    given = operation.codes
    if given is None:
        return free_codes(copy, level, parent, count)
    if len(given) != count:
        raise Refused(_("%(count)s grids come of it, but %(given)s codes were given"), count=count, given=len(given))
    refuse_taken(copy, given, proposed=operation.proposed)
    return list(given)


def _parent(copy: WorkingCopy, node: Node) -> Node:
    if node.parent is None:
        raise Refused(_("The root cannot be split: subdivide it"))
    return copy.find(node.parent)


def _point(place: Sequence[float]) -> Point:
    x, y = quantise(np.array([place], np.float64))[0].tolist()
    return int(x), int(y)


def _line(places: Line) -> Any:
    line = shapely.LineString(quantise(np.array(places, np.float64)).astype(np.float64))
    refuse_beside([line])
    if not shapely.is_valid(line) or not line.is_simple:
        raise Refused(_("The line crosses itself, or has no length: draw it anew"))
    return line
