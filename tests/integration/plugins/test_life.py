from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy import text

from core.access.actions import actions
from core.actor import Actor
from core.db.session import reading, work
from core.errors import Forbidden, Invalid, Refused
from core.matters.kinds import kind
from core.plugin import queries
from core.plugin.hooks import DemoPlace
from core.plugin.loading import load
from core.plugin.service import InstallPlugin, disable_plugin, enable_plugin, install_plugin
from core.plugin.site import Site
from core.settings import Settings
from tests.integration.plugins.conftest import EVERYTHING
from tests.integration.plugins.wheels import MANIFEST, make_wheel
from web.hooks import SPECS


def epoch(actor: Actor) -> int:
    with reading(actor) as session:
        return int(session.scalar(text("select plugin_epoch from core.instance")) or 0)


def states(actor: Actor, site: Site) -> dict[str, str]:
    with reading(actor) as session:
        return {view.name: view.state for view in queries.plugins(session, site.settings)}


def test_a_plugin_is_installed_switched_on_and_off_and_its_data_stay(
    site: Site, operator: Actor, built: Callable[[Path], Path]
) -> None:
    view = install_plugin(operator, site, InstallPlugin(built(EVERYTHING)))
    assert (view.state, view.reason) == ("installed", None)
    assert view.to_json()["kinds"] == ["everything.fallen"]
    assert view.to_json()["layers"] == ["everything.trees"]
    assert view.text("title", "zh") == "全部钩子"
    assert kind("everything.fallen") is None

    assert enable_plugin(operator, site, "everything").state == "enabled"
    host = load(site.settings, SPECS, operator)
    assert host.failures == {}
    assert {hook for hook, values in host.loaded["everything"].contributions.items() if values} == set(host.returns)
    assert kind("everything.fallen") is not None
    assert "everything.plant" in actions()
    for _twice in range(2):
        with work(operator) as session:
            host.collect("load_demo", session=session, places=[DemoPlace("东街社区", 116.1, 39.1)])
    assert set(host.loaded) == {"everything"}

    with reading(operator) as session:
        usage = "select has_schema_privilege(:role, 'plugin_everything', 'usage')"
        assert session.scalar(text(usage), {"role": "wangge_app"})
        assert not session.scalar(text(usage), {"role": "wangge_read"}), "reports read no tables of plugins"

    before = epoch(operator)
    assert enable_plugin(operator, site, "everything").state == "enabled"
    assert epoch(operator) == before
    assert disable_plugin(operator, site, "everything").state == "disabled"
    assert epoch(operator) == before + 1
    assert disable_plugin(operator, site, "everything").state == "disabled"
    assert epoch(operator) == before + 1
    with reading(operator) as session:
        names = session.scalars(text("select name from plugin_everything.tree")).all()
    assert names == ["Old tree of 东街社区"]


def test_nothing_is_written_when_a_wheel_is_refused(site: Site, operator: Actor, tmp_path: Path) -> None:
    with pytest.raises(Invalid):
        install_plugin(operator, site, InstallPlugin(make_wheel(tmp_path, requires="Requires-Dist: wangge>=99\n")))
    assert states(operator, site) == {}
    assert list(site.folder.iterdir()) == []


def test_only_who_manages_plugins_may(site: Site, tmp_path: Path) -> None:
    nobody = Actor("user", "somebody", "Somebody")
    wheel = make_wheel(tmp_path)
    for act in (
        lambda: install_plugin(nobody, site, InstallPlugin(wheel)),
        lambda: enable_plugin(nobody, site, "tiny"),
        lambda: disable_plugin(nobody, site, "tiny"),
    ):
        with pytest.raises(Forbidden):
            act()


def test_an_update_that_cannot_be_imported_leaves_the_older_version(
    site: Site, operator: Actor, tmp_path: Path
) -> None:
    install_plugin(operator, site, InstallPlugin(make_wheel(tmp_path)))
    enable_plugin(operator, site, "tiny")
    broken = make_wheel(tmp_path, version="2.0", files={"wangge_tiny/__init__.py": "import nothing_like_that\n"})
    with pytest.raises(Refused, match="nothing_like_that"):
        install_plugin(operator, site, InstallPlugin(broken))
    with reading(operator) as session:
        view = queries.plugin(session, site.settings, "tiny")
    assert (view.version, view.state) == ("1.0", "enabled")
    assert not (site.folder / "tiny" / "2.0").exists()


def test_a_migration_that_fails_leaves_nothing_behind(site: Site, operator: Actor, tmp_path: Path) -> None:
    models = (
        "from sqlalchemy import Column, Integer, Table\nfrom wangge import Plugin\n"
        "from wangge.tables import metadata_of\nMETADATA = metadata_of('tiny')\n"
        "Table('one', METADATA, Column('id', Integer, primary_key=True))\n"
        "PLUGIN = Plugin(name='tiny', title='T', metadata=METADATA, migrations='migrations')\n"
    )
    revision = (
        "from alembic import op\nimport sqlalchemy as sa\nrevision = '1'\ndown_revision = None\n"
        "def upgrade():\n    op.create_table('one', sa.Column('id', sa.Integer), schema='plugin_tiny')\n"
        "    op.execute('select 1/0')\n"
    )
    files = {"wangge_tiny/__init__.py": models, "wangge_tiny/migrations/1.py": revision}
    with pytest.raises(Refused, match="division by zero"):
        install_plugin(operator, site, InstallPlugin(make_wheel(tmp_path, files=files)))
    assert states(operator, site) == {}
    with reading(operator) as session:
        assert session.scalar(text("select to_regnamespace('plugin_tiny')")) is None


def test_a_plugin_needs_those_it_requires(site: Site, operator: Actor, tmp_path: Path) -> None:
    upper = MANIFEST.format(name="upper").replace("title=", "requires=('base',), title=")
    install_plugin(operator, site, InstallPlugin(make_wheel(tmp_path, "base")))
    install_plugin(
        operator, site, InstallPlugin(make_wheel(tmp_path, "upper", files={"wangge_upper/__init__.py": upper}))
    )
    with pytest.raises(Refused, match="needs base"):
        enable_plugin(operator, site, "upper")
    enable_plugin(operator, site, "base")
    enable_plugin(operator, site, "upper")
    assert list(load(site.settings, SPECS, operator).loaded) == ["base", "upper"]
    with pytest.raises(Refused, match="needed by upper"):
        disable_plugin(operator, site, "base")


def test_a_dependency_comes_from_the_folder_or_is_named(site: Site, operator: Actor, tmp_path: Path) -> None:
    requires = "Requires-Dist: wangge>=0.1,<1\nRequires-Dist: leaflore>=2\n"
    wheel = make_wheel(tmp_path, requires=requires)
    with pytest.raises(Refused, match="leaflore>=2"):
        install_plugin(operator, site, InstallPlugin(wheel))
    shelf = tmp_path / "wheels"
    for version in ("1.0", "2.5"):
        library = make_wheel(shelf, "x", version=version, requires="", entries="", distribution="leaflore")
        assert library.exists()
    assert install_plugin(operator, site, InstallPlugin(wheel, shelf)).state == "installed"
    assert (site.folder / "tiny" / "1.0" / "leaflore-2.5.dist-info").is_dir()


def test_in_safe_mode_nothing_is_loaded(site: Site, operator: Actor, tmp_path: Path) -> None:
    install_plugin(operator, site, InstallPlugin(make_wheel(tmp_path)))
    enable_plugin(operator, site, "tiny")
    safe = Settings(home=site.settings.home, safe_mode=True)
    assert load(safe, SPECS, operator).loaded == {}


def test_a_plugin_whose_folder_is_gone_is_missing(site: Site, operator: Actor, tmp_path: Path) -> None:
    install_plugin(operator, site, InstallPlugin(make_wheel(tmp_path)))
    enable_plugin(operator, site, "tiny")
    (site.folder / "tiny" / "1.0").rename(tmp_path / "gone")
    assert states(operator, site) == {"tiny": "missing"}
    assert load(site.settings, SPECS, operator).failures["tiny"].stage == "missing"
