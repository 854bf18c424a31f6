"""The list of defects as pages show it, with its files beside it: outlines and defects for the map, a GeoPackage.

A small city's list is made while the person waits, a large one's by a job; ``Waiting`` says that it is under way.
"""

from __future__ import annotations

import datetime as dt
import json
import shutil
from contextlib import suppress
from pathlib import Path
from typing import Any, Final

import numpy as np
from sqlalchemy import text

from core import clock
from core.access.policy import EVERYWHERE, require
from core.actor import Actor
from core.db.session import WorkSession, reading
from core.errors import DomainError, Forbidden, NotFound
from core.grids.called import called
from core.grids.exporting import write_findings
from core.grids.queries import known_grid
from core.grids.repairs.diagnosing import Diagnosis
from core.grids.repairs.proposals import RepairDefect
from core.grids.repairs.repairing import list_defects
from core.grids.sketches import feature, for_screen, write_features
from core.jobs.queue import enqueue
from core.settings import get_settings
from core.text import Text
from core.text import noop as _
from gis.formats.draft import drafted
from gis.lattice import to_degrees

AT_ONCE_LEAVES: Final = 10_000
"""Cities up to this many leaves are looked at while the person waits."""
MOST_SHAPES: Final = 2_000
KEPT_H: Final = 24
MOST_TOKEN: Final = 40
DIAGNOSE_JOB: Final = "grids.diagnose"
FILES: Final = ("outlines.geojson", "defects.geojson", "defects.gpkg")

Report = dict[str, Any]
"""A list of defects as JSON; its texts are read by ``Text.from_json``."""


def is_large(session: WorkSession) -> bool:
    """Whether looking takes so long that a job does it."""
    sql = "select count(*) > :most from core.grid_state where upper_inf(valid)"
    return bool(session.scalar(text(sql), {"most": AT_ONCE_LEAVES}))


def look(session: WorkSession, under: str | None) -> Report:
    """The defects as they are now, kept with their files."""
    require(session.actor, "grid.repair")
    return _keep(list_defects(session, under), under)


def last_look(session: WorkSession, under: str | None) -> Report | None:
    """What the last job found; ``None`` before there was one. With ``waiting`` while one is under way.

    :raises NotFound: when there is no such grid.
    """
    require(session.actor, "grid.repair", _place(session, under))
    path = _last(under)
    return json.loads(path.read_text(encoding="utf-8")) if path.is_file() else None


def request_look(session: WorkSession, under: str | None) -> None:
    """Let the job look anew.

    :raises NotFound: when there is no such grid.
    """
    require(session.actor, "grid.repair", _place(session, under))
    _write(_last(under), {"waiting": clock.now().isoformat(), "defects": []})
    user = str(session.actor.user_id) if session.actor.user_id else None
    enqueue(session, DIAGNOSE_JOB, once=f"{DIAGNOSE_JOB} {under or ''}", under=under, user_id=user)


def look_by_job(actor: Actor, under: str | None) -> None:
    """Look at a large city, and keep what was found or why nothing could be said.

    :raises Forbidden: when the actor may not repair there (any more); the list of others is left as it is.
    """
    require(actor, "grid.repair")
    try:
        with reading(actor) as session:
            found = look(session, under)
    except Forbidden:
        raise
    except DomainError as error:
        found = {"failed": error.text.to_json(), "defects": []}
    _write(_last(under), found)


def file_of(session: WorkSession, token: str, name: str, under: str | None) -> Path:
    """A file of the list of what lies below a grid, or of the whole.

    :raises NotFound: when there is none any more.
    """
    require(session.actor, "grid.repair", _place(session, under))
    path = _files(token[:MOST_TOKEN], under) / name
    if not token.isalnum() or name not in FILES or not path.is_file():
        raise NotFound(_("This list is no longer there: list the defects again"))
    return path


def _keep(found: Diagnosis, under: str | None) -> Report:
    report = {**found.as_json(Text.to_json), "at": clock.now().isoformat(), "names": dict(found.names)}
    _forget()
    if found.defects:
        _draw(found, _files(found.token, under))
    return report


def _draw(found: Diagnosis, folder: Path) -> None:
    """The grids concerned and the defects, ids being the numbers of the list."""
    if folder.is_dir():
        return
    draft = folder.with_name(f"{folder.name}.{clock.now():%f}")
    draft.mkdir()
    position = {code: n for n, code in enumerate(found.standing.shapes.codes)}
    codes = [code for code in found.names if code in position][:MOST_SHAPES]
    shapes = for_screen(to_degrees(found.standing.shapes.polygons[[position[code] for code in codes]]))
    write_features(
        draft / "outlines.geojson",
        (
            feature(f"grid-{n}", {"kind": "grid", "title": found.names[code], "text": code}, shape)
            for n, (code, shape) in enumerate(zip(codes, shapes, strict=True))
            if not shape.is_empty
        ),
    )
    write_features(draft / "defects.geojson", (_defect(each, found) for each in found.defects[:MOST_SHAPES]))
    write_findings([each.finding for each in found.defects], draft / "defects.gpkg")
    try:
        draft.rename(folder)
    except OSError:  # somebody else kept the same list
        shutil.rmtree(draft, ignore_errors=True)


def _defect(each: RepairDefect, found: Diagnosis) -> dict[str, Any]:
    finding = each.finding
    grids = ", ".join(called(code, found.names.get(code, "")) for code in finding.codes)
    facts = {"kind": finding.kind, "title": str(each.number), "text": grids}
    return feature(each.number, {**facts, "area_m2": finding.area_m2, "width_m": finding.width_m}, finding.shape)


def _place(session: WorkSession, under: str | None) -> str:
    return EVERYWHERE if under is None else known_grid(session, under).path


def _folder() -> Path:
    return get_settings().folder("repairs")


def _last(under: str | None) -> Path:
    return _folder() / f"last-{_key(under)}.json"


def _files(token: str, under: str | None) -> Path:
    """The folder of a list: two places may have the same defects, and not the same people may see them."""
    return _folder() / f"{token}-{_key(under)}"


def _key(under: str | None) -> str:
    return "all" if under is None else np.base_repr(int.from_bytes(under.encode()[:80], "big"), 36)


def _write(path: Path, value: Report) -> None:
    """Wholly or not at all, also where two write at once: the later one stays."""
    with drafted(path) as draft:
        draft.write_text(json.dumps(value, ensure_ascii=False), encoding="utf-8")


def _forget() -> None:
    """Drop the lists that nobody looks at any more, and their files."""
    before = (clock.now() - dt.timedelta(hours=KEPT_H)).timestamp()
    for kept in _folder().iterdir():
        with suppress(FileNotFoundError):  # the draft of somebody who was done just now
            if kept.stat().st_mtime < before:
                _remove(kept)


def _remove(kept: Path) -> None:
    if kept.is_dir():
        shutil.rmtree(kept, ignore_errors=True)
    else:
        kept.unlink()
