"""Grids out of the database into files that an outside program can prove."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import shapely
from sqlalchemy import text

from core.access.policy import require
from core.audit.recorder import record
from core.db.session import WorkSession
from core.errors import NotFound
from core.grids.draft import Finding
from core.grids.queries import plain
from core.text import noop as _
from gis.formats import write_layer
from gis.lattice import to_degrees

EXPORT = """
select s.code, s.name, g.level, p.code, lower(s.valid), st_asbinary(sh.geom)
from core.grid_state s
join core.grid g on g.id = s.grid_id
join core.grid_shape sh on sh.id = s.shape_id
left join core.grid_state p on p.grid_id = s.parent_id and upper_inf(p.valid)
where upper_inf(s.valid) and s.path <@ (select path from core.grid_state where code = :code and upper_inf(valid))
  and (:all_levels or not exists (select 1 from core.grid_state c where c.parent_id = s.grid_id and upper_inf(c.valid)))
order by s.path
"""


def export_grids(session: WorkSession, code: str, target: Path, *, all_levels: bool) -> int:
    """Write the leaves at and below ``code``, or every level, as one layer; returns the number of grids.

    Columns code, name, level, parent, valid_from; geometries on the lattice in EPSG:4490, vertex for vertex.
    """
    require(session.actor, "grid.export")
    rows = session.execute(text(EXPORT), {"code": plain(code), "all_levels": all_levels}).all()
    if not rows:
        raise NotFound(_("There is no grid with code %(code)s"), code=code)
    fields: dict[str, list[Any]] = {
        "code": [row[0] for row in rows],
        "name": [row[1] for row in rows],
        "level": [row[2] for row in rows],
        "parent": [row[3] for row in rows],
        "valid_from": [row[4].isoformat() for row in rows],
    }
    geometries = shapely.from_wkb(np.array([bytes(row[5]) for row in rows], dtype=object))
    write_layer(target, "grids", geometries, fields)
    record(session, "grid.export", "core.grid", code, after={"grids": len(rows), "file": target.name})
    return len(rows)


def write_findings(findings: Sequence[Finding], target: Path) -> int:
    """Write the defects that have a place as a layer; returns how many were written."""
    placed = [finding for finding in findings if finding.geometry is not None and not finding.geometry.is_empty]
    fields: dict[str, list[Any]] = {
        "kind": [finding.kind for finding in placed],
        "codes": [", ".join(finding.codes) for finding in placed],
        "area_m2": [finding.area_m2 for finding in placed],
        "width_m": [finding.width_m for finding in placed],
        "lon": [finding.lon for finding in placed],
        "lat": [finding.lat for finding in placed],
        "detail": [str(finding.detail) if finding.detail else "" for finding in placed],
    }
    write_layer(target, "defects", to_degrees([finding.geometry for finding in placed]), fields)
    return len(placed)
