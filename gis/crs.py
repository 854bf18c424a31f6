"""Coordinate reference systems: from whatever a file holds to CGCS2000 degrees and back.

CGCS2000 (EPSG:4490) and WGS 84 (EPSG:4326) are taken as *equal*: they differ by centimetres, PROJ itself
treats the step as a null ("ballpark") transformation, and no boundary file is that exact. All else that
EPSG knows goes through pyproj; GCJ-02 and BD-09, which EPSG does not know, through `gis.gcj`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import pyproj
import shapely
from numpy.typing import NDArray
from pyproj.exceptions import CRSError as ProjError

from gis.errors import CrsError
from gis.gcj import bd09_to_wgs84, gcj02_to_wgs84, in_china, wgs84_to_bd09, wgs84_to_gcj02
from gis.portions import in_order
from gis.zones import fit_prefix, prefixed_code, zone_of

Pairs = NDArray[np.float64]
Geometries = NDArray[np.object_]

CGCS2000 = "EPSG:4490"
SAME_AS_CGCS2000 = frozenset({CGCS2000, "EPSG:4326", "EPSG:4979", "EPSG:4480"})
SHIFTED = ("gcj02", "bd09")
MERCATOR_OF_CHINA = (8.0e6, 1.5e7)
SUGGESTIONS = 5
NAMED = r"((EPSG:)?[0-9]+|OGC:CRS84|urn:ogc:def:crs:(EPSG:[0-9.]*:[0-9]+|OGC:[0-9.]*:CRS84))"
FLAT = ("Geographic 2D CRS", "Projected CRS")
# Metres and degrees within which an inverse must meet its point again.
COMES_BACK = (1.0, 1e-5)
# Degrees, a little less than half a unit of the lattice.
SAME_LATTICE_POINT = 4e-8
# Longitude and latitude of the 34 seats of China's provinces: an unlabelled zone most likely lies near one.
SEATS = np.array(
    [
        (116.4, 39.9), (117.2, 39.1), (114.5, 38.0), (112.5, 37.9), (111.7, 40.8), (123.4, 41.8),
        (125.3, 43.9), (126.6, 45.8), (121.5, 31.2), (118.8, 32.1), (120.2, 30.3), (117.3, 31.9),
        (119.3, 26.1), (115.9, 28.7), (117.0, 36.7), (113.7, 34.8), (114.3, 30.6), (113.0, 28.2),
        (113.3, 23.1), (108.3, 22.8), (110.3, 20.0), (106.5, 29.6), (104.1, 30.7), (106.7, 26.6),
        (102.7, 25.0), (91.1, 29.7), (108.9, 34.3), (103.8, 36.1), (101.8, 36.6), (106.3, 38.5),
        (87.6, 43.8), (121.5, 25.0), (114.2, 22.3), (113.5, 22.2),
    ]
)  # fmt: skip


@dataclass(frozen=True)
class Crs:
    """A system named by `EPSG:<code>`, `gcj02`, `bd09`, or by its WKT where EPSG has no code for it."""

    value: str

    def __str__(self) -> str:
        return self.value


def parse_crs(text: str) -> Crs:
    """Read a system's name: `EPSG:4548`, `4548`, `gcj02`, `GCJ-02`, `bd09`, a URN, or WKT (of a .prj).

    Raises CrsError (`unknown_crs`) for anything else.
    """
    short = re.sub(r"[\s_-]", "", text).lower()
    if short in SHIFTED:
        return Crs(short)
    try:
        crs = pyproj.CRS.from_user_input(int(short) if short.isdecimal() else text.strip())
        if not (crs.is_geographic or crs.is_projected):
            raise ProjError("heights and geocentric systems name no place on a map")
    except (ProjError, OverflowError):
        raise CrsError(
            f"Unknown coordinate system {text[:80]!r}. Write EPSG:4490, EPSG:4548 …, gcj02 or bd09.",
            code="unknown_crs",
            crs=text[:80],
        ) from None
    if crs.to_authority() == ("OGC", "CRS84"):
        return Crs("EPSG:4326")
    code = crs.to_epsg(min_confidence=70)
    return Crs(f"EPSG:{code}" if code else crs.to_wkt())


def named_crs(text: str) -> Crs:
    """Read a system as a person states it: an EPSG number of a flat system, `gcj02`, `bd09` or a URN, nothing else.

    What a file states may be more (`parse_crs`): WKT, or a third axis that is left out.
    Raises CrsError: `unknown_crs`, `crs_not_flat`.
    """
    crs = parse_crs(text)
    known = crs.value in SHIFTED or re.fullmatch(NAMED, text.strip(), re.IGNORECASE)
    if not known or (crs.value not in SHIFTED and pyproj.CRS(crs.value).type_name not in FLAT):
        raise CrsError(
            f"{text[:80]!r} is no name of a system for flat boundaries. Write EPSG:4490, EPSG:4548 …, gcj02 or bd09.",
            code="crs_not_flat",
            crs=text[:80],
        )
    return crs


@lru_cache(maxsize=64)
def _transformer(source: str, target: str) -> pyproj.Transformer:
    return pyproj.Transformer.from_crs(source, target, always_xy=True)


def _refuse_not_finite(xy: Pairs, what: str) -> None:
    bad = ~np.isfinite(xy).all(axis=1)
    if bad.any():
        index = int(np.argmax(bad))
        raise CrsError(f"Coordinate {index} {what}.", code="not_finite", index=index)


def _refuse_no_degrees(xy: Pairs, crs: Crs) -> None:
    bad = (np.abs(xy[:, 0]) > 180.0) | (np.abs(xy[:, 1]) > 90.0)
    if bad.any():
        index = int(np.argmax(bad))
        x, y = float(xy[index, 0]), float(xy[index, 1])
        raise CrsError(
            f"Coordinate {index} ({x:.10g}, {y:.10g}) is no longitude and latitude, as {crs} asks. "
            "State the true coordinate system (for metres, EPSG:4548 or another zone).",
            code="not_degrees",
            index=index,
            x=x,
            y=y,
            crs=crs.value,
        )


def to_cgcs2000(xy: Pairs, crs: Crs) -> Pairs:
    """Turn coordinates float64[n, 2] (x or longitude first, units of `crs`) into CGCS2000 degrees.

    The eastings of a CGCS2000 zone may carry the zone's number in front (8 digits) or not, whichever of the
    twin codes is stated. Raises CrsError: `not_finite`, `not_degrees`, `degrees_in_metres`, `zone_mismatch`,
    `outside_crs`, `no_inverse`.
    """
    xy = np.asarray(xy, dtype=np.float64).reshape(-1, 2)
    _refuse_not_finite(xy, "is not a finite number")
    if not len(xy):
        return xy
    if crs.value in SAME_AS_CGCS2000 or crs.value in SHIFTED:
        _refuse_no_degrees(xy, crs)
        if crs.value == "gcj02":
            return gcj02_to_wgs84(xy)
        return bd09_to_wgs84(xy) if crs.value == "bd09" else xy
    projected = pyproj.CRS(crs.value).is_projected
    if projected and (np.abs(xy) <= (180.0, 90.0)).all():
        raise CrsError(
            f"The coordinates look like degrees, but {crs} asks for metres. State EPSG:4490 (or gcj02, bd09).",
            code="degrees_in_metres",
            crs=crs.value,
        )
    zone = zone_of(crs.value)
    if zone is not None:
        xy = fit_prefix(xy, zone)
    lon, lat = _transformer(crs.value, CGCS2000).transform(xy[:, 0], xy[:, 1])
    lonlat = np.column_stack([lon, lat])
    _refuse_what_does_not_come_back(xy, lonlat, crs, COMES_BACK[0] if projected else COMES_BACK[1])
    return lonlat


def _refuse_what_does_not_come_back(xy: Pairs, lonlat: Pairs, crs: Crs, within: float) -> None:
    """PROJ wraps or clamps some coordinates that no place has: only those are believed whose inverse is near them."""
    back = np.column_stack(_transformer(CGCS2000, crs.value).transform(lonlat[:, 0], lonlat[:, 1]))
    bad = ~(np.abs(back - xy) <= within).all(axis=1)
    if bad.any():
        index = int(np.argmax(bad))
        raise CrsError(
            f"Coordinate {index} ({xy[index, 0]:.10g}, {xy[index, 1]:.10g}) lies outside the domain of "
            f"{crs}. State the true coordinate system.",
            code="outside_crs",
            index=index,
            crs=crs.value,
        )


def from_cgcs2000(lonlat: Pairs, crs: Crs) -> Pairs:
    """Turn CGCS2000 longitude, latitude float64[n, 2] into coordinates of `crs` (x or longitude first).

    Raises CrsError: `not_finite`, `not_degrees`, `outside_crs`.
    """
    lonlat = np.asarray(lonlat, dtype=np.float64).reshape(-1, 2)
    _refuse_not_finite(lonlat, "is not a finite number")
    _refuse_no_degrees(lonlat, Crs(CGCS2000))
    if crs.value in SAME_AS_CGCS2000:
        return lonlat
    if crs.value in SHIFTED:
        return wgs84_to_gcj02(lonlat) if crs.value == "gcj02" else wgs84_to_bd09(lonlat)
    x, y = _transformer(CGCS2000, crs.value).transform(lonlat[:, 0], lonlat[:, 1])
    out = np.column_stack([x, y])
    bad = ~np.isfinite(out).all(axis=1)
    if bad.any():
        index = int(np.argmax(bad))
        raise CrsError(f"Point {index} lies outside the domain of {crs}.", code="outside_crs", index=index)
    return out


def transform_geometries(geometries: Geometries, crs: Crs) -> Geometries:
    """Turn geometries object[n] of `crs` into flat geometries in CGCS2000 degrees; None stays None.

    Raises CrsError as `to_cgcs2000`; an index in it counts vertices over all geometries.
    """
    array = np.asarray(geometries, dtype=object)
    if crs.value in SAME_AS_CGCS2000 and all(_flat_degrees(array[run]) for run in in_order(array)):
        return array
    moved: Geometries = shapely.transform(array, lambda xy: to_cgcs2000(xy, crs))
    return moved


def _flat_degrees(geometries: Geometries) -> bool:
    """Whether the geometries can stay as they are: a large city's are not copied without need."""
    if shapely.has_z(geometries).any():
        return False
    return bool((np.abs(shapely.get_coordinates(geometries)) <= (180.0, 90.0)).all())


def geometries_in(geometries: Geometries, crs: Crs) -> Geometries:
    """Turn geometries object[n] in CGCS2000 degrees into coordinates of `crs`; None stays None.

    Only what `transform_geometries` brings back to the same point of the lattice is given out.
    Raises CrsError: `not_finite`, `not_degrees`, `not_exact_in_crs`.
    """
    array = np.asarray(geometries, dtype=object)
    if crs.value in SAME_AS_CGCS2000:
        return array
    moved: Geometries = shapely.transform(array, lambda xy: _exactly_in(xy, crs))
    return moved


def _exactly_in(lonlat: Pairs, crs: Crs) -> Pairs:
    lonlat = np.asarray(lonlat, dtype=np.float64).reshape(-1, 2)
    _refuse_not_finite(lonlat, "is not a finite number")
    _refuse_no_degrees(lonlat, Crs(CGCS2000))
    try:
        xy = from_cgcs2000(lonlat, crs)
        back = to_cgcs2000(xy, crs)
    except CrsError as error:
        raise _not_exact(crs) from error
    if not (np.abs(back - lonlat) < SAME_LATTICE_POINT).all():
        raise _not_exact(crs)
    return xy


def _not_exact(crs: Crs) -> CrsError:
    return CrsError(
        f"In {crs} the boundaries would not come back exactly: they lie too far from the area it is made for. "
        "State the zone they lie in, or EPSG:4490.",
        code="not_exact_in_crs",
        crs=crs.value,
    )


def suggest_crs(bounds: tuple[float, float, float, float], near_lon: float | None = None) -> list[Crs]:
    """Name the systems that a layer without one may be in, most likely first, at most five.

    A suggestion for a person, never a decision. `bounds` are min x, min y, max x, max y in the file's own
    numbers; `near_lon` is a longitude the layer should be near (of the root, say). Without it, zones are
    ranked by how near they put the layer to a provincial seat.
    """
    box = np.asarray(bounds, dtype=np.float64).reshape(2, 2)
    if not np.isfinite(box).all():
        return []
    x, y = box.mean(axis=0)
    if (np.abs(box) <= (180.0, 90.0)).all():
        shifted = [Crs(s) for s in SHIFTED] if in_china(box).all() else []
        return [Crs(CGCS2000), *shifted]
    found = []
    if MERCATOR_OF_CHINA[0] <= x <= MERCATOR_OF_CHINA[1]:
        found.append(Crs("EPSG:3857"))
    if 0.0 < y < 6.3e6:
        number = int(x // 1e6)
        named = prefixed_code(number)
        if named is not None:
            found.append(Crs(f"EPSG:{named}"))
        elif number == 0:
            found.extend(_rank_zones(x, y, near_lon))
    return found[:SUGGESTIONS]


def _rank_zones(x: float, y: float, near_lon: float | None) -> list[Crs]:
    """The 3° zones without prefix, nearest to `near_lon` or, without one, to a provincial seat first."""
    ranked = []
    for code in range(4534, 4555):
        place = to_cgcs2000(np.array([[x, y]]), Crs(f"EPSG:{code}"))[0]
        if near_lon is not None:
            distance = abs(float(place[0]) - near_lon)
        else:
            distance = float(np.hypot(*((SEATS - place) * (np.cos(np.radians(place[1])), 1.0)).T).min())
        ranked.append((distance, code))
    return [Crs(f"EPSG:{code}") for _, code in sorted(ranked)]
