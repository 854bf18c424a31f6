"""Faces too small to stand alone, put to their neighbours."""

from __future__ import annotations

import numpy as np
import shapely

from gis.chain import dissolve, edges, sides
from gis.lattice import SCALE, Geometries, as_array
from gis.measure import metres_per_unit
from gis.nearest import nearest_other


def joined(faces: Geometries, smallest: float) -> Geometries:
    """The faces, those below an area (square units) put to the neighbour with the longest common border.

    Those without a neighbour are put to the nearest.
    """
    low, high, left, right = sides(edges(faces))
    shared = (left >= 0) & (right >= 0)
    along, up = metres_per_unit(float(low[:, 1].mean()) / SCALE)
    length = np.hypot(*((high - low)[shared] * [along, up]).T)
    borders: list[dict[int, float]] = [{} for _ in range(len(faces))]
    for i, j, metres in zip(left[shared].tolist(), right[shared].tolist(), length.tolist(), strict=True):
        borders[i][j] = borders[i].get(j, 0.0) + metres
        borders[j][i] = borders[j].get(i, 0.0) + metres
    area = shapely.area(faces).tolist()
    members = {i: [i] for i in range(len(faces))}
    metric = shapely.transform(faces, lambda xy: xy * [along, up])
    tree = shapely.STRtree(metric)
    while len(members) > 1:
        small = [i for i in members if area[i] < smallest]
        if not small:
            break
        gone = min(small, key=lambda i: (area[i], i))
        into = max(borders[gone], key=lambda j: (borders[gone][j], -j), default=None)
        if into is None:
            own = members[gone]
            face = nearest_other(tree, shapely.multipolygons(metric[own]), own)
            into = next(i for i, others in members.items() if face in others)
        members[into] += members.pop(gone)
        area[into] += area[gone]
        for j, metres in borders[gone].items():
            del borders[j][gone]
            if j != into:
                borders[j][into] = borders[into][j] = borders[into].get(j, 0.0) + metres
    return as_array([dissolve(faces[own]) for own in members.values()])
