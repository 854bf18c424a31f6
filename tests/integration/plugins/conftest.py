from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from core.actor import Actor, command_line
from core.db.cluster import owner_url
from core.grids import voices
from core.plugin import grid_changes
from core.plugin.build import build_plugin
from core.plugin.loading import forget_values
from core.plugin.site import Site
from core.settings import CHECKOUT, get_settings
from web.hooks import SPECS

CLUMSY = CHECKOUT / "tests" / "plugins" / "clumsy"
EVERYTHING = CHECKOUT / "plugins" / "everything"


@pytest.fixture
def operator() -> Iterator[Actor]:
    """Someone with all rights; what plugins brought into this process is forgotten afterwards."""
    path = list(sys.path)
    yield command_line("test")
    sys.path[:] = path
    for module in [name for name in sys.modules if name.startswith("wangge_")]:
        del sys.modules[module]
    for name in ("tiny", "clumsy", "everything", "base", "upper"):
        forget_values(name)
    voices.forget(grid_changes.NAME)


@pytest.fixture
def site(database: str) -> Site:
    return Site(get_settings(), owner_url(get_settings()), SPECS)


@pytest.fixture(scope="session")
def built(tmp_path_factory: pytest.TempPathFactory) -> Callable[[Path], Path]:
    """Wheel of a project folder, built once in a run."""
    wheels: dict[Path, Path] = {}

    def wheel(project: Path) -> Path:
        if project not in wheels:
            wheels[project] = build_plugin(project, tmp_path_factory.mktemp("dist")).path
        return wheels[project]

    return wheel
