"""What a request asks for: its parameters by the standard, each fault with its name."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, ClassVar, Final

import shapely

from core import clock
from core.errors import DomainError, Invalid
from core.grids.features import FILTERS, FeatureQuery
from core.text import noop as _
from gis.axes import area_in_degrees
from gis.errors import GisError
from web.ogc.systems import CRS84, system_of

USUAL: Final = 500
MOST: Final = 5000
ITEM: Final = ("crs", "datetime", "f")
ITEMS: Final = (*ITEM, "bbox", "bbox-crs", "limit", "after", *FILTERS)


class BadParameter(DomainError):
    """A parameter that the standard wants refused by 400."""

    slug: ClassVar[str] = Invalid.slug
    status: ClassVar[int] = 400
    title: ClassVar[str] = Invalid.title


@dataclass(frozen=True)
class Asked:
    """A query, and the system in which its answer is given."""

    query: FeatureQuery
    crs: str


def asked(values: Mapping[str, str], level: str | None, known: Sequence[str], timezone: str) -> Asked:
    """Read the parameters of a request for features.

    :param known: addresses of the systems offered.
    :param timezone: of the instance, in which a bare date ends.
    :raises BadParameter: for a parameter that is unknown or cannot be understood.
    """
    refuse_unknown(values, ITEMS)
    query = FeatureQuery(
        level=level,
        area=_area(values, known),
        during=_during(values.get("datetime"), timezone),
        equal={name: values[name] for name in FILTERS if name in values},
        after=_whole(values, "after", 0, 0, 2**63 - 1),
        limit=min(_whole(values, "limit", USUAL, 1, 2**31), MOST),
    )
    return Asked(query, _system(values, "crs", known))


def asked_one(values: Mapping[str, str], level: str | None, known: Sequence[str], timezone: str) -> Asked:
    """Read the parameters of a request for one feature.

    :raises BadParameter: as ``asked``.
    """
    refuse_unknown(values, ITEM)
    made = asked(values, level, known, timezone)
    return replace(made, query=replace(made.query, limit=1))


def refuse_unknown(values: Mapping[str, str], known: Sequence[str]) -> None:
    """Refuse parameters that the address does not take.

    :raises BadParameter: for the first.
    """
    for name in values:
        if name not in known:
            raise BadParameter(
                _("There is no parameter %(name)s; there are: %(known)s"), name=name[:80], known=", ".join(known)
            )


def _system(values: Mapping[str, str], name: str, known: Sequence[str]) -> str:
    address = values.get(name, CRS84)
    if address not in known:
        raise BadParameter(
            _("The coordinate system %(crs)s in %(name)s is not offered; the collection lists those that are"),
            crs=address[:100],
            name=name,
        )
    return address


def _area(values: Mapping[str, str], known: Sequence[str]) -> shapely.Geometry | None:
    system = _system(values, "bbox-crs", known)
    if "bbox" not in values:
        return None
    try:
        numbers = [float(part) for part in values["bbox"].split(",")]
    except ValueError:
        numbers = []
    corners = (*numbers[:2], *numbers[3:5]) if len(numbers) == 6 else tuple(numbers)
    wrong = BadParameter(
        _("bbox needs four numbers: lower corner, upper corner, as 116.1,39.0,116.4,39.2; this is %(bbox)s"),
        bbox=values["bbox"][:100],
    )
    if len(corners) != 4 or not all(map(math.isfinite, corners)):
        raise wrong
    crs = system_of(system)
    first, second, third, fourth = corners
    if fourth < second or (third < first and crs is not None):
        raise wrong
    try:
        return area_in_degrees((first, second, third, fourth), crs)
    except GisError as error:
        raise wrong from error


def _during(value: str | None, timezone: str) -> tuple[Any, Any] | None:
    if value is None:
        return None
    first, slash, last = value.partition("/")
    start = _moment(first, value, timezone, start=bool(slash))
    end = _moment(last, value, timezone, start=False) if slash else start
    if start is not None and end is not None and start > end:
        raise _no_time(value)
    if slash and start is None and end is None:
        raise _no_time(value)
    return start, end


def _moment(part: str, whole: str, timezone: str, *, start: bool) -> dt.datetime | None:
    """A moment; of a bare date its end, or its start where an interval begins. Open ends are ``None``."""
    if part in ("", "..") and "/" in whole:
        return None
    try:
        day = clock.day(part) if len(part) == 10 else dt.datetime.fromisoformat(part)
    except ValueError:
        raise _no_time(whole) from None
    if isinstance(day, dt.datetime) and day.tzinfo is None:
        raise _no_time(whole)
    return clock.start(day, timezone) if start else clock.moment(day, timezone)


def _no_time(value: str) -> BadParameter:
    return BadParameter(
        _(
            "datetime is a moment with its offset, a date or an interval, as 2026-11-24T08:00:00Z, 2026-11-24 or "
            "2026-01-01/..; this is %(value)s"
        ),
        value=value[:100],
    )


def _whole(values: Mapping[str, str], name: str, usual: int, least: int, most: int) -> int:
    text = values.get(name)
    if text is None:
        return usual
    if not text.isascii() or not text.isdecimal() or len(text) > 20 or not least <= int(text) <= most:
        raise BadParameter(
            _("%(name)s is a whole number from %(least)s on; this is %(value)s"),
            name=name,
            least=least,
            value=text[:40],
        )
    return int(text)
