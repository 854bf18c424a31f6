"""What the measurements share: a coverage of any size, interleaved timing, a table of results."""

from __future__ import annotations

import os
import platform
import statistics
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

from core.demo.terrain import CENTRE, RADIUS_DEG, make_terrain
from gis.lattice import quantise

SEED = 7
STRETCH = 4
"""How many times as wide as the demonstration city: some 6,500 km², as a Chinese city of prefecture rank is."""


@dataclass(frozen=True)
class Timing:
    """Medians of the rounds, in seconds."""

    wall: float
    cpu: float


def coverage(leaves: int, *, plain: bool = False) -> NDArray[np.object_]:
    """An exact coverage with about 90 vertices a leaf, or ``plain`` with its corners alone, on the lattice."""
    cells = make_terrain(leaves, SEED, point_every_m=np.inf if plain else 950.0 / leaves**0.5).cells
    centre = quantise(np.array([CENTRE]))[0]
    return np.asarray(shapely.transform(cells, lambda xy: xy * STRETCH - centre * (STRETCH - 1)))


def points(count: int) -> NDArray[np.float64]:
    """Points in degrees: most near the middle, as people live, some outside."""
    generator = np.random.default_rng(SEED)
    near = generator.normal(size=(count, 2)) * 0.35 * STRETCH
    return np.asarray(near * RADIUS_DEG + CENTRE)


def interleave(ways: Mapping[str, Callable[[], Any]], rounds: int) -> dict[str, Timing]:
    """Run all ways in turn, several rounds, so that noise hits them alike."""
    wall: dict[str, list[float]] = {name: [] for name in ways}
    cpu: dict[str, list[float]] = {name: [] for name in ways}
    for _ in range(rounds):
        for name, run in ways.items():
            before, started = os.times(), time.perf_counter()
            run()
            after = os.times()
            wall[name].append(time.perf_counter() - started)
            cpu[name].append(after.user + after.system - before.user - before.system)
    return {name: Timing(statistics.median(wall[name]), statistics.median(cpu[name])) for name in ways}


def report(title: str, timings: Mapping[str, Timing], *bases: str, unit: str = "", count: int = 0) -> None:
    """Print a table with the ratios to each of ``bases``."""
    print(f"\n### {title}\n\n{platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}\n")
    heads = ["way", "wall s", "CPU s", *(f"÷ {base}" for base in bases), *([f"{unit}/s"] if count else [])]
    print(f"| {' | '.join(heads)} |\n|{'---|' * len(heads)}")
    for name, timing in timings.items():
        cells = [name, f"{timing.wall:.3g}", f"{timing.cpu:.3g}"]
        cells += [f"{timing.wall / timings[base].wall:,.2f}" for base in bases]
        cells += [f"{count / timing.wall:,.0f}"] if count else []
        print(f"| {' | '.join(cells)} |")
