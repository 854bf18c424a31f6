"""`wangge plugin check`: what a good plugin passes, and what is said of a bad one."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy import text

from core.actor import Actor
from core.db.session import reading, work
from core.errors import DomainError, NotFound
from core.plugin.check import check_plugin
from core.plugin.service import InstallPlugin, enable_plugin, install_plugin
from core.plugin.site import Site
from core.settings import CHECKOUT
from tests.integration.grids.planting import plant
from tests.integration.plugins.wheels import make_wheel

SHIPPED = [
    "everything",
    "emergency",
    *(pytest.param(name, marks=pytest.mark.long) for name in ("party", "security", "civil")),
]
BAD = """
from sqlalchemy import Column, Integer, Table
from core.clock import now
from wangge import Health, HealthCheck, MatterKind, Plugin, Sample, hookimpl, registers
from wangge.tables import metadata_of
METADATA = metadata_of("tiny")
Table("one", METADATA, Column("id", Integer, primary_key=True), Column("size", Integer), Column("note", Integer))
PLUGIN = Plugin(name="tiny", title="Tiny thing", metadata=METADATA, migrations="migrations")
@hookimpl
def register_health():
    return [HealthCheck("tiny.size", "Size", lambda session: 1 / 0)]
register_matter_kinds = registers(MatterKind("tiny.thing", "Thing", samples=(Sample("One", form={"size": 1}),)))
"""
REVISION = """
from alembic import op
import sqlalchemy as sa
revision, down_revision = "1", None
def upgrade():
    key, note = sa.Column("id", sa.Integer, primary_key=True), sa.Column("note", sa.Text)
    op.create_table("one", key, note, schema="plugin_tiny")
def downgrade():
    {down}
"""


STRAY = """
from pydantic import BaseModel
from wangge import MatterKind, Plugin, registers
from wangge.forms import field
from wangge.tables import details_table, metadata_of
class Fallen(BaseModel):
    height_m: float = field("树高", "Height")
PLUGIN = Plugin(name="tiny", title="Tiny thing")
register_matter_kinds = registers(
    MatterKind("tiny.fallen", "Fallen", form=Fallen, table=details_table("fallen", metadata_of("tiny"), Fallen))
)
"""


PLACED = """
from geoalchemy2 import Geometry
from sqlalchemy import BigInteger, Column, Integer, Table
from wangge import Plugin
from wangge.tables import metadata_of
METADATA = metadata_of("tiny")
Table("well", METADATA, Column("id", Integer, primary_key=True), Column("place", Geometry("POINT", 4490)),
      Column("grid_id", BigInteger))
PLUGIN = Plugin(name="tiny", title="Tiny thing", metadata=METADATA, migrations="migrations")
"""


def faults(actor: Actor, site: Site, name: str) -> dict[str, list[str]]:
    return {done.name: [str(fault) for fault in done.faults] for done in check_plugin(actor, site, name)}


@pytest.mark.parametrize("name", SHIPPED)
def test_the_shipped_plugins_pass_and_keep_their_rows(
    name: str, site: Site, operator: Actor, built: Callable[[Path], Path]
) -> None:
    plant()
    install_plugin(operator, site, InstallPlugin(built(CHECKOUT / "plugins" / name)))
    enable_plugin(operator, site, name)
    if name == "everything":
        with work(operator) as session:
            session.execute(
                text("insert into plugin_everything.tree (id, name, place)"
                     " values (gen_random_uuid(), 'oak', st_setsrid(st_point(1, 1), 4490))")
            )  # fmt: skip
    found = faults(operator, site, name)
    assert list(found) == [
        "host",
        "imports",
        "manifest",
        "hooks",
        "containment",
        "samples",
        "answers",
        "migrations",
        "words",
    ]
    assert not any(found.values()), found
    if name == "everything":
        with reading(operator) as session:
            assert session.scalar(text("select count(*) from plugin_everything.tree")) == 1


def test_every_fault_of_a_bad_plugin_is_named(site: Site, operator: Actor, tmp_path: Path) -> None:
    files = {
        "wangge_tiny/__init__.py": BAD,
        "wangge_tiny/migrations/1.py": REVISION.format(down='op.drop_table("one", schema="plugin_tiny")'),
    }
    install_plugin(operator, site, InstallPlugin(make_wheel(tmp_path, files=files)))
    found = faults(operator, site, "tiny")
    assert found["imports"] == ["wangge_tiny/__init__.py, line 3 imports core; a plugin imports wangge alone"]
    assert found["answers"] == ["tiny.size: ZeroDivisionError: division by zero (wangge_tiny/__init__.py, line 11)"]
    assert found["migrations"] == [
        f"models and revisions differ: {difference}"
        for difference in ("add_column plugin_tiny one size", "modify_type plugin_tiny one note TEXT INTEGER")
    ]
    assert found["samples"] == [
        "the sample “One” of tiny.thing does not fit its form: /form: This kind has no fields of its own"
    ]
    assert found["words"] == [f"“{words}” stands in no translations/zh.po" for words in ("Size", "Thing", "Tiny thing")]
    assert found["hooks"] == found["containment"] == found["host"] == []


def test_a_downgrade_that_leaves_tables_is_named(site: Site, operator: Actor, tmp_path: Path) -> None:
    files = {"wangge_tiny/__init__.py": BAD, "wangge_tiny/migrations/1.py": REVISION.format(down="pass")}
    install_plugin(operator, site, InstallPlugin(make_wheel(tmp_path, files=files)))
    assert faults(operator, site, "tiny")["migrations"] == ["downgrade leaves the tables one"]


def test_a_kind_whose_table_the_manifest_lacks_is_refused(site: Site, operator: Actor, tmp_path: Path) -> None:
    wheel = make_wheel(tmp_path, files={"wangge_tiny/__init__.py": STRAY})
    with pytest.raises(DomainError) as refused:
        install_plugin(operator, site, InstallPlugin(wheel))
    assert "tiny.fallen keeps its fields in plugin_tiny.fallen" in str(refused.value)


def test_a_table_with_a_place_that_cannot_follow_the_grids_is_refused(
    site: Site, operator: Actor, tmp_path: Path
) -> None:
    files = {"wangge_tiny/__init__.py": PLACED, "wangge_tiny/migrations/1.py": REVISION.format(down="pass")}
    with pytest.raises(DomainError) as refused:
        install_plugin(operator, site, InstallPlugin(make_wheel(tmp_path, files=files)))
    assert "column plugin_tiny.well.id must be uuid, not integer" in str(refused.value)


def test_an_unknown_plugin_is_named(site: Site, operator: Actor) -> None:
    with pytest.raises(NotFound, match="nobody"):
        check_plugin(operator, site, "nobody")
