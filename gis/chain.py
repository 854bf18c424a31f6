"""Boundaries as chains of directed integer edges, the arithmetic under every proof.

The boundary of a polygon is a map from directed edge to whole number, the inside on the left; an edge and
its reverse cancel, multiplicities are kept. The sum of the boundaries of polygons that tile an area is the
boundary of that area, so equality of chains, an exact integer question, replaces geometric predicates.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

from gis.errors import CoverageError, LatticeError
from gis.lattice import SCALE, Geometries, Integers, as_array, ring_areas, rings_of
from gis.portions import by_place, in_order

MIXER = 1
"""Version of the hash under `fingerprints`; stored beside every fingerprint."""

Words = NDArray[np.uint64]

BATCH = 100_000
"""Vertices that are worked on at once where that changes nothing: so many stay in the processor's cache."""

_BIAS = 1 << 31


@dataclass(frozen=True)
class Edges:
    """Directed edges a→b with the inside on their left: a, b int64[n, 2] lattice units, owner int32[n]."""

    a: Integers
    b: Integers
    owner: NDArray[np.int32]

    def __len__(self) -> int:
        return len(self.a)

    def reversed(self) -> Edges:
        """The same edges the other way round: the chain times minus one."""
        return Edges(self.b, self.a, self.owner)

    def __getitem__(self, chosen: Any) -> Edges:
        return Edges(self.a[chosen], self.b[chosen], self.owner[chosen])


def edges(polygons: object) -> Edges:
    """All edges of lattice polygons, `owner` being the polygon's position, ascending.

    Rings that wind the wrong way are turned; repeated vertices give no edge. Raises LatticeError where a
    coordinate is no whole number on the lattice.
    """
    rings = rings_of(polygons)
    q = rings.xy.astype(np.int64)
    if (q != rings.xy).any() or (np.abs(q) > 1_800_000_000).any():
        raise LatticeError(
            "coordinates are not lattice units: bring the polygons through lattice.from_degrees first",
            code="not_on_lattice",
        )  # fmt: skip
    first = np.ones(len(q), bool)
    first[rings.start[1:] - 1] = False
    index = np.flatnonzero(first)
    a, b = q[index], q[index + 1]
    turned = (ring_areas(q, rings.start) > 0) != rings.shell
    amount = np.diff(rings.start) - 1
    if turned.any():
        swap = np.repeat(turned, amount)
        a[swap], b[swap] = b[swap], a[swap]
    owner = np.repeat(rings.owner, amount).astype(np.int32)
    real = (a != b).any(axis=1)
    whole = Edges(a, b, owner)
    return whole if real.all() else whole[real]


def join(*chains: Edges) -> Edges:
    """The sum of chains before anything cancels: their edges one after another."""
    return Edges(
        np.concatenate([c.a for c in chains]),
        np.concatenate([c.b for c in chains]),
        np.concatenate([c.owner for c in chains]),
    )


def cancel(chain: Edges, within: Integers | None = None) -> Edges:
    """What is left of a chain when every edge has cancelled its reverse; multiplicities are kept.

    With `within` (int[n], a group of each edge) only edges of one group cancel each other. Exact: a hash
    orders the edges, the coordinates decide.
    """
    if not len(chain):
        return chain
    keys = _Keys(chain, within)
    order, start = keys.grouped()
    sign = np.where(keys.forward[order], 1, -1)
    net = np.add.reduceat(sign, start)
    left = np.flatnonzero(net)
    if not len(left):
        return chain[left]
    size = np.diff(np.append(start, len(order)))[left]
    return chain[np.sort(_survivors(order, sign, start[left], size, net[left]))]


def boundary(polygons: object, within: Integers | None = None) -> Edges:
    """What is left of the chain of lattice polygons when it has cancelled, as of `cancel(edges(polygons))`.

    `within` int[n] are groups of the polygons. Portions that lie together cancel for themselves first: of a large
    city only the edges between them are in memory at once.
    """
    array = as_array(polygons)
    left = []
    for portion in by_place(array):
        chain = edges(array[portion])
        owned = Edges(chain.a, chain.b, portion[chain.owner].astype(np.int32))
        left.append(_cancelled(owned, within))
    return left[0] if len(left) == 1 else _cancelled(join(*left), within)


def _cancelled(chain: Edges, within: Integers | None) -> Edges:
    return cancel(chain, None if within is None else within[chain.owner])


def _survivors(order: Integers, sign: Integers, start: Integers, size: Integers, net: Integers) -> Integers:
    """Of each run, as many edges of the prevailing direction as its net count says."""
    place = spans(start, size)
    run = np.repeat(np.arange(len(start)), size)
    prevailing = sign[place] * net[run] > 0
    rank = np.cumsum(prevailing)
    before = np.concatenate([[0], rank])[np.cumsum(size) - size]
    kept = prevailing & (rank - before[run] <= np.abs(net)[run])
    return np.asarray(order[place[kept]], np.int64)


def spans(start: Integers, size: Integers) -> Integers:
    """The positions start[i], start[i] + 1, … (size[i] of them) of all spans, one after another."""
    offset = np.cumsum(size) - size
    return np.asarray(np.arange(int(size.sum())) + np.repeat(start - offset, size), np.int64)


class _Keys:
    """Undirected edges as two 64-bit words and a hash that puts equal ones side by side."""

    def __init__(self, chain: Edges, within: Integers | None) -> None:
        ka, kb = pack(chain.a), pack(chain.b)
        self.forward = ka < kb
        self.low, self.high = np.where(self.forward, ka, kb), np.where(self.forward, kb, ka)
        self.group = None if within is None else np.asarray(within, np.int64).view(np.uint64)
        self.hash = mix(mix(self.low + np.uint64(0x9E3779B97F4A7C15)) + self.high)
        if self.group is not None:
            self.hash = mix(self.hash + self.group * np.uint64(0xD1B54A32D192ED03))

    def grouped(self) -> tuple[Integers, Integers]:
        """The order that puts equal edges together, and where each run of equals starts in it.

        The hash is cut to leave room for the position in the same word: numpy sorts bare words several
        times faster than positions. Runs whose cut hashes collide are ordered by the coordinates.
        """
        n = len(self.low)
        room = np.uint64(max(n - 1, 1).bit_length())
        mask = (np.uint64(1) << room) - np.uint64(1)
        word = (self.hash & ~mask) | np.arange(n, dtype=np.uint64)
        word.sort()
        order = (word & mask).astype(np.int64)
        word &= ~mask
        same = word[1:] == word[:-1]
        differ = self._differ(order)
        if (same & differ).any():
            run = np.concatenate([[0], np.cumsum(~same)])
            place = np.flatnonzero(np.isin(run, run[1:][same & differ]))
            part = order[place]
            columns = [self.high[part], self.low[part]]
            if self.group is not None:
                columns.append(self.group[part])
            order[place] = part[np.lexsort([*columns, run[place]])]
            differ = self._differ(order)
        return order, np.flatnonzero(np.concatenate([[True], differ]))

    def _differ(self, order: Integers) -> NDArray[np.bool_]:
        low, high = self.low[order], self.high[order]
        differ: NDArray[np.bool_] = (low[1:] != low[:-1]) | (high[1:] != high[:-1])
        if self.group is not None:
            group = self.group[order]
            differ |= group[1:] != group[:-1]
        return differ


def pack(points: Integers) -> Words:
    """Lattice points int64[n, 2] as single words that order by longitude, then latitude."""
    x = (points[:, 0] + _BIAS).view(np.uint64)
    return (x << np.uint64(32)) | (points[:, 1] + _BIAS).view(np.uint64)


def mix(words: Words) -> Words:
    """The finaliser of splitmix64 (Steele, Lea, Flood 2014): a bijection of 64-bit words."""
    words = (words ^ (words >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    words = (words ^ (words >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return words ^ (words >> np.uint64(31))


def fingerprints(polygons: object) -> Integers:
    """One int64 a polygon: the sum modulo 2**64 of h(a→b) over its edges, where h(a→b) = −h(b→a).

    With k(x, y) = (x + 2**31) · 2**32 + (y + 2**31) and k(a) < k(b):
    h(a→b) = mix(mix(k(a) + 0x9E3779B97F4A7C15) + k(b)).
    The fingerprint of a parent is the sum of its children's; equal sums mean equal chains but for one
    chance in 2**64 (accidents are found, forgeries are not). An empty polygon has 0. Result int64[n] in
    two's complement.
    """
    array = as_array(polygons)
    return np.concatenate([_fingerprints(array[run]) for run in in_order(array, BATCH)])


def _fingerprints(array: Geometries) -> Integers:
    chain = edges(array)
    total = np.zeros(len(chain) + 1, np.uint64)
    if len(chain):
        keys = _Keys(chain, None)
        np.cumsum(np.where(keys.forward, keys.hash, ~keys.hash + np.uint64(1)), out=total[1:])
    bounds = np.searchsorted(chain.owner, np.arange(len(array) + 1))
    return (total[bounds[1:]] - total[bounds[:-1]]).view(np.int64)


def segments(chain: Edges) -> Geometries:
    """Each edge as a lattice line, object[n]."""
    return as_array(shapely.linestrings(np.stack([chain.a, chain.b], axis=1).astype(np.float64)))


def link(chain: Edges) -> Any:
    """The Polygon or MultiPolygon whose boundary is the given cancelled chain; no edges give an empty one.

    Of the faces between the edges those are kept whose inside is on the left; the boundary of the result is
    then compared with the chain edge for edge. Raises CoverageError where the edges bound no valid area: an
    edge counted twice, an open end, edges that cross, or an area covered twice.
    """
    if not len(chain):
        return shapely.Polygon()
    lines = segments(chain)
    faces = shapely.orient_polygons(shapely.get_parts(shapely.polygonize(lines)))
    around = edges(faces)
    first = np.searchsorted(around.owner, np.arange(len(faces)))
    inside = np.isin(_directed_hash(around[first]), _directed_hash(chain))
    kept = faces[inside]
    result = kept[0] if len(kept) == 1 else shapely.multipolygons(kept)
    rest = cancel(join(edges(result), chain.reversed()))
    if len(rest) or not shapely.is_valid(result):
        lon, lat = ((rest.a[0] if len(rest) else chain.a[0]) / SCALE).tolist()
        raise CoverageError(
            f"the edges near {lon:.7f}, {lat:.7f} do not close to a valid outline: polygons overlap, "
            "cross or lack a common vertex there; list the defects, or import with cleaning",
            code="no_outline", lon=lon, lat=lat,
        )  # fmt: skip
    return result


def _directed_hash(chain: Edges) -> Words:
    return mix(mix(pack(chain.a)) + pack(chain.b))


def dissolve(polygons: object) -> Any:
    """The one lattice polygon that the given ones tile; raises CoverageError where they tile none."""
    return link(boundary(polygons))


def dissolve_by(polygons: object, groups: object) -> Geometries:
    """Dissolve each group: `groups` int[n] counts from 0, entry g of the result is what group g tiles.

    Edges are cancelled inside their group, those of many groups at once. A number without polygons gives an empty
    polygon.
    Raises CoverageError (with `group`) where the polygons of a group do not tile an area.
    """
    array, member = as_array(polygons), np.asarray(groups, np.int64)
    count = int(member.max()) + 1 if len(member) else 0
    result = np.full(count, shapely.Polygon(), dtype=object)
    order = np.argsort(member, kind="stable")
    for run in in_order(array[order], groups=member[order]):
        some = order[run]
        left = boundary(array[some], member[some])
        group = member[some][left.owner]
        by_group = np.argsort(group, kind="stable")
        present = np.unique(group)
        bounds = np.searchsorted(group[by_group], np.append(present, count))
        for g, first, end in zip(present.tolist(), bounds[:-1], bounds[1:], strict=True):
            try:
                result[g] = link(left[by_group[first:end]])
            except CoverageError as error:
                raise CoverageError(f"group {g}: {error}", code=error.code, **error.params, group=g) from None
    return result


def sides(chain: Edges) -> tuple[Integers, Integers, Integers, Integers]:
    """Every undirected edge once: its ends low, high int64[m, 2], and the owners left and right of low→high.

    −1 stands for no owner. Raises CoverageError where two polygons lie on one side of an edge.
    """
    if not len(chain):
        none = np.empty(0, np.int64)
        return none.reshape(0, 2), none.reshape(0, 2), none, none
    keys = _Keys(chain, None)
    order, start = keys.grouped()
    size = np.diff(np.append(start, len(order)))
    second = order[np.minimum(start + 1, len(order) - 1)]
    first = order[start]
    forward = keys.forward[first]
    twice = (size > 2) | ((size == 2) & (forward == keys.forward[second]))
    if twice.any():
        at = first[np.flatnonzero(twice)[0]]
        lon, lat = (chain.a[at] / SCALE).tolist()
        raise CoverageError(
            f"two polygons lie on the same side of an edge at {lon:.7f}, {lat:.7f}: prove the coverage first",
            code="overlap", lon=lon, lat=lat,
        )  # fmt: skip
    one = chain.owner[first].astype(np.int64)
    other = np.where(size == 2, chain.owner[second], -1)
    turned = ~forward[:, None]
    low, high = (
        np.where(turned, chain.b[first], chain.a[first]),
        np.where(turned, chain.a[first], chain.b[first]),
    )
    return low, high, np.where(forward, one, other), np.where(forward, other, one)
