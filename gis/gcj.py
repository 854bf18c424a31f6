"""The two shifted Chinese web map systems, GCJ-02 and BD-09, both ways, vectorised.

GCJ-02 is a secret distortion of WGS 84 that Chinese map services must use. The formula here is the widely
published *unofficial* one (first as "EvilTransform"; the same in gcoord, coordtransform, eviltransform), on
the Krasovsky 1940 ellipsoid. BD-09 is Baidu's second distortion, with the published factor pi*3000/180. The
round trip proves that both directions agree with each other, not that they agree with a map vendor to the
centimetre.

Outside the box commonly taken for China (72.004–137.8347° E, 0.8293–55.8271° N) GCJ-02 is WGS 84. A strip of
some 700 m along the box's edge therefore has no true inverse; a point there is given back as it came.

All arrays are float64[n, 2], longitude then latitude, degrees; WGS 84 and CGCS2000 are taken as equal.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from gis.errors import CrsError

Pairs = NDArray[np.float64]

AXIS = 6378245.0
ECCENTRICITY_SQUARED = 0.00669342162296594323
BOX = (72.004, 0.8293, 137.8347, 55.8271)
TOLERANCE = 1e-10
STEPS = 10
BAIDU_FACTOR = np.pi * 3000.0 / 180.0


def in_china(lonlat: Pairs) -> NDArray[np.bool_]:
    """Tell for each point (degrees) whether it lies in the box in which GCJ-02 is shifted."""
    lon, lat = lonlat[:, 0], lonlat[:, 1]
    return (lon >= BOX[0]) & (lon <= BOX[2]) & (lat >= BOX[1]) & (lat <= BOX[3])


def _waves(u: NDArray[np.float64], *terms: tuple[float, float]) -> NDArray[np.float64]:
    """Sum of amplitude * sin(frequency * pi * u), times 2/3."""
    total = np.zeros_like(u)
    for amplitude, frequency in terms:
        total += amplitude * np.sin(frequency * np.pi * u)
    return total * 2.0 / 3.0


def _shift(lonlat: Pairs) -> Pairs:
    """Offset in degrees by the published formula, at points in WGS 84; the box is not asked."""
    x = np.ascontiguousarray(lonlat[:, 0]) - 105.0
    y = np.ascontiguousarray(lonlat[:, 1]) - 35.0
    common = _waves(x, (20.0, 6.0), (20.0, 2.0)) + 0.1 * x * y
    root = np.sqrt(np.abs(x))
    north = -100.0 + 2.0 * x + 3.0 * y + 0.2 * y * y + 0.2 * root + common
    north += _waves(y, (20.0, 1.0), (40.0, 1.0 / 3.0)) + _waves(y, (160.0, 1.0 / 12.0), (320.0, 1.0 / 30.0))
    east = 300.0 + x + 2.0 * y + 0.1 * x * x + 0.1 * root + common
    east += _waves(x, (20.0, 1.0), (40.0, 1.0 / 3.0)) + _waves(x, (150.0, 1.0 / 12.0), (300.0, 1.0 / 30.0))
    lat = np.radians(np.ascontiguousarray(lonlat[:, 1]))
    magic = 1.0 - ECCENTRICITY_SQUARED * np.sin(lat) ** 2
    meridian = AXIS * (1.0 - ECCENTRICITY_SQUARED) / (magic * np.sqrt(magic))
    parallel = AXIS / np.sqrt(magic) * np.cos(lat)
    return np.column_stack([np.degrees(east / parallel), np.degrees(north / meridian)])


def _undo(forward: Callable[[Pairs], Pairs], target: Pairs, start: Pairs) -> Pairs:
    """Solve forward(p) = target by fixed-point iteration.

    The number of steps is fixed, so that a point gives the same answer whatever others come with it; each
    step gains two digits or more, ten are far beyond the tolerance.
    """
    point = start
    for _ in range(STEPS):
        point = point - (forward(point) - target)
    residual = np.abs(forward(point) - target)
    if residual.size and not residual.max() <= TOLERANCE:
        index = int(np.argmax(residual.max(axis=1) > TOLERANCE))
        raise CrsError(
            f"Point {index} cannot be converted back from GCJ-02/BD-09: is it really longitude and latitude?",
            code="no_inverse",
            index=index,
        )
    return point


def wgs84_to_gcj02(lonlat: Pairs) -> Pairs:
    """WGS 84 or CGCS2000 degrees to GCJ-02; points outside China stay as they are."""
    inside = in_china(lonlat)
    out = lonlat.copy()
    out[inside] += _shift(lonlat[inside])
    return out


def gcj02_to_wgs84(lonlat: Pairs) -> Pairs:
    """GCJ-02 degrees to WGS 84, iterated to 1e-10 degree or better.

    Raises CrsError when the iteration does not come to rest.
    """
    out = lonlat.copy()
    inside = np.flatnonzero(in_china(lonlat))
    given = lonlat[inside]
    found = _undo(lambda p: p + _shift(p), given, given)
    back = in_china(found)
    out[inside[back]] = found[back]
    return out


def _gcj02_to_bd09(lonlat: Pairs) -> Pairs:
    x, y = np.ascontiguousarray(lonlat[:, 0]), np.ascontiguousarray(lonlat[:, 1])
    radius = np.sqrt(x * x + y * y) + 0.00002 * np.sin(y * BAIDU_FACTOR)
    angle = np.arctan2(y, x) + 0.000003 * np.cos(x * BAIDU_FACTOR)
    return np.column_stack([radius * np.cos(angle) + 0.0065, radius * np.sin(angle) + 0.006])


def wgs84_to_bd09(lonlat: Pairs) -> Pairs:
    """WGS 84 or CGCS2000 degrees to BD-09; points outside China stay as they are."""
    inside = in_china(lonlat)
    out = lonlat.copy()
    out[inside] = _gcj02_to_bd09(lonlat[inside] + _shift(lonlat[inside]))
    return out


def bd09_to_wgs84(lonlat: Pairs) -> Pairs:
    """BD-09 degrees to WGS 84, iterated to 1e-10 degree or better.

    Raises CrsError when the iteration does not come to rest.
    """
    out = lonlat.copy()
    inside = np.flatnonzero(in_china(lonlat))
    given = lonlat[inside]
    found = gcj02_to_wgs84(_undo(_gcj02_to_bd09, given, given - np.array([0.0065, 0.006])))
    back = in_china(found)
    out[inside[back]] = found[back]
    return out
