"""What lies beside each other too often to be overlaid is refused before; what people draw is not."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
import shapely

from gis.beside import refuse_beside
from gis.crossings import refuse_tangles
from gis.errors import EditError
from gis.lattice import SCALE

ORIGIN = np.array([116 * SCALE, 39 * SCALE])


def stairs(steps: int, teeth: int) -> shapely.Polygon:
    """A comb whose long edges go up in steps: the boxes of all edges overlap, and none of their segments' do."""
    places = []
    for tooth in range(teeth):
        step = np.arange(steps)
        up = np.stack([((step + 1) // 2) * 100_000, (step // 2) * 100_000], axis=1)
        places += [up + np.array([tooth * 8, -tooth * 8]), (up + np.array([tooth * 8 + 4, -tooth * 8 - 4]))[::-1]]
    edge = np.concatenate([*places, [(-10, -teeth * 8 - 10), (-10, -5)]])
    return shapely.Polygon(edge + ORIGIN)


def slants(teeth: int) -> shapely.Polygon:
    """A comb of long slanting teeth."""
    at = np.arange(teeth) * 200_000 // teeth
    narrow = at + 100_000 // teeth
    ring = [(at, 200_000 - at), (at + 2_000_000, 2_200_000 - at), (narrow + 2_000_000, 2_200_000 - narrow)]
    places = np.stack(
        [*(np.stack(each, axis=1) for each in ring), np.stack([narrow, 200_000 - narrow], axis=1)], axis=1
    )
    return shapely.Polygon(np.concatenate([places.reshape(-1, 2), [(0, -200_000)]]) + ORIGIN)


def river(bends: int) -> shapely.Polygon:
    """A strip between two banks that wind as rivers do."""
    along = np.arange(bends) * 40
    bank = np.stack([along, (np.sin(along / 900) * 20_000).astype(int)], axis=1)
    return shapely.Polygon(np.concatenate([bank, (bank + np.array([0, 3_000]))[::-1]]) + ORIGIN)


def spiral(turns: int) -> shapely.Polygon:
    """A strip rolled up, as a road up a hill."""
    angle = np.linspace(0, turns * 2 * np.pi, turns * 40)
    arm = np.stack([np.cos(angle), np.sin(angle)], axis=1) * (angle * 300 + 1000)[:, None]
    inner = np.stack([np.cos(angle), np.sin(angle)], axis=1) * (angle * 300 + 2000)[:, None]
    return shapely.Polygon(np.round(np.concatenate([arm, inner[::-1]])) + ORIGIN)


def net(cells: int) -> list[shapely.Polygon]:
    """A city of equal cells."""
    places = np.indices((cells, cells)).reshape(2, -1).T * 50_000
    return [shapely.box(*(place + ORIGIN), *(place + ORIGIN + 50_000)) for place in places]


@pytest.mark.parametrize("refuse", [lambda shape: refuse_beside([shape]), lambda shape: refuse_tangles([shape])])
@pytest.mark.parametrize("shape", [stairs(4, 4_000), slants(6_000)], ids=["stairs", "slants"])
def test_combs_are_refused_with_a_place(refuse: Callable[[object], None], shape: shapely.Polygon) -> None:
    with pytest.raises(EditError) as raised:
        refuse(shape)
    assert raised.value.code == "many_beside"
    west, south, east, north = (bound / SCALE for bound in shape.bounds)
    assert west <= raised.value.params["lon"] <= east
    assert south <= raised.value.params["lat"] <= north


@pytest.mark.parametrize(
    "shapes", [[river(20_000)], [spiral(200)], [stairs(4, 200)], net(100)], ids=["river", "spiral", "steps", "net"]
)
def test_what_people_draw_is_taken(shapes: list[shapely.Polygon]) -> None:
    assert shapely.is_valid(shapes).all()
    refuse_beside(shapes)
    refuse_beside(shapes, shapes)
    refuse_tangles(shapes)
