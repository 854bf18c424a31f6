"""Reads of reference layers."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any, Final

from sqlalchemy import select, text

from core.db.session import WorkSession
from core.errors import NotFound
from core.layers.models import ReferenceLayer
from core.layers.views import FeatureView, LayerView
from core.text import noop as _
from core.text import storable
from gis.lattice import SRID

NEAR: Final = """
select f.layer_id, f.name, f.class, f.attributes
from core.layer_feature f, st_setsrid(st_point(:lon, :lat), :srid) as place
where f.layer_id = any(:ids)
  and f.geom && st_expand(place, :reach) and st_dwithin(f.geom, place, :reach)
order by st_distance(f.geom, place), f.id limit :most
"""
ALIKE: Final = 8
"""So many times as many things are looked at as are told: a street often consists of pieces."""
KEPT: Final = """
select jsonb_object_keys(one.attributes) as name
from (
  select f.attributes from core.layer_feature f join core.layer l on l.id = f.layer_id where l.code = :code limit 1
) one
order by name
"""


def layers(session: WorkSession) -> list[LayerView]:
    """All layers, the lowest on the map first; every signed-in person may see them, as the grids."""
    return [view_of(row) for row in drawn_rows(session)]


def features_near(
    session: WorkSession, codes: Collection[str], lon: float, lat: float, reach: float, most: int
) -> list[FeatureView]:
    """What of some layers lies at a place, the nearest first, what is told alike once; open as the layers are.

    :param lon: degrees, as ``lat`` and ``reach``, within which it lies.
    """
    known = {each.id: each for each in layers(session) if each.code in codes}
    values = {"ids": list(known), "lon": lon, "lat": lat, "reach": reach, "srid": SRID, "most": most * ALIKE}
    found: list[FeatureView] = []
    for layer_id, name, klass, attributes in session.execute(text(NEAR), values):
        each = FeatureView(known[layer_id], name, klass, attributes or {})
        if each not in found:
            found.append(each)
    return found[:most]


def kept_fields(session: WorkSession, code: str) -> list[str]:
    """The further fields that a layer's import kept with each feature, by name; open as the layers are."""
    return list(session.scalars(text(KEPT), {"code": storable(code)}))


def layer_by_code(session: WorkSession, code: str) -> LayerView:
    """One layer; ``NotFound`` where there is none."""
    return view_of(row_by_code(session, code))


def drawn_rows(session: WorkSession) -> Sequence[ReferenceLayer]:
    """The rows of all layers, the lowest on the map first."""
    return session.scalars(select(ReferenceLayer).order_by(ReferenceLayer.position, ReferenceLayer.code)).all()


def row_by_code(session: WorkSession, code: str, *, lock: bool = False) -> ReferenceLayer:
    """The row of a layer; ``NotFound`` where there is none."""
    statement = select(ReferenceLayer).where(ReferenceLayer.code == storable(code))
    row = session.scalar(statement.with_for_update() if lock else statement)
    if row is None:
        raise NotFound(_("There is no reference layer with the code %(code)s"), code=code[:40])
    return row


def view_of(row: ReferenceLayer) -> LayerView:
    """The values of a row."""
    west, south, east, north = (float(value) for value in row.extent)
    kind: Any = row.kind
    return LayerView(
        row.id, row.code, kind, row.title_zh, row.title_en, row.source, row.licence, row.min_zoom, row.shown,
        row.position, row.version, row.features, dict(row.left_out), row.geometry_type, (west, south, east, north),
        row.crs, row.file_name, row.imported_at, row.imported_by_name,
    )  # fmt: skip
