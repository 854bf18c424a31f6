"""French communes that became one, one of them divided again: every moment keeps the map that it had."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pytest
import shapely

from core import clock
from core.db.session import reading
from core.errors import NotFound, Refused
from core.grids.formers import known_bearer
from core.grids.proof import check_coverage
from core.grids.queries import grids_by_ids, known_grid
from core.grids.reading import load_leaves
from gis.lattice import SCALE
from tests.e2e.clients import admin_client, found
from tests.integration.grids.bringing import TESTER, bring
from tests.integration.grids.locating import located
from tests.integration.grids.plans import run
from tests.real.owners import owners
from tests.real.picking import pick

pytestmark = pytest.mark.real

FRANCE = "coverage/france_communes_2018.gpkg.zip"
DEPARTMENTS = "dep in ('78', '85', '91')"
MERGERS = {
    "Évry-Courcouronnes": ("91228", "91182"),
    "Saint-Germain-en-Laye": ("78551", "78251"),
    "Les Sables-d'Olonne": ("85194", "85060", "85166"),
}
"""The communes of 2018 of which each was made; the first one's code is kept."""
PARTED = ("78551", "78251")
AGAIN = "78951"
"""The code of the commune that leaves Saint-Germain again: its own of old stays reserved."""


class Moment(NamedTuple):
    """The communes as they stood."""

    at: dt.datetime
    communes: dict[str, Any]


@pytest.fixture(params=[DEPARTMENTS, pytest.param("true", marks=pytest.mark.long)])
def france(
    request: pytest.FixtureRequest, database: str, real_data: Callable[[str], Path], tmp_path: Path
) -> dict[str, Any]:
    """The communes of 2018 with their departments; gives their outlines by code."""
    where = request.param
    file = real_data(FRANCE) if where == "true" else pick(real_data(FRANCE), tmp_path / "communes.gpkg", where)
    options: dict[str, Any] = {"nest": (("dep", "county"),), "root": "FR:France", "clean": where == "true"}
    assert not bring(file, "street", **options).refused
    return look().communes


def look() -> Moment:
    with reading(TESTER) as session:
        leaves = load_leaves(session)
    return Moment(clock.now(), dict(zip(leaves.codes, leaves.polygons, strict=True)))


def same(one: Any, other: Any) -> bool:
    return bool(shapely.equals_identical(shapely.normalize(one), shapely.normalize(other)))


def border(one: Any, other: Any) -> list[list[float]]:
    """The common border of two outlines, in degrees, with the first on its left."""
    line = shapely.line_merge(shapely.intersection(shapely.boundary(one), shapely.boundary(other)))
    assert line.geom_type == "LineString"
    beside = shapely.buffer(line, 40, single_sided=True)
    if shapely.intersection(beside, one).area < shapely.intersection(beside, other).area:
        line = shapely.reverse(line)
    return (shapely.get_coordinates(line) / SCALE).tolist()


def merge_all(before: dict[str, Any]) -> None:
    for name, members in MERGERS.items():
        done = run("FR", {"op": "merge", "grids": list(members), "name": name})
        assert (done.exact, done.born, sorted(done.retired)) == (True, (), sorted(members[1:]))
        assert done.touched == members[:1]
        merged = look().communes[members[0]]
        assert shapely.equals(merged, shapely.union_all([before[code] for code in members]))


def prove_every(moments: list[Moment]) -> None:
    """The map of each moment is exact and bit for bit what it was then, and every place has the owner of then."""
    first = moments[0].communes
    chosen = [code for members in MERGERS.values() for code in members]
    places = (
        shapely.get_coordinates(shapely.point_on_surface([first[code] for code in chosen])).round().astype(np.int64)
    )
    for moment in moments:
        with reading(TESTER) as session:
            check = check_coverage(session, as_of=moment.at)
            leaves = load_leaves(session, moment.at)
        assert (check.exact, check.unmatched) == (True, 0)
        assert set(leaves.codes) == moment.communes.keys()
        assert all(same(p, moment.communes[code]) for code, p in zip(leaves.codes, leaves.polygons, strict=True))
        assert located(places, moment.at) == owners(places, moment.communes)


def test_mergers_are_made_and_one_is_undone(france: dict[str, Any]) -> None:
    moments = [look()]
    merge_all(france)
    moments.append(look())
    gone = sum(len(members) - 1 for members in MERGERS.values())
    assert len(moments[1].communes) == len(france) - gone
    split: dict[str, Any] = {
        "op": "split", "grid": "78551", "line": border(*(france[code] for code in PARTED)),
        "names": ["Saint-Germain-en-Laye", "Fourqueux"],
    }  # fmt: skip
    with pytest.raises(Refused, match="78251"):
        run("78", {**split, "codes": list(PARTED)})
    done = run("78", {**split, "codes": ["78551", AGAIN]})
    assert (done.exact, done.born, done.retired, done.touched) == (True, (AGAIN,), (), ("78551",))
    moments.append(look())
    now = moments[2].communes
    assert all(same(now[code], france[old]) for code, old in zip(("78551", AGAIN), PARTED, strict=True))
    untouched = now.keys() & france.keys() - {members[0] for members in MERGERS.values()}
    assert len(untouched) == len(france) - 7
    assert all(same(now[code], france[code]) for code in untouched)
    prove_every(moments)
    ask_before_between_and_after(moments, france)


def ask_before_between_and_after(moments: list[Moment], france: dict[str, Any]) -> None:
    """What the service and the API say of Fourqueux at each moment."""
    place = shapely.point_on_surface(france["78251"])
    where = f"lon={round(place.x) / SCALE}&lat={round(place.y) / SCALE}"
    client = admin_client()
    for moment, code in zip(moments, ("78251", "78551", AGAIN), strict=True):
        at = moment.at.isoformat().replace("+00:00", "Z")
        answer = found(client, f"/api/v1/grids/at?{where}&as_of={at}")
        assert (answer["code"], answer["path"]) == (code, ["FR", "78", code])
    with reading(TESTER) as session:
        then = known_grid(session, "78251", moments[0].at)
        assert (then.name, grids_by_ids(session, [then.id])) == ("Fourqueux", {})
        for at in (moments[1].at, None):
            with pytest.raises(NotFound):
                known_bearer(session, "78251", at)
