"""Where a matter is: converted once, rounded once, located in the same transaction; the raw numbers are kept."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from geoalchemy2 import WKBElement

from core.db.session import WorkSession
from core.errors import Invalid, Objection
from core.gistext import explain
from core.grids.locating import locate_for_write
from core.grids.points import stored_point, told_point
from core.grids.views import GridView
from core.matters.models import Matter
from core.text import Text
from core.text import noop as _
from gis.crs import CGCS2000, named_crs, to_cgcs2000
from gis.errors import GisError
from gis.lattice import SCALE, point


@dataclass(frozen=True)
class Place:
    """A point as it was sent.

    :param lon: longitude in degrees, or the easting where ``crs`` is projected; ``lat`` likewise.
    :param accuracy_m: radius in metres that the device gave.
    """

    lon: float
    lat: float
    crs: str = CGCS2000
    accuracy_m: float | None = None

    def raw(self) -> dict[str, Any]:
        """What was sent, as JSON."""
        return {"lon": self.lon, "lat": self.lat, "crs": self.crs, "accuracy_m": self.accuracy_m}


@dataclass(frozen=True)
class LocatedPlace:
    """A point on the lattice and the leaf that holds it (``None`` outside the city)."""

    geometry: WKBElement
    lon: float
    lat: float
    grid: GridView | None


def locate_place(session: WorkSession, place: Place) -> LocatedPlace:
    """Convert, round and locate; the leaf stays locked against retirement until commit.

    :raises Invalid: when the coordinates or their system make no sense, pointing at ``/place``.
    """
    try:
        degrees = to_cgcs2000(np.array([[place.lon, place.lat]]), named_crs(place.crs))
        x, y = point(*degrees[0].tolist())
    except GisError as error:
        raise _no_place(error) from None
    return LocatedPlace(stored_point(x, y), x / SCALE, y / SCALE, locate_for_write(session, x, y))


def check_moved(matter: Matter, where: LocatedPlace) -> None:
    """Refuse to move a matter's pin to where it stands already."""
    if matter.place is None or told_point(matter.place) != (where.lon, where.lat):
        return
    mend = Text(_("Set the pin at another place, or close the dialog"))
    fault = Objection(Text(_("The pin stands there already: the place did not change")), mend, "/place", "unmoved")
    raise Invalid(_("The step has faults"), objections=[fault])


def _no_place(error: GisError) -> Invalid:
    pointer = "/place/crs" if error.code == "unknown_crs" else "/place"
    mend = Text(_("Check longitude, latitude and the coordinate system"))
    objection = Objection(explain(error), mend, pointer, error.code)
    return Invalid(_("The place makes no sense"), objections=[objection])
