"""Fixtures for plugins' tests: ``from wangge.testing import *`` in the plugin's ``tests/conftest.py``."""

from __future__ import annotations

import os
import shutil
import sys
import tempfile
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from core.actor import Actor, command_line
from core.assembly import assemble
from core.clock import now
from core.db.cluster import THROWAWAY, Cluster
from core.db.migrate import upgrade_host
from core.db.roles import prepare
from core.db.session import connect, disconnect, owner_work
from core.plugin.build import build_plugin
from core.plugin.catalogues import compile_catalogues
from core.plugin.describe import read
from core.plugin.loading import forget_values, load
from core.plugin.manager import Host
from core.plugin.manifest import package_of
from core.plugin.models import PluginRecord
from core.plugin.tables import migrate
from core.plugin.wheel import WheelFacts
from core.settings import get_settings
from web.hooks import SPECS

__all__ = ["actor", "cluster", "database", "home", "place", "plugin", "template"]

TEMPLATE = "wangge_template"
MEMORY = Path("/dev/shm")
ROOM = 4 * 2**30
"""Bytes free in memory below which the server's files go to the disk."""
NAMES_STRATEGY = 150000
"""PostgreSQL from which on the way of copying is named; before it there is only the copying of files."""
_wheels: dict[Path, WheelFacts] = {}
_counter = iter(range(1, 1_000_000))


@pytest.fixture(scope="session")
def cluster() -> Iterator[Cluster]:
    """A throw-away database server for the whole run, with a migrated template."""
    assemble()
    with tempfile.TemporaryDirectory(prefix="wangge-test-", dir=_quick_folder()) as base:
        Path(base).chmod(0o711)
        server = Cluster(Path(base) / "pg", THROWAWAY)
        with server.running():
            prepare(server, TEMPLATE)
            upgrade_host(server.url("wangge_owner", TEMPLATE))
            yield server


def _quick_folder() -> Path | None:
    """Memory, where it has room and ``TMPDIR`` asks for no other place: copying a database costs a tenth there."""
    if "TMPDIR" in os.environ or not os.access(MEMORY, os.W_OK | os.X_OK):
        return None
    return MEMORY if shutil.disk_usage(MEMORY).free >= ROOM else None


def copy_database(cluster: Cluster, template: str, name: str) -> None:
    """Make a database as a copy of another's files, which spares the server its write-ahead log."""
    with cluster.superuser() as cursor:
        named = cursor.connection.server_version >= NAMES_STRATEGY
        strategy = "strategy file_copy" if named else ""
        cursor.execute(f"create database {name} template {template} owner wangge_owner {strategy}")


@pytest.fixture(scope="session")
def template(cluster: Cluster) -> str:
    """Name of the database that ``database`` copies; override it where tests begin with more in it."""
    return TEMPLATE


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """An empty data folder that this test's settings name."""
    monkeypatch.setenv("WANGGE_HOME", str(tmp_path / "home"))
    (tmp_path / "home").mkdir()
    get_settings.cache_clear()
    yield tmp_path / "home"
    get_settings.cache_clear()


@pytest.fixture
def database(cluster: Cluster, template: str, home: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """A fresh migrated database, connected as the application's role; yields its DSN."""
    name = f"plugin_test_{os.getpid()}_{next(_counter)}"
    copy_database(cluster, template, name)
    url = cluster.url("wangge_app", name)
    monkeypatch.setenv("WANGGE_DATABASE_URL", url)
    monkeypatch.setenv("WANGGE_OWNER_URL", cluster.url("wangge_owner", name))
    get_settings.cache_clear()
    connect(url)
    yield url
    disconnect()
    with cluster.superuser() as cursor:
        cursor.execute(f"drop database {name} with (force)")


@pytest.fixture
def actor() -> Actor:
    """Someone with all rights."""
    return command_line("test")


@pytest.fixture
def plugin(database: str, tmp_path_factory: pytest.TempPathFactory, actor: Actor) -> Iterator[Callable[[Path], Host]]:
    """Build a project, place it, make its tables and switch it on; gives the host that has it loaded."""
    known = list(sys.path)
    placed: list[str] = []

    def switch_on(project: Path) -> Host:
        facts = _wheels.get(project.resolve())
        if facts is None:
            facts = build_plugin(project.resolve(), tmp_path_factory.mktemp("dist"))
            _wheels[project.resolve()] = facts
        place(facts, actor)
        placed.append(facts.name)
        return load(get_settings(), SPECS, actor)

    yield switch_on
    for name in placed:
        forget_values(name)
    sys.path[:] = known


def place(facts: WheelFacts, actor: Actor) -> None:
    """Unpack a wheel into the data folder, make its tables, and record it as switched on."""
    settings = get_settings()
    folder = settings.folder("plugins") / facts.name / facts.version
    with zipfile.ZipFile(facts.path) as archive:
        archive.extractall(folder)
    compile_catalogues(folder / package_of(facts.name))
    manifest = read(folder, SPECS)
    assert settings.owner_url
    with owner_work(actor, settings.owner_url.get_secret_value()) as session:
        if manifest["versions"]:
            migrate(session.connection(), facts.name, folder / manifest["versions"])
        session.add(
            PluginRecord(
                name=facts.name,
                distribution=facts.distribution,
                version=facts.version,
                wheel_sha256=facts.sha256,
                state="enabled",
                manifest=manifest,
                failure=None,
                changed_at=now(),
            )
        )
