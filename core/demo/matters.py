"""3,000 matters of the demonstration city, reported and worked on through the same services that people use."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Final
from uuid import UUID
from zoneinfo import ZoneInfo

import numpy as np
import shapely
from PIL import Image, ImageDraw

from core import clock
from core.actor import Actor
from core.db.base import new_id
from core.db.session import WorkSession, work
from core.demo.city import SEED
from core.demo.courses import Act, course, report_times
from core.files.photos import CleanPhoto
from core.files.pictures import encoded
from core.files.service import keep_photo
from core.grids.acts import Birth
from core.matters.commands import ReportMatter, TakeStep
from core.matters.inputs import read_input
from core.matters.kinds import MatterKind, Sample, kinds
from core.matters.ladder import skip_past
from core.matters.places import Place
from core.matters.service import report_matter, take_step
from gis import lattice

COMMUNITY_DIGITS: Final = 12
WORKER_STEPS: Final = frozenset({"settle", "withdraw"})
URGENT: Final = 1
SELDOM: Final = 0.15
"""How often a kind of the first priority is reported, where another is reported once."""
PICTURES: Final = 6
NOTES: Final = {
    "accept": ("情况属实，予以受理。", "已电话核实，受理并告知反映人。", "与近期同类事项比对，不重复，受理。"),
    "settle": (
        "已到现场处置。",
        "网格员到场处理，现场拍照留存。",
        "联系物业一并处理，当日见效。",
        "已与当事人面谈，达成一致。",
    ),
    "close": ("已处理完毕，并告知居民。", "回访居民表示满意，办结。", "现场复核，问题已解决。"),
    "reject": ("现场核实未发现所述情况。", "与已受理事项为同一问题，不再重复受理。"),
    "withdraw": ("居民称问题已自行解决。", "反映人来电撤回。"),
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
    zone: ZoneInfo,
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
    weights = np.array([SELDOM if kind.priority == URGENT else 1.0 for kind in known])
    for made, reported in enumerate(report_times(count, now, zone, generator), 1):
        kind = known[int(generator.choice(len(known), p=weights / weights.sum()))]
        sample = kind.samples[int(generator.integers(len(kind.samples)))]
        leaf = leaves[int(generator.integers(len(leaves)))]
        crew = crews[leaf.code[:COMMUNITY_DIGITS]]
        matter_id, due = _report(kind, sample, _place(leaf, generator), crew, reported, now)
        acts = [act for act in course(reported, due, zone, generator) if act.at < now]
        _live(kind, matter_id, crew, acts, generator)
        if made % 500 == 0:
            progress(f"{made} matters")
    return count


def _place(leaf: Birth, generator: np.random.Generator) -> Place:
    """A point inside a leaf, a random step away from its middle."""
    middle = np.array(shapely.point_on_surface(leaf.polygon).coords[0])
    west, south, east, north = leaf.polygon.bounds
    step = generator.normal(size=2) * (east - west, north - south) * 0.2
    spot = middle + step if leaf.polygon.contains(shapely.Point(*(middle + step))) else middle
    lon, lat = np.round(spot) / lattice.SCALE
    return Place(lon=float(lon), lat=float(lat))


def _report(
    kind: MatterKind, sample: Sample, place: Place, crew: Crew, reported: dt.datetime, now: dt.datetime
) -> tuple[UUID, dt.datetime | None]:
    """Report one matter; gives its id and when it is due. Nobody is reminded now of what was due before."""
    matter_id = new_id()
    with clock.turned(lambda: reported), work(crew.worker) as session:
        report = ReportMatter(matter_id, kind.name, sample.title, sample.text, place, reported, dict(sample.form))
        due = report_matter(session, report).body["due"]
        skip_past(session, matter_id, now)
    return matter_id, dt.datetime.fromisoformat(due) if due else None


def _live(kind: MatterKind, matter_id: UUID, crew: Crew, acts: Sequence[Act], generator: np.random.Generator) -> None:
    """Take a matter through what has happened to it."""
    for version, act in enumerate(acts, 1):
        if act.step in kind.steps_off:
            return
        actor = crew.worker if act.step in WORKER_STEPS else crew.head
        note = NOTES[act.step][int(generator.integers(len(NOTES[act.step])))]
        with clock.turned(lambda act=act: act.at), work(actor) as session:  # type: ignore[misc]
            first = int(generator.integers(PICTURES))
            photos = _photos(session, kind.evidence.get(act.step, 0), first)
            given = read_input(act.step, {"note": note, "files": photos})
            take_step(session, TakeStep(matter_id, act.step, version, given))


def _photos(session: WorkSession, count: int, first: int) -> tuple[UUID, ...]:
    """Pictures that say of themselves that they are made up."""
    numbers = [(first + each) % PICTURES for each in range(count)]
    return tuple(keep_photo(session, _picture(number), f"demo-{number + 1}.jpg").id for number in numbers)


@lru_cache(maxsize=PICTURES)
def _picture(number: int) -> CleanPhoto:
    image = Image.new("RGB", (480, 320), ("#d9e4ef", "#e6f5ec")[number % 2])
    draw = ImageDraw.Draw(image)
    draw.rectangle((20, 200, 460, 300), fill="#b9c7d6")
    draw.rectangle((60 + 40 * number, 90, 200 + 40 * number, 260), fill="#8fa3b8")
    draw.text((24, 16), f"DEMO {number + 1}", fill="#16263a")
    (width, height), whole, small = encoded(image)
    return CleanPhoto(whole, small, width, height)
