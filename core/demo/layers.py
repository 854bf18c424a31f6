"""Made-up roads, water, buildings and house numbers of the demonstration city, out of its own geometry alone."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import shapely
from numpy.typing import NDArray

from core.db.session import WorkSession
from core.demo.terrain import CENTRE, RADIUS_DEG
from core.grids.acts import Birth
from core.layers.queries import layers
from core.layers.reading import Opened
from core.layers.service import import_layer
from core.layers.views import Kind, LayerOptions
from gis.drawn import About, Part
from gis.lattice import SCALE

SEED: Final = 20260702
SOURCE: Final = "示范数据"
LICENCE: Final = "虚构，不对应任何真实地点"
METRE: Final = 1 / 111_320
"""In degrees of latitude."""
STRETCH: Final = float(1 / np.cos(np.radians(CENTRE[1])))
"""Degrees of longitude for one of latitude."""
SLABS: Final = ((-75.0, 55.0), (20.0, 50.0), (-30.0, -60.0))
"""Where the buildings of a micro-grid stand, in metres from its middle."""
STREAMS: Final = (("云溪", 0.045, 0.010, 1.1), ("望山溪", -0.050, 0.014, 2.3))
"""Name, how far north of the middle, how far it swings, and where the swing begins."""
LAKES: Final = (("东湖", 0.030, 0.025, 420.0), ("月湖", -0.060, -0.030, 300.0), ("龙泉水库", 0.085, 0.045, 520.0))
"""Name, place from the middle in degrees, radius in metres."""

Degrees = NDArray[np.float64]


@dataclass(frozen=True)
class Drawn:
    """The features of a layer.

    :param shapes: in degrees.
    """

    kind: Kind
    shapes: list[Any]
    names: list[str | None]
    classes: list[str | None]


def load_layers(session: WorkSession, city: list[Birth]) -> int:
    """Bring the four layers in, those apart that are there already; gives the number of features."""
    there = {layer.code for layer in layers(session)}
    total = 0
    for each in make_layers(city):
        if each.kind in there:
            continue
        options = LayerOptions(each.kind, source=SOURCE, licence=LICENCE)
        total += import_layer(session, _opened(each), options, SOURCE).layer.features
    return total


def make_layers(city: list[Birth]) -> Iterator[Drawn]:
    """The layers, the lowest first; the same for the same city."""
    water = _water()
    yield water
    buildings = _buildings(city, shapely.union_all(water.shapes))
    yield buildings
    yield _roads(city)
    yield Drawn("housenumbers", [shapely.centroid(each) for each in buildings.shapes], _numbers(buildings), [])


def _opened(drawn: Drawn) -> Opened:
    about = About(SOURCE, (), {}, {"name": "name", "class": "class"}, "EPSG:4490", "file", None, ())
    columns: dict[str, Any] = {"name": drawn.names}
    if drawn.classes:
        columns["class"] = drawn.classes
    return Opened(about, iter([Part(np.asarray(shapely.to_wkb(drawn.shapes), dtype=object), columns)]))


def _water() -> Drawn:
    river = shapely.buffer(_swing(0.004, 0.018, 0.4), 110 * METRE)
    lakes = [_lake(east, north, radius) for _name, east, north, radius in LAKES]
    streams = [_swing(north, swing, phase) for _name, north, swing, phase in STREAMS]
    names: list[str | None] = ["青河", *(name for name, *_ in LAKES), *(name for name, *_ in STREAMS)]
    classes: list[str | None] = ["river", *["lake"] * len(LAKES), *["stream"] * len(STREAMS)]
    return Drawn("water", [river, *lakes, *streams], names, classes)


def _swing(north: float, swing: float, phase: float) -> shapely.LineString:
    """A line that winds through the city from west to east."""
    along = np.linspace(-1.02, 1.02, 160)
    wave = np.sin(5.0 * along + phase) + 0.35 * np.sin(13.0 * along + 2 * phase)
    return shapely.LineString(np.column_stack([CENTRE[0] + along * RADIUS_DEG[0], CENTRE[1] + north + swing * wave]))


def _lake(east: float, north: float, radius: float) -> shapely.Polygon:
    angle = np.linspace(0, 2 * np.pi, 48, endpoint=False)
    reach = radius * METRE * (1 + 0.18 * np.sin(3 * angle + radius) + 0.08 * np.sin(7 * angle))
    xy = np.column_stack([reach * np.cos(angle) * STRETCH, reach * np.sin(angle)])
    return shapely.Polygon(xy + np.array([CENTRE[0] + east, CENTRE[1] + north]))


def _buildings(city: list[Birth], water: Any) -> Drawn:
    """Slabs of different sizes about the middle of each micro-grid, none of them in the water or across a border."""
    cells = np.array([grid.polygon for grid in city if grid.level == "micro"], dtype=object)
    middles = shapely.get_coordinates(shapely.point_on_surface(cells)) / SCALE
    generator = np.random.default_rng(SEED)
    found: list[Any] = []
    for place in SLABS:
        size = generator.uniform((28.0, 11.0), (64.0, 17.0), (len(cells), 2))
        corner = middles + (np.array(place) + generator.uniform(-8, 8, (len(cells), 2))) * METRE * (STRETCH, 1.0)
        far = corner + size * METRE * (STRETCH, 1.0)
        slabs = shapely.box(corner[:, 0], corner[:, 1], far[:, 0], far[:, 1])
        inside = shapely.covers(cells, shapely.transform(slabs, lambda xy: xy * SCALE))
        found.extend(slabs[inside & ~shapely.intersects(water, slabs)])
    return Drawn("buildings", found, [None] * len(found), [])


def _numbers(buildings: Drawn) -> list[str | None]:
    """Numbers from west to east, a hundred to a street."""
    west = np.array([shape.bounds[0] for shape in buildings.shapes])
    rank = np.argsort(np.argsort(west, kind="stable"), kind="stable")
    return [f"{number % 100 + 1}号" for number in rank.tolist()]


def _roads(city: list[Birth]) -> Drawn:
    """Roads run along the borders of grids, as grids are bounded by roads: the higher the level, the wider."""
    above = {grid.code: grid for grid in city}
    grids = [grid for grid in city if grid.level == "grid"]
    shapes: list[Any] = []
    names: list[str | None] = []
    classes: list[str | None] = []
    for (one, other), line in _borders(grids):
        name, klass = _road(_line_of(grids[one], above), _line_of(grids[other], above) if other >= 0 else [])
        for part in shapely.get_parts(line):
            shapes.append(shapely.transform(part, lambda xy: xy / SCALE))
            names.append(name)
            classes.append(klass)
    return Drawn("roads", shapes, names, classes)


def _line_of(grid: Birth, above: dict[str, Birth]) -> list[Birth]:
    """County, street and community of a grid, the grid last."""
    line = [grid]
    while line[0].parent in above and above[str(line[0].parent)].level != "city":
        line.insert(0, above[str(line[0].parent)])
    return line


def _road(one: Sequence[Birth], other: Sequence[Birth]) -> tuple[str | None, str]:
    """Name and class of the road between two grids, by the highest level that it divides."""
    if not other:
        return "环城路", "trunk"
    county, street, community = ((a, b) for a, b in zip(one[:3], other[:3], strict=True))
    if county[0] is not county[1]:
        return f"{min(county, key=lambda grid: grid.code).name.removesuffix('区').removesuffix('县')}大道", "primary"
    if street[0] is not street[1]:
        first = min(street, key=lambda grid: grid.code).name
        return f"{first.removesuffix('街道').removesuffix('镇').removesuffix('乡')}大街", "secondary"
    first = min(community, key=lambda grid: grid.code).name.removesuffix("社区")
    if community[0] is not community[1]:
        return f"{first}路", "tertiary"
    return f"{first}{min(one[-1], other[-1], key=lambda grid: grid.code).code[-2:].lstrip('0')}巷", "residential"


def _borders(grids: list[Birth]) -> Iterator[tuple[tuple[int, int], Any]]:
    """The common border of each two neighbours, by their numbers, -1 for the outside; lattice lines."""
    parts, of_grid = shapely.get_parts([grid.polygon for grid in grids], return_index=True)
    rings, of_part = shapely.get_rings(parts, return_index=True)
    owners: dict[tuple[float, ...], list[int]] = {}
    for ring, owner in zip(rings, of_grid[of_part], strict=True):
        xy = shapely.get_coordinates(ring)
        for a, b in zip(xy[:-1].tolist(), xy[1:].tolist(), strict=True):
            owners.setdefault((*a, *b) if a < b else (*b, *a), []).append(int(owner))
    pairs: dict[tuple[int, int], list[tuple[float, ...]]] = {}
    for edge, found in owners.items():
        pairs.setdefault((found[0], found[1] if len(found) > 1 else -1), []).append(edge)
    for pair, edges in pairs.items():
        yield pair, shapely.line_merge(shapely.multilinestrings(np.array(edges).reshape(-1, 2, 2)))
