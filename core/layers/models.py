"""Tables of reference layers: layers, their features, the tiles rendered of them, and files that came by browser."""

from __future__ import annotations

import datetime as dt
from typing import Any

from geoalchemy2 import Geometry, WKBElement
from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    ForeignKey,
    Identity,
    Index,
    Integer,
    LargeBinary,
    SmallInteger,
    Text,
)
from sqlalchemy.orm import Mapped, mapped_column

from core.db.base import Base, Journalled
from core.intake.columns import Uploaded
from core.layers.views import KINDS
from gis.lattice import SRID


class ReferenceLayer(Base, Journalled):
    """One layer as it stands.

    ``version`` is new with everything that changes a tile and never used twice: milliseconds of its moment.
    ``left_out`` counts rows of the file by the reason why they are not drawn, ``extent`` is west, south, east, north.
    """

    __tablename__ = "layer"
    __table_args__ = (CheckConstraint(f"kind in ({', '.join(map(repr, KINDS))})", name="kind"),)

    id: Mapped[int] = mapped_column(Integer, Identity(), primary_key=True)
    code: Mapped[str] = mapped_column(Text, unique=True)
    kind: Mapped[str] = mapped_column(Text)
    title_zh: Mapped[str] = mapped_column(Text)
    title_en: Mapped[str] = mapped_column(Text)
    source: Mapped[str] = mapped_column(Text)
    licence: Mapped[str] = mapped_column(Text)
    min_zoom: Mapped[int] = mapped_column(SmallInteger)
    shown: Mapped[bool]
    position: Mapped[int]
    version: Mapped[int] = mapped_column(BigInteger)
    features: Mapped[int]
    left_out: Mapped[dict[str, Any]]
    geometry_type: Mapped[str] = mapped_column(Text)
    extent: Mapped[list[Any]]
    crs: Mapped[str] = mapped_column(Text)
    file_name: Mapped[str] = mapped_column(Text)
    imported_at: Mapped[dt.datetime]
    imported_by: Mapped[str] = mapped_column(Text)
    imported_by_name: Mapped[str] = mapped_column(Text)


class LayerFeature(Base):
    """One road, building …: drawn from ``zoom`` on; ``name`` is the number where it is a house number."""

    __tablename__ = "layer_feature"
    __table_args__ = (Index("ix_layer_feature_layer_geom", "layer_id", "geom", postgresql_using="gist"),)

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    layer_id: Mapped[int] = mapped_column(ForeignKey("core.layer.id", ondelete="CASCADE"))
    zoom: Mapped[int] = mapped_column(SmallInteger)
    name: Mapped[str | None] = mapped_column(Text)
    klass: Mapped[str | None] = mapped_column("class", Text)
    attributes: Mapped[dict[str, Any] | None]
    geom: Mapped[WKBElement] = mapped_column(Geometry("GEOMETRY", SRID, spatial_index=False))


class LayerTile(Base):
    """A rendered tile of a layer's version: gzip, empty where nothing lies."""

    __tablename__ = "layer_tile"

    layer_id: Mapped[int] = mapped_column(ForeignKey("core.layer.id", ondelete="CASCADE"), primary_key=True)
    version: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    z: Mapped[int] = mapped_column(SmallInteger, primary_key=True)
    x: Mapped[int] = mapped_column(Integer, primary_key=True)
    y: Mapped[int] = mapped_column(Integer, primary_key=True)
    body: Mapped[bytes] = mapped_column(LargeBinary)


class LayerUpload(Base, Uploaded, Journalled):
    """A file that came by browser: what it shall become, and what became of it."""

    __tablename__ = "layer_upload"

    report: Mapped[dict[str, Any]]
