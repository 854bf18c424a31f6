"""The Gauss–Krüger zones of CGCS2000: EPSG 4491–4554, and their two ways to write an easting.

A 3° zone n has the central meridian 3n, a 6° zone n has 6n − 3. Each exists twice in EPSG: with the zone's
number in front of the easting (39 512 345 m, 8 digits) and without (512 345 m).
"""

from __future__ import annotations

import re
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from gis.errors import CrsError

# First code, last code, first zone, degrees between meridians, eastings with the zone's number in front.
SERIES = (
    (4491, 4501, 13, 6, True),
    (4502, 4512, 13, 6, False),
    (4513, 4533, 25, 3, True),
    (4534, 4554, 25, 3, False),
)
FIRST_MERIDIAN = 75


@dataclass(frozen=True)
class Zone:
    """One zone: its EPSG code, number, width and central meridian in degrees, how its eastings are written."""

    code: int
    number: int
    degrees: int
    meridian: int
    prefixed: bool


def zone_of(value: str) -> Zone | None:
    """The zone that `EPSG:<code>` names, or None when it names something else."""
    if not re.fullmatch(r"EPSG:\d{4}", value):
        return None
    code = int(value[5:])
    for first, last, number, step, prefixed in SERIES:
        if first <= code <= last:
            place = code - first
            return Zone(code, number + place, step, FIRST_MERIDIAN + step * place, prefixed)
    return None


def zones(degrees: int, *, prefixed: bool) -> tuple[Zone, ...]:
    """The zones of one series from west to east: 3 or 6 degrees wide, with or without their number in the easting."""
    return tuple(
        Zone(first + place, number + place, step, FIRST_MERIDIAN + step * place, with_number)
        for first, last, number, step, with_number in SERIES
        if (step, with_number) == (degrees, prefixed)
        for place in range(last - first + 1)
    )


def prefixed_code(number: int) -> int | None:
    """The EPSG code of the zone whose number stands in front of an easting (13–23: 6°, 25–45: 3°)."""
    for first, last, lowest, _, prefixed in SERIES:
        if prefixed and lowest <= number <= lowest + last - first:
            return first + number - lowest
    return None


def neighbours(value: str) -> list[str]:
    """The zones of the same series to the west and east of the one that `value` names."""
    if zone_of(value) is None:
        return []
    code = int(value[5:])
    series = next(s for s in SERIES if s[0] <= code <= s[1])
    return [f"EPSG:{c}" for c in (code - 1, code + 1) if series[0] <= c <= series[1]]


def fit_prefix(xy: NDArray[np.float64], zone: Zone) -> NDArray[np.float64]:
    """Write eastings (metres, float64[n, 2], n ≥ 1) as `zone` asks: with its number in front, or without.

    Raises CrsError (`zone_mismatch`) when another zone's number stands in front.
    """
    written = int(np.floor(np.median(xy[:, 0]) / 1e6))
    asked = zone.number if zone.prefixed else 0
    if written == asked:
        return xy
    if written in (0, zone.number):
        return np.asarray(xy + np.array([(asked - written) * 1e6, 0.0]), dtype=np.float64)
    better = prefixed_code(written)
    hint = f" State EPSG:{better} instead." if better else " State the true coordinate system."
    raise CrsError(
        f"The eastings begin with {written}, but EPSG:{zone.code} is zone {zone.number} "
        f"(central meridian {zone.meridian}°).{hint}",
        code="zone_mismatch",
        written=written,
        zone=zone.number,
        crs=f"EPSG:{zone.code}",
        suggested=f"EPSG:{better}" if better else None,
    )
