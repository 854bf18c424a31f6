"""Grids out of the database into files that an outside program can prove."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import shapely
from sqlalchemy import text

from core.access.policy import require
from core.audit.recorder import record
from core.db.session import WorkSession
from core.errors import NotFound, Refused
from core.grids.asof import AsOf, bound, holds
from core.grids.findings import Finding
from core.grids.gistext import explain
from core.grids.queries import NO_SUCH_GRID, plain
from gis.crs import CGCS2000, Crs, named_crs
from gis.errors import GisError
from gis.formats import Encoding, write_layer
from gis.lattice import to_degrees

EXPORT = """
select s.code, s.name, g.level, p.code, lower(s.valid), st_asbinary(sh.geom)
from core.grid_state s
join core.grid g on g.id = s.grid_id
join core.grid_shape sh on sh.id = s.shape_id
left join core.grid_state p on p.grid_id = s.parent_id and {holds_p}
where {holds_s} and s.path <@ (select q.path from core.grid_state q where q.code = :code and {holds_q})
  and (:all_levels or not exists (select 1 from core.grid_state c where c.parent_id = s.grid_id and {holds_c}))
order by s.path
"""


@dataclass(frozen=True)
class ExportOptions:
    """What of a city goes into a file, and how: every level or the leaves alone, now or then, in which system.

    ``crs`` as a person states it (`gis.crs.named_crs`); ``encoding`` is that of a shapefile's table.
    """

    all_levels: bool = False
    crs: str = CGCS2000
    encoding: Encoding = "utf-8"
    as_of: AsOf = None


def export_grids(session: WorkSession, code: str, target: Path, options: ExportOptions) -> int:
    """Write grids at and below ``code`` as one layer of the format that the file's ending names; returns how many.

    Columns code, name, level, parent, valid_from; geometries vertex for vertex, so that they come back to the same
    points of the lattice. Raises NotFound; Refused where the file or the system cannot hold them.
    """
    require(session.actor, "grid.export")
    crs = _known(options.crs)
    as_of = options.as_of
    sql = EXPORT.format(**{f"holds_{alias}": holds(alias, as_of) for alias in "spqc"})
    values = {"code": plain(code), "all_levels": options.all_levels, **bound(session, as_of)}
    rows = session.execute(text(sql), values).all()
    if not rows:
        raise NotFound(NO_SUCH_GRID, code=code)
    fields: dict[str, list[Any]] = {
        "code": [row[0] for row in rows],
        "name": [row[1] for row in rows],
        "level": [row[2] for row in rows],
        "parent": [row[3] for row in rows],
        "valid_from": [row[4].isoformat() for row in rows],
    }
    geometries = shapely.from_wkb(np.array([bytes(row[5]) for row in rows], dtype=object))
    with _explained():
        write_layer(target, "grids", geometries, fields, crs=crs, encoding=options.encoding)
    after = {"grids": len(rows), "file": target.name, "crs": crs.value}
    record(session, "grid.export", "core.grid", code, after=after)
    return len(rows)


def write_findings(findings: Sequence[Finding], target: Path) -> int:
    """Write the defects as a layer: their outlines, else points, else rows without a shape; returns how many."""
    fields: dict[str, list[Any]] = {
        "kind": [finding.kind for finding in findings],
        "codes": [", ".join(finding.codes) for finding in findings],
        "area_m2": [finding.area_m2 for finding in findings],
        "width_m": [finding.width_m for finding in findings],
        "lon": [finding.lon for finding in findings],
        "lat": [finding.lat for finding in findings],
        "detail": [str(finding.detail) if finding.detail else "" for finding in findings],
    }
    shapes = np.array([_shape(finding) for finding in findings], dtype=object)
    with _explained():
        write_layer(target, "defects", shapes, fields)
    return len(findings)


def _shape(finding: Finding) -> Any:
    if finding.geometry is not None and not finding.geometry.is_empty:
        return to_degrees([finding.geometry])[0]
    return None if finding.lon is None or finding.lat is None else shapely.Point(finding.lon, finding.lat)


def _known(name: str) -> Crs:
    with _explained():
        return named_crs(name)


@contextmanager
def _explained() -> Iterator[None]:
    """What the engine refuses, as a refusal in the reader's language."""
    try:
        yield
    except GisError as error:
        reason = explain(error)
        raise Refused(reason.message, **reason.params) from error
