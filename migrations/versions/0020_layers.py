"""Reference layers: roads, water, buildings and house numbers under the grids"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from geoalchemy2 import Geometry
from sqlalchemy.dialects.postgresql import JSONB

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None

APP = "wangge_app"
# Beside reading, per table: whether rows are added and removed, which columns are altered.
RIGHTS = {
    "layer": (
        "insert, delete",
        "kind, title_zh, title_en, source, licence, min_zoom, shown, position, version, features, left_out,"
        " geometry_type, extent, crs, file_name, imported_at, imported_by, imported_by_name",
    ),
    "layer_feature": ("insert, delete", ""),
    "layer_tile": ("insert, delete", ""),
    "layer_upload": ("insert", "state, options, report"),
}


def upgrade() -> None:
    op.create_table(
        "layer",
        sa.Column("id", sa.Integer, sa.Identity(), primary_key=True),
        sa.Column("code", sa.Text, nullable=False, unique=True),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("title_zh", sa.Text, nullable=False),
        sa.Column("title_en", sa.Text, nullable=False),
        sa.Column("source", sa.Text, nullable=False),
        sa.Column("licence", sa.Text, nullable=False),
        sa.Column("min_zoom", sa.SmallInteger, nullable=False),
        sa.Column("shown", sa.Boolean, nullable=False),
        sa.Column("position", sa.Integer, nullable=False),
        sa.Column("version", sa.BigInteger, nullable=False),
        sa.Column("features", sa.Integer, nullable=False),
        sa.Column("left_out", JSONB, nullable=False),
        sa.Column("geometry_type", sa.Text, nullable=False),
        sa.Column("extent", JSONB, nullable=False),
        sa.Column("crs", sa.Text, nullable=False),
        sa.Column("file_name", sa.Text, nullable=False),
        sa.Column("imported_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("imported_by", sa.Text, nullable=False),
        sa.Column("imported_by_name", sa.Text, nullable=False),
        sa.CheckConstraint("kind in ('water', 'buildings', 'roads', 'housenumbers', 'other')", name="kind"),
        schema="core",
    )
    _features_and_tiles()
    op.create_table(
        "layer_upload",
        sa.Column("id", sa.Uuid, primary_key=True),
        sa.Column("file_name", sa.Text, nullable=False),
        sa.Column("bytes", sa.BigInteger, nullable=False),
        sa.Column("state", sa.Text, nullable=False),
        sa.Column("options", JSONB, nullable=False),
        sa.Column("report", JSONB, nullable=False),
        sa.Column("made_by", sa.Text, nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        schema="core",
    )
    if _has_app_role():
        for table, rights in RIGHTS.items():
            _give(table, *rights)


def downgrade() -> None:
    for table in ("layer_upload", "layer_tile", "layer_feature", "layer"):
        op.drop_table(table, schema="core")


def _features_and_tiles() -> None:
    def layer() -> sa.ForeignKey:
        return sa.ForeignKey("core.layer.id", ondelete="CASCADE")

    op.create_table(
        "layer_feature",
        sa.Column("id", sa.BigInteger, sa.Identity(), primary_key=True),
        sa.Column("layer_id", sa.Integer, layer(), nullable=False),
        sa.Column("zoom", sa.SmallInteger, nullable=False),
        sa.Column("name", sa.Text),
        sa.Column("class", sa.Text),
        sa.Column("attributes", JSONB),
        sa.Column("geom", Geometry("GEOMETRY", 4490, spatial_index=False), nullable=False),
        schema="core",
    )
    op.create_index(
        "ix_layer_feature_layer_geom", "layer_feature", ["layer_id", "geom"], schema="core", postgresql_using="gist"
    )
    op.create_table(
        "layer_tile",
        sa.Column("layer_id", sa.Integer, layer(), primary_key=True),
        sa.Column("version", sa.BigInteger, primary_key=True),
        sa.Column("z", sa.SmallInteger, primary_key=True),
        sa.Column("x", sa.Integer, primary_key=True),
        sa.Column("y", sa.Integer, primary_key=True),
        sa.Column("body", sa.LargeBinary, nullable=False),
        schema="core",
    )


def _has_app_role() -> bool:
    return bool(op.get_bind().scalar(sa.text("select 1 from pg_roles where rolname = :name"), {"name": APP}))


def _give(table: str, rows: str, columns: str) -> None:
    """Exactly these rights beside reading."""
    op.execute(f"revoke insert, update, delete, truncate on core.{table} from {APP}")
    op.execute(f"grant {rows}{f', update ({columns})' if columns else ''} on core.{table} to {APP}")
