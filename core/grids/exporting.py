"""Grids out of the database into files that an outside program can prove."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
import shapely
from sqlalchemy import RowMapping, text

from core.access.policy import require
from core.audit.recorder import record
from core.db.session import WorkSession
from core.errors import Refused
from core.gistext import explained
from core.grids.asof import AsOf, bound, holds
from core.grids.findings import Finding
from core.grids.levels import TITLES
from core.grids.queries import known_grid
from core.grids.views import LEVELS
from core.text import Text, listed, storable
from core.text import noop as _
from gis.crs import CGCS2000, Crs, named_crs
from gis.formats import Drawing, Encoding, write_drawing, write_layer

EXPORT = """
select st_asbinary(sh.geom) as shape, s.code, s.name, g.level, p.code as parent, lower(s.valid) as valid_from,
  s.kind, round(sh.area_m2::numeric, 3)::float8 as area_m2, st_x(sh.label) as lon, st_y(sh.label) as lat
from core.grid_state s
join core.grid g on g.id = s.grid_id
join core.grid_shape sh on sh.id = s.shape_id
left join core.grid_state p on p.grid_id = s.parent_id and {holds_p}
where {holds_s} and s.path <@ (select q.path from core.grid_state q where q.code = :code and {holds_q})
  and case when cardinality(cast(:levels as text[])) > 0 then g.level = any(cast(:levels as text[]))
      else not exists (select 1 from core.grid_state c where c.parent_id = s.grid_id and {holds_c}) end
order by s.path
"""
USUAL: Final = ("code", "name", "level", "parent", "valid_from")
ATTRIBUTES: Final = (*USUAL, "kind", "area_m2", "lon", "lat")
"""What a grid's row may say; `lon` and `lat` are its label point in EPSG:4490, whatever the file is in."""


@dataclass(frozen=True)
class ExportOptions:
    """What of a city goes into a file, and how.

    ``levels``: whose grids, unset the leaves alone; ``attributes``: the columns in their order, of `ATTRIBUTES`;
    ``crs`` as a person states it (`gis.crs.named_crs`); ``encoding`` is that of a shapefile's table.
    """

    levels: Sequence[str] = ()
    attributes: Sequence[str] = USUAL
    crs: str = CGCS2000
    encoding: Encoding = "utf-8"
    as_of: AsOf = None


def export_grids(session: WorkSession, code: str, target: Path, options: ExportOptions) -> int:
    """Write grids at and below ``code`` as one layer of the format that the file's ending names; returns how many.

    Geometries go vertex for vertex, so that they come back to the same points of the lattice; a drawing (.dxf) has a
    layer for each level, and the names at their label points. Raises NotFound;
    Refused where there is no such level or attribute, or the file or the system cannot hold the grids.
    """
    require(session.actor, "grid.export")
    with explained():
        crs = named_crs(options.crs)
    _refuse_unknown(target, options.attributes)
    rows = _rows(session, code, options)
    with explained():
        _write(target, rows, crs, options)
    after = {"grids": len(rows), "file": target.name, "crs": crs.value}
    record(session, "grid.export", "core.grid", code, after=after)
    return len(rows)


def _write(target: Path, rows: Sequence[RowMapping], crs: Crs, options: ExportOptions) -> None:
    geometries = shapely.from_wkb(np.array([bytes(row["shape"]) for row in rows], dtype=object))
    if _is_drawing(target):
        names = shapely.points([[row["lon"], row["lat"]] for row in rows])
        drawing = Drawing(geometries, names, [row["level"] for row in rows], [row["name"] for row in rows])
        write_drawing(target, drawing, crs)
    else:
        fields = {name: [_plain(row[name]) for row in rows] for name in options.attributes}
        write_layer(target, "grids", geometries, fields, crs=crs, encoding=options.encoding)


def _is_drawing(target: Path) -> bool:
    return target.suffix.lower() == ".dxf"


def _refuse_unknown(target: Path, attributes: Sequence[str]) -> None:
    if _is_drawing(target) and tuple(attributes) != USUAL:
        raise Refused(
            _("A drawing holds no attributes: leave them out for %(file)s, or write a GeoPackage"), file=target.name
        )
    for name in attributes:
        if name not in ATTRIBUTES:
            known = ", ".join(ATTRIBUTES)
            raise Refused(_("Grids have no attribute %(name)s; there are: %(known)s"), name=name, known=known)


def _rows(session: WorkSession, code: str, options: ExportOptions) -> Sequence[RowMapping]:
    """The grids asked for, at least one."""
    known_grid(session, code, options.as_of)
    sql = EXPORT.format(**{f"holds_{alias}": holds(alias, options.as_of) for alias in "spqc"})
    values = {"code": storable(code), "levels": list(options.levels), **bound(session, options.as_of)}
    rows = session.execute(text(sql), values).mappings().all()
    if not rows:
        levels = listed(Text(TITLES[level]) for level in LEVELS if level in options.levels)
        raise Refused(_("At and below %(code)s there are no grids of the level %(levels)s"), code=code, levels=levels)
    return rows


def _plain(value: Any) -> Any:
    """A value that a layer holds; times by RFC 3339."""
    return value.isoformat() if isinstance(value, dt.datetime) else value


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
    shapes = np.array([finding.shape for finding in findings], dtype=object)
    with explained():
        write_layer(target, "defects", shapes, fields)
    return len(findings)
