"""Degrees to whole numbers and back: the one place of the house that rounds.

The lattice counts 1e-7 degree of CGCS2000 (EPSG:4490), 11 mm on the ground, as OpenStreetMap stores it.
A *lattice geometry* is a shapely Polygon or MultiPolygon whose coordinates are such counts, held as doubles.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
import shapely
from numpy.typing import NDArray

from gis.errors import LatticeError
from gis.portions import in_order

SCALE = 10_000_000
"""Lattice units in one degree."""

SRID = 4490
"""EPSG code of the degrees that the lattice divides, as a geometry column states it."""

LIMIT = np.array([180.0, 90.0])

Geometries = NDArray[Any]
"""A one-dimensional object array of shapely geometries."""

Integers = NDArray[np.int64]
Floats = NDArray[np.float64]


class Rings(NamedTuple):
    """All rings of some polygons, flat: ring r is `xy[start[r]:start[r + 1]]`, closed."""

    xy: Floats
    start: Integers
    shell: NDArray[np.bool_]
    part: Integers
    owner: Integers


def as_array(polygons: object) -> Geometries:
    """The polygons as a one-dimensional object array; a single geometry becomes an array of one."""
    if isinstance(polygons, np.ndarray) and polygons.dtype == object and polygons.ndim == 1:
        return polygons
    items = [polygons] if polygons is None or isinstance(polygons, shapely.Geometry) else list(polygons)  # type: ignore[call-overload]
    array = np.empty(len(items), dtype=object)
    array[:] = items
    return array


def rings_of(polygons: object) -> Rings:
    """All rings of polygons (None and empty ones have none), `part` counting parts over all polygons.

    Raises LatticeError where a geometry is neither polygon nor multipolygon.
    """
    array = as_array(polygons)
    kinds = shapely.get_type_id(array)
    wrong = np.flatnonzero(~np.isin(kinds, (-1, 3, 6)) & ~shapely.is_empty(array))
    if len(wrong):
        index = int(wrong[0])
        kind = array[index].geom_type
        raise LatticeError(
            f"geometry {index} is a {kind}, not a polygon: give polygons only",
            code="not_a_polygon", index=index, kind=kind,
        )  # fmt: skip
    parts, owner = shapely.get_parts(array, return_index=True)
    filled = ~shapely.is_empty(parts)
    parts, owner = parts[filled], owner[filled]
    if not len(parts):
        none = np.empty(0, np.int64)
        return Rings(np.empty((0, 2)), np.zeros(1, np.int64), none.astype(bool), none, none)
    _, xy, (ring_start, part_start) = shapely.to_ragged_array(parts, include_z=False)
    shell = np.zeros(len(ring_start) - 1, bool)
    shell[part_start[:-1]] = True
    part = np.repeat(np.arange(len(parts)), np.diff(part_start))
    return Rings(xy, ring_start.astype(np.int64), shell, part, owner[part])


def quantise(degrees: object) -> Integers:
    """Degrees float[n, 2] (longitude, latitude) to lattice units int64[n, 2] by `floor(x * 1e7 + 0.5)`.

    The same rule holds in SQL and on the phone. Raises LatticeError, naming the index, where a coordinate
    is not a number or lies outside ±180 or ±90 degrees.
    """
    values = np.asarray(degrees, dtype=np.float64).reshape(-1, 2)
    good = (np.abs(values) <= LIMIT).all(axis=1)
    if not good.all():
        index = int(np.flatnonzero(~good)[0])
        lon, lat = values[index].tolist()
        what = "outside ±180 / ±90 degrees" if np.isfinite([lon, lat]).all() else "not a finite number"
        raise LatticeError(
            f"coordinate {index} ({lon}, {lat}) is {what}: check the file's coordinate system",
            code="coordinate_out_of_range", index=index, lon=lon, lat=lat,
        )  # fmt: skip
    return np.floor(values * SCALE + 0.5).astype(np.int64)


def point(lon: float, lat: float) -> tuple[int, int]:
    """One point in degrees as lattice units; raises LatticeError as `quantise` does."""
    x, y = quantise([[lon, lat]])[0].tolist()
    return x, y


def from_degrees(polygons: object) -> Geometries:
    """Polygons in degrees to lattice polygons, one for one (object[n]).

    Every vertex is rounded, repeated vertices are dropped, parts and holes that collapse to a line or point
    are dropped, rings are turned so that the inside is on their left. What is left of a polygon may be empty
    or invalid: rounding can break it, so validity is asked afterwards. Heights are dropped.
    """
    array = as_array(polygons)
    result = np.empty(len(array), dtype=object)
    for run in in_order(array):
        result[run] = _from_degrees(array[run], run.start)
    return result


def _from_degrees(array: Geometries, first: int) -> Geometries:
    """The same for a portion; `first` is the number of its first polygon."""
    rings = rings_of(array)
    try:
        xy = quantise(rings.xy)
    except LatticeError as error:
        vertex = int(str(error.params["index"]))
        index = first + int(rings.owner[np.searchsorted(rings.start, vertex, side="right") - 1])
        params = {**error.params, "index": index}
        raise LatticeError(f"polygon {index}: {error}", code=error.code, **params) from None
    return build(rings._replace(xy=xy.astype(np.float64)), len(array))


def to_degrees(lattice: object) -> Geometries:
    """Lattice polygons to polygons in degrees (each coordinate the double nearest to units / 1e7).

    The values survive WKB and PostGIS, and `from_degrees` gives back the same lattice polygons bit for bit.
    """
    return np.asarray(shapely.transform(as_array(lattice), lambda xy: xy / SCALE), dtype=object)


def build(rings: Rings, count: int) -> Geometries:
    """Lattice polygons object[count] from whole-numbered closed rings, tidied as `from_degrees` says."""
    xy, start = rings.xy, rings.start
    keep = np.ones(len(xy), bool)
    if len(xy):
        keep[1:] = (xy[1:] != xy[:-1]).any(axis=1)
        keep[start[:-1]] = True
    number = np.repeat(np.arange(len(start) - 1), np.diff(start))
    size = np.bincount(number[keep], minlength=len(start) - 1)
    alive = size >= 4
    alive &= ~_flat(xy, start)
    lost = np.zeros(int(rings.part.max()) + 1 if len(rings.part) else 0, bool)
    lost[rings.part[rings.shell & ~alive]] = True
    alive &= ~lost[rings.part] if len(lost) else True
    result = np.full(count, shapely.Polygon(), dtype=object)
    if not alive.any():
        return result
    keep &= alive[number]
    ring_start = np.concatenate([[0], np.cumsum(size[alive])]).astype(np.int64)
    part_start = np.append(np.flatnonzero(rings.shell[alive]), int(alive.sum()))
    xy = _inside_left(xy[keep], ring_start, rings.shell[alive])
    parts = shapely.from_ragged_array(shapely.GeometryType.POLYGON, xy, (ring_start, part_start))
    owner = rings.owner[rings.shell & alive]
    return _gather(parts, owner, result)


def _inside_left(xy: Floats, start: Integers, shell: NDArray[np.bool_]) -> Floats:
    """The same rings, those turned round that have the inside on their right; areas of 0 stay as they are."""
    area = ring_areas(xy, start)
    turned = np.repeat(np.where(shell, area < 0, area > 0), np.diff(start))
    place = np.arange(len(xy))
    mirrored = np.repeat(start[:-1] + start[1:] - 1, np.diff(start)) - place
    return xy[np.where(turned, mirrored, place)]


def _gather(parts: Geometries, owner: Integers, result: Geometries) -> Geometries:
    """Put each owner's parts into `result`: a polygon where there is one part, else a multipolygon."""
    amount = np.bincount(owner, minlength=len(result))
    single = amount[owner] == 1
    result[owner[single]] = parts[single]
    if not single.all():
        shapely.multipolygons(parts[~single], indices=owner[~single], out=result)
    return result


def _flat(xy: Floats, start: Integers) -> NDArray[np.bool_]:
    """Which rings have all their vertices on one straight line (exact)."""
    twice = ring_areas(xy, start)
    flat = twice == 0
    for r in np.flatnonzero(flat):
        d = (xy[start[r] : start[r + 1]] - xy[start[r]]).astype(np.int64)
        far = d[np.abs(d).max(axis=1).argmax()]
        flat[r] = bool((d[:, 0] * far[1] == d[:, 1] * far[0]).all())
    return np.asarray(flat, bool)


def ring_areas(xy: Floats | Integers, start: Integers) -> Integers:
    """Twice the signed area of each closed ring in square lattice units, positive when counter-clockwise.

    The sum is taken modulo 2**64, so it is exact for every ring smaller than 46,000 square degrees.
    """
    if len(start) < 2:
        return np.empty(0, np.int64)
    q = xy.astype(np.int64, copy=False)
    cross = np.zeros(len(q), np.int64)
    cross[:-1] = q[:-1, 0] * q[1:, 1] - q[1:, 0] * q[:-1, 1]
    cross[start[1:] - 1] = 0
    return np.asarray(np.add.reduceat(cross, start[:-1]), np.int64)
