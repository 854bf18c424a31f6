"""Polygons cut by lines, on the lattice: the faces, and the vertices that the borders got where lines meet them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import shapely

from gis.chain import dissolve
from gis.crossings import refuse_crossings
from gis.errors import CoverageError, EditError
from gis.lattice import Geometries, Integers, as_array
from gis.noding import Insertions, insertions


@dataclass(frozen=True)
class Arrangement:
    """Lattice polygons cut into faces.

    `faces` object[m] are lattice polygons; those of one `owner` (int64[m], a position among the polygons) tile it
    exactly, with the vertices that it got: `noded` object[n]. `inserted` are those vertices, for whichever other
    polygon has the same edges.
    """

    faces: Geometries
    owner: Integers
    noded: Geometries
    inserted: Insertions


def faces_between(lines: Geometries | Sequence[Any]) -> Geometries:
    """The valid faces of the arrangement of lattice lines, object[m], snap-rounded to the lattice."""
    noded = shapely.get_parts(shapely.union_all(lines, grid_size=1.0))
    return np.asarray(shapely.get_parts(shapely.polygonize(noded)), dtype=object)


def arrange(polygons: object, lines: Sequence[Any]) -> Arrangement:
    """Cut lattice polygons, of which no two overlap, by lattice lines.

    All are noded together by snap rounding (Hobby 1999), which moves no vertex that is on the lattice: a border
    only gets vertices, each at most one unit off the edge it stands in. Ends of lines that bound no face fall
    away. Raises EditError: `too_near` where a line comes so near to a border that the two cannot be told apart,
    `many_crossings`.
    """
    array = as_array(polygons)
    refuse_crossings(lines, array)
    faces = shapely.orient_polygons(faces_between([*shapely.boundary(array), *lines]))
    face, owner = shapely.STRtree(array).query(shapely.point_on_surface(faces), predicate="within")
    faces, owner = faces[face], owner.astype(np.int64)
    noded = array.copy()
    inserted: dict[Any, Any] = {}
    for i in range(len(array)):
        try:
            whole = dissolve(faces[owner == i])
            got = insertions(array[i], whole)
        except CoverageError as error:
            lon, lat = error.params["lon"], error.params["lat"]
            raise EditError(
                "The line comes nearer to a border than a centimetre: let it run exactly along the border there, or "
                "farther away from it",
                code="too_near", lon=lon, lat=lat,
            ) from error  # fmt: skip
        if got:
            noded[i] = whole
            inserted.update(got)
    return Arrangement(faces, owner, noded, inserted)
