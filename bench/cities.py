"""Whole cities for the measurements: county, street, community, grid, in a database of their own or in a file."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray
from pyogrio.raw import write

from bench.common import coverage
from core.actor import command_line
from core.assembly import assemble
from core.db.cluster import THROWAWAY, Cluster
from core.db.migrate import upgrade_host
from core.db.roles import prepare
from core.db.session import connect, disconnect, work
from core.grids.acts import Birth
from core.grids.imports.draft import ImportOptions, Prepared
from core.grids.imports.importing import apply
from gis.chain import dissolve
from gis.lattice import to_degrees

ROOT = "990000"
LEVELS = ("county", "street", "community")
PER_COMMUNITY, PER_STREET = 25, 250
"""Grids in a community, and in a street."""
MOST_OF_A_COUNTY = 50_000
APART = 20_000_000
"""Lattice units from one county to the next, where there are several: two degrees, so that they do not meet."""
ACTOR = command_line("bench")


@dataclass(frozen=True)
class City:
    """Grids and what they lie in.

    :param leaves: lattice polygons, object[n].
    :param parents: int64[n, 3], the numbers of the county, street and community of each.
    """

    leaves: NDArray[np.object_]
    parents: NDArray[np.int64]

    def codes(self, level: int) -> list[str]:
        """Of each leaf the code of its parent at a position of ``LEVELS``."""
        return [f"{LEVELS[level]}-{number}" for number in self.parents[:, level].tolist()]

    def births(self) -> tuple[Birth, ...]:
        """All grids, parents before children."""
        found = [Birth(ROOT, "bench", "city", None, dissolve(self.leaves))]
        above = [ROOT] * len(self.leaves)
        for level, name in enumerate(LEVELS):
            own = self.codes(level)
            for members in _groups(self.parents[:, level]):
                code, parent = own[members[0]], above[members[0]]
                found.append(Birth(code, code, name, parent, dissolve(self.leaves[members])))
            above = own
        found += [
            Birth(f"g{n}", f"grid {n}", "grid", community, leaf)
            for n, (leaf, community) in enumerate(zip(self.leaves, above, strict=True))
        ]
        return tuple(found)

    def write(self, path: Path) -> Path:
        """A GeoPackage of the leaves with the codes of what they lie in."""
        codes = np.array([f"g{n}" for n in range(len(self.leaves))], dtype=object)
        columns: list[Any] = [codes, *(np.array(self.codes(level), dtype=object) for level in range(len(LEVELS)))]
        wkb = shapely.to_wkb(to_degrees(self.leaves))
        kind = {"geometry_type": "Unknown", "crs": "EPSG:4490", "driver": "GPKG"}
        write(str(path), wkb, columns, ["code", *LEVELS], **kind)
        return path


def city(leaves: int, *, plain: bool = False) -> City:
    """A city; above 50,000 leaves one county after another of as many, shifted copies of one.

    ``plain``: with straight borders, so that a very large one is soon made.
    """
    one = coverage(min(leaves, MOST_OF_A_COUNTY), plain=plain)
    order = np.argsort(_along_a_curve(shapely.get_coordinates(shapely.centroid(one))))
    one = one[order]
    copies = [_moved_west(one, n * APART) for n in range(-(-leaves // len(one)))]
    number = np.arange(len(one) * len(copies))
    parents = np.stack([number // len(one), number // PER_STREET, number // PER_COMMUNITY], axis=1)
    return City(np.concatenate(copies), parents)


def _moved_west(leaves: NDArray[np.object_], by: float) -> NDArray[np.object_]:
    return shapely.transform(leaves, lambda xy: xy - (by, 0))


@contextmanager
def instance(options: dict[str, str] | None = None) -> Iterator[tuple[Path, Cluster, str]]:
    """A throw-away database with our tables: its folder, the server, the DSN of the application."""
    assemble()
    with tempfile.TemporaryDirectory(prefix="wangge-") as name:
        folder = Path(name)
        folder.chmod(0o711)
        with Cluster(folder / "pg", options or THROWAWAY).running() as cluster:
            prepare(cluster, "bench")
            upgrade_host(cluster.url("wangge_owner", "bench"))
            yield folder, cluster, cluster.url("wangge_app", "bench")


@contextmanager
def connected(url: str) -> Iterator[None]:
    """This process on the database."""
    connect(url)
    try:
        yield
    finally:
        disconnect()


def settle(births: Sequence[Birth]) -> None:
    """Write the grids as an import does."""
    with work(ACTOR) as session:
        apply(session, Prepared(ImportOptions(level="grid"), 0, births=tuple(births), exact=True))


def _groups(numbers: NDArray[np.int64]) -> Iterator[NDArray[np.int64]]:
    """The positions of each number in turn; equal ones stand together."""
    starts = np.flatnonzero(np.diff(numbers, prepend=-1))
    for start, end in zip(starts, np.append(starts[1:], len(numbers)), strict=True):
        yield np.arange(start, end)


def _along_a_curve(xy: NDArray[np.float64]) -> NDArray[np.int64]:
    """Places along Morton's curve: neighbours in the order are neighbours on the ground."""
    low = xy.min(axis=0)
    cells = ((xy - low) / (xy.max(axis=0) - low) * 1023).astype(np.int64)
    place = np.zeros(len(xy), np.int64)
    for bit in range(10):
        place |= ((cells[:, 0] >> bit) & 1) << (2 * bit) | ((cells[:, 1] >> bit) & 1) << (2 * bit + 1)
    return place
