"""3,000 matters of the demonstration city, reported and worked on through the same services that people use."""

from __future__ import annotations

import datetime as dt
import io
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final
from uuid import UUID

import numpy as np
import shapely
from PIL import Image, ImageDraw

from core import clock
from core.actor import Actor
from core.db.base import new_id
from core.db.session import WorkSession, work
from core.demo.city import SEED
from core.files.service import store_photo
from core.grids.draft import Birth
from core.matters.commands import ReportMatter, TakeStep
from core.matters.kinds import MatterKind, Sample, kinds
from core.matters.places import Place
from core.matters.service import report_matter, take_step
from gis import lattice

DAYS: Final = 150
COMMUNITY_DIGITS: Final = 12
WORKER_STEPS: Final = frozenset({"settle", "withdraw"})
COURSES: Final = (
    (0.10, ()),
    (0.10, ("accept",)),
    (0.12, ("accept", "settle")),
    (0.60, ("accept", "settle", "close")),
    (0.05, ("reject",)),
    (0.03, ("withdraw",)),
)
"""How far matters have come: share, steps taken."""
NOTES: Final = {
    "accept": "情况属实，予以受理。",
    "settle": "已到现场处置。",
    "close": "已处理完毕，并告知居民。",
    "reject": "现场核实未发现所述情况。",
    "withdraw": "居民称问题已自行解决。",
}


@dataclass(frozen=True)
class Crew:
    """Who works in a community: one reports and settles, another accepts and closes; each with their own rights."""

    worker: Actor
    head: Actor


def load_matters(
    count: int,
    leaves: Sequence[Birth],
    crews: Mapping[str, Crew],
    now: dt.datetime,
    progress: Callable[[str], None],
) -> int:
    """Report ``count`` matters of all known kinds over the last months and take them through their life.

    :param crews: by the code of their community, which a leaf's code begins with.
    :param now: the moment at which the demonstration is loaded; nothing happens later than that.
    """
    generator = np.random.default_rng(SEED)
    known = [kind for kind in kinds() if kind.samples]
    if not known:
        progress("no plugin with examples is switched on; no matters")
        return 0
    for made, age in enumerate(_ages(count, generator), 1):
        kind = known[int(generator.integers(len(known)))]
        sample = kind.samples[int(generator.integers(len(kind.samples)))]
        leaf = leaves[int(generator.integers(len(leaves)))]
        crew = crews[leaf.code[:COMMUNITY_DIGITS]]
        reported = now - dt.timedelta(days=float(age))
        _live(kind, sample, _place(leaf, generator), crew, reported, now, generator)
        if made % 500 == 0:
            progress(f"{made} matters")
    return count


def _ages(count: int, generator: np.random.Generator) -> np.ndarray[tuple[int, ...], np.dtype[np.float64]]:
    """Ages in days, oldest first; more of them lately."""
    return np.sort(DAYS * generator.random(count) ** 1.6)[::-1]


def _place(leaf: Birth, generator: np.random.Generator) -> Place:
    """A point inside a leaf, a random step away from its middle."""
    middle = np.array(shapely.point_on_surface(leaf.polygon).coords[0])
    west, south, east, north = leaf.polygon.bounds
    step = generator.normal(size=2) * (east - west, north - south) * 0.2
    spot = middle + step if leaf.polygon.contains(shapely.Point(*(middle + step))) else middle
    lon, lat = np.round(spot) / lattice.SCALE
    return Place(lon=float(lon), lat=float(lat))


def _live(
    kind: MatterKind,
    sample: Sample,
    place: Place,
    crew: Crew,
    reported: dt.datetime,
    now: dt.datetime,
    generator: np.random.Generator,
) -> None:
    """One matter, as far as its course and the calendar let it come."""
    shares = np.cumsum([share for share, _steps in COURSES])
    steps = COURSES[int(np.searchsorted(shares, generator.random() * shares[-1]))][1]
    moment, matter_id = reported, new_id()
    with clock.turned(_at(moment)), work(crew.worker) as session:
        report = ReportMatter(matter_id, kind.name, sample.title, sample.text, place, moment, dict(sample.form))
        report_matter(session, report)
    for version, step in enumerate(steps, 1):
        moment = moment + dt.timedelta(hours=float(generator.gamma(2.0, 9.0)))
        if moment > now or step in kind.steps_off:
            return
        actor = crew.worker if step in WORKER_STEPS else crew.head
        with clock.turned(_at(moment)), work(actor) as session:
            photos = _photos(session, kind.evidence.get(step, 0), f"{moment:%Y-%m-%d}")
            take_step(session, TakeStep(matter_id, step, version, NOTES[step], files=photos))


def _at(moment: dt.datetime) -> Callable[[], dt.datetime]:
    return lambda: moment


def _photos(session: WorkSession, count: int, caption: str) -> tuple[UUID, ...]:
    """Pictures that say of themselves that they are made up."""
    return tuple(store_photo(session, _picture(caption, number), f"demo-{number}.jpg").id for number in range(count))


def _picture(caption: str, number: int) -> bytes:
    image = Image.new("RGB", (480, 320), ("#d9e4ef", "#e6f5ec")[number % 2])
    draw = ImageDraw.Draw(image)
    draw.rectangle((20, 200, 460, 300), fill="#b9c7d6")
    draw.rectangle((60, 90, 200, 260), fill="#8fa3b8")
    draw.text((24, 16), f"DEMO {number + 1}  {caption.encode('ascii', 'ignore').decode()}", fill="#16263a")
    buffer = io.BytesIO()
    image.save(buffer, "JPEG", quality=70)
    return buffer.getvalue()
