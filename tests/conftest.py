"""What every test may use: the real data's place, a private PostGIS, a fresh database for each test that asks."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import settings
from wangge.testing import TEMPLATE, cluster, copy_database, database, home, template

from core.db.cluster import Cluster
from core.db.session import connect, disconnect
from core.settings import CHECKOUT, get_settings
from tests.beginning import Fill, Grown

settings.register_profile("wangge", deadline=None)  # a test never times things
settings.load_profile("wangge")

__all__ = ["TEMPLATE", "cluster", "database", "home", "template"]


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
def grown(cluster: Cluster, tmp_path_factory: pytest.TempPathFactory) -> Grown:
    """Gives the name of a template that holds what a function writes into a fresh database; made once in a run."""
    made: dict[Fill, str] = {}

    def template_of(fill: Fill) -> str:
        if fill not in made:
            name, folder = f"wangge_grown_{len(made)}", tmp_path_factory.mktemp("grown")
            copy_database(cluster, TEMPLATE, name)
            with pytest.MonkeyPatch.context() as patch:
                patch.setenv("WANGGE_HOME", str(folder))
                patch.setenv("WANGGE_DATABASE_URL", cluster.url("wangge_app", name))
                patch.setenv("WANGGE_OWNER_URL", cluster.url("wangge_owner", name))
                get_settings.cache_clear()
                connect(cluster.url("wangge_app", name))
                try:
                    fill(folder)
                finally:
                    disconnect()
            get_settings.cache_clear()
            made[fill] = name
        return made[fill]

    return template_of


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
