"""What every test may use: the real data's place, a private PostGIS, a fresh database for each test that asks."""

from __future__ import annotations

import os
import tempfile
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from core.db.cluster import THROWAWAY, Cluster, prepare
from core.db.migrate import upgrade_host
from core.db.session import connect, disconnect
from core.settings import CHECKOUT, get_settings

TEMPLATE = "wangge_template"


@pytest.fixture(scope="session")
def real_data() -> Callable[[str], Path]:
    """Path of a file of the real data set; the test is skipped, with the reason, where it is absent."""
    folder = Path(os.environ.get("WANGGE_DATA") or CHECKOUT.parent / "shared" / "data")

    def path(name: str) -> Path:
        found = folder / name
        if not found.exists():
            pytest.skip(f"real data absent: {found} (set WANGGE_DATA)")
        return found

    return path


@pytest.fixture(scope="session")
def cluster() -> Iterator[Cluster]:
    """A throw-away server for the whole run, with a migrated template database."""
    with tempfile.TemporaryDirectory(prefix="wangge-") as folder:
        Path(folder).chmod(0o711)  # PostgreSQL's own account must reach it when root runs the tests
        server = Cluster(Path(folder) / "pg", THROWAWAY)
        with server.running():
            prepare(server, TEMPLATE)
            upgrade_host(server.url("wangge_owner", TEMPLATE))
            yield server


_outcomes: Counter[str] = Counter()
_reasons: set[str] = set()


def pytest_runtest_logreport(report: pytest.TestReport) -> None:
    """Count how the tests on real data ended."""
    if "real" in report.keywords and (report.when == "call" or report.outcome == "skipped"):
        _outcomes[report.outcome] += 1
        if report.outcome == "skipped" and isinstance(report.longrepr, tuple):
            _reasons.add(report.longrepr[2])


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Say how many tests on real data ran, and why others did not."""
    skipped = _outcomes["skipped"]
    ran = sum(_outcomes.values()) - skipped
    terminalreporter.write_line(
        f"real data: {ran} ran, {skipped} skipped" + "".join(f"; {r}" for r in sorted(_reasons))
    )


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """An empty data folder that this test's settings name."""
    monkeypatch.setenv("WANGGE_HOME", str(tmp_path / "home"))
    (tmp_path / "home").mkdir()
    get_settings.cache_clear()
    yield tmp_path / "home"
    get_settings.cache_clear()


@pytest.fixture
def database(cluster: Cluster, home: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """A fresh migrated database, connected as the application's role; yields its DSN."""
    name = f"test_{os.getpid()}_{_serial():d}"
    with cluster.superuser() as cursor:
        cursor.execute(f"create database {name} template {TEMPLATE} owner wangge_owner")
    url = cluster.url("wangge_app", name)
    monkeypatch.setenv("WANGGE_DATABASE_URL", url)
    monkeypatch.setenv("WANGGE_OWNER_URL", cluster.url("wangge_owner", name))
    get_settings.cache_clear()
    connect(url)
    yield url
    disconnect()
    with cluster.superuser() as cursor:
        cursor.execute(f"drop database {name} with (force)")


_counter = iter(range(1, 1_000_000))


def _serial() -> int:
    return next(_counter)
