"""Codes, names and nesting of the demonstration city: 1 city, 3 counties, 12 streets, 60 communities, 400 grids and
2,000 micro-grids. Codes begin with 99, which no real division has.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

import numpy as np
import shapely
from numpy.typing import NDArray

from core.demo.terrain import Terrain, make_terrain
from core.grids.acts import Birth
from gis.chain import dissolve

SEED: Final = 20260701
CITY: Final = ("990100", "示范市")
COUNTIES: Final = (("990101", "青河区"), ("990102", "云溪区"), ("990121", "望山县"))
STREETS: Final = (
    ("和平街道", "新华街道", "滨河街道", "东湖街道"),
    ("云溪街道", "枫林街道", "石桥街道", "高新街道"),
    ("望山镇", "柳林镇", "白杨镇", "清泉乡"),
)
COMMUNITIES: Final = (
    "朝阳", "春晖", "东风", "丰乐", "福安", "光明", "河畔", "和顺", "红星", "花园",
    "华庭", "惠民", "吉祥", "建设", "锦绣", "康宁", "兰亭", "梨园", "龙泉", "绿洲",
    "明珠", "南苑", "平安", "前进", "桥东", "青年", "清风", "秋实", "仁和", "荣华",
    "瑞景", "三里", "盛世", "曙光", "松涛", "泰和", "桃源", "天成", "团结", "万福",
    "文苑", "西城", "溪岸", "祥云", "向阳", "兴隆", "雅居", "杨庄", "怡景", "永安",
    "玉兰", "园丁", "月湖", "长青", "振兴", "正阳", "中心", "竹园", "紫荆", "祖屋",
)  # fmt: skip
GRIDS: Final = 400
MICRO_PER_GRID: Final = 5
STREETS_PER_COUNTY: Final = 4
COMMUNITIES_PER_STREET: Final = 5


def make_city() -> list[Birth]:
    """All grids of the city, parents before children."""
    terrain = make_terrain(GRIDS * MICRO_PER_GRID, SEED)
    everyone = np.arange(len(terrain.cells))
    grids = list(_counties(terrain, everyone))
    whole = dissolve(terrain.cells)
    return [Birth(*CITY, "city", None, whole), *grids]


def _counties(terrain: Terrain, members: NDArray[np.int64]) -> Iterator[Birth]:
    grids_left = iter(_shares(GRIDS, len(COUNTIES) * STREETS_PER_COUNTY * COMMUNITIES_PER_STREET))
    per_community = [next(grids_left) for _ in range(len(COUNTIES) * STREETS_PER_COUNTY * COMMUNITIES_PER_STREET)]
    size = len(per_community) // len(COUNTIES)
    sizes = [sum(per_community[n * size : (n + 1) * size]) * MICRO_PER_GRID for n in range(len(COUNTIES))]
    for number, part in enumerate(_divide(terrain.seeds, members, sizes)):
        code, name = COUNTIES[number]
        yield Birth(code, name, "county", CITY[0], _union(terrain, part))
        own = per_community[number * size : (number + 1) * size]
        names = COMMUNITIES[number * size : (number + 1) * size]
        yield from _streets(terrain, part, code, STREETS[number], own, names)


def _streets(
    terrain: Terrain,
    members: NDArray[np.int64],
    county: str,
    streets: tuple[str, ...],
    grids: list[int],
    names: tuple[str, ...],
) -> Iterator[Birth]:
    step = COMMUNITIES_PER_STREET
    sizes = [sum(grids[n * step : (n + 1) * step]) * MICRO_PER_GRID for n in range(len(streets))]
    for number, part in enumerate(_divide(terrain.seeds, members, sizes)):
        code = f"{county}{number + 1:03d}"
        yield Birth(code, streets[number], "street", county, _union(terrain, part))
        own = grids[number * step : (number + 1) * step]
        yield from _communities(terrain, part, code, own, names[number * step : (number + 1) * step])


def _communities(
    terrain: Terrain, members: NDArray[np.int64], street: str, grids: list[int], names: tuple[str, ...]
) -> Iterator[Birth]:
    sizes = [count * MICRO_PER_GRID for count in grids]
    for number, part in enumerate(_divide(terrain.seeds, members, sizes)):
        code, name = f"{street}{number + 1:03d}", names[number]
        yield Birth(code, f"{name}社区", "community", street, _union(terrain, part))
        fives = [MICRO_PER_GRID] * grids[number]
        for serial, grid in enumerate(_ordered(terrain, _divide(terrain.seeds, part, fives)), 1):
            yield from _grid(terrain, grid, f"{code}{serial:03d}", code, f"{name}社区第{serial}网格")


def _grid(terrain: Terrain, members: NDArray[np.int64], code: str, parent: str, name: str) -> Iterator[Birth]:
    yield Birth(code, name, "grid", parent, _union(terrain, members))
    cells = [np.array([member]) for member in members]
    for serial, cell in enumerate(_ordered(terrain, cells), 1):
        yield Birth(f"{code}{serial:02d}", f"{name}{serial:02d}微网格", "micro", code, terrain.cells[cell[0]])


def _shares(total: int, parts: int) -> list[int]:
    """``total`` in ``parts`` nearly equal whole numbers."""
    return [total * (n + 1) // parts - total * n // parts for n in range(parts)]


def _divide(seeds: NDArray[np.float64], members: NDArray[np.int64], sizes: list[int]) -> list[NDArray[np.int64]]:
    """Members in compact parts of given sizes: cut again and again across the longer side."""
    if len(sizes) == 1:
        return [members]
    half = len(sizes) // 2
    points = seeds[members]
    axis = int(np.argmax(np.ptp(points, axis=0) * (np.cos(np.radians(points[0, 1])), 1.0)))
    order = np.argsort(points[:, axis] if axis == 0 else -points[:, axis], kind="stable")
    cut = sum(sizes[:half])
    first, second = members[order[:cut]], members[order[cut:]]
    return [*_divide(seeds, first, sizes[:half]), *_divide(seeds, second, sizes[half:])]


def _ordered(terrain: Terrain, parts: list[NDArray[np.int64]]) -> list[NDArray[np.int64]]:
    """Parts from north to south in rows, west to east within a row, as serial numbers are given."""
    centres = [terrain.seeds[part].mean(axis=0) for part in parts]
    order = sorted(range(len(parts)), key=lambda n: (-round(centres[n][1] / 0.004), centres[n][0]))
    return [parts[n] for n in order]


def _union(terrain: Terrain, members: NDArray[np.int64]) -> shapely.Polygon | shapely.MultiPolygon:
    whole: shapely.Polygon | shapely.MultiPolygon = dissolve(terrain.cells[members])
    return whole
