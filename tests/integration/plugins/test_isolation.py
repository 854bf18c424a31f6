from __future__ import annotations

import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from wangge.testing import place

from core.actor import Actor
from core.db.session import reading
from core.errors import Refused
from core.matters.kinds import kind, kinds
from core.plugin import queries
from core.plugin.doctor import ask
from core.plugin.failure import Broken
from core.plugin.loading import load
from core.plugin.service import InstallPlugin, enable_plugin, install_plugin
from core.plugin.site import Site
from core.plugin.wheel import inspect_plugin
from tests.integration.plugins.conftest import CLUMSY
from tests.integration.plugins.wheels import MANIFEST, make_wheel
from web.hooks import SPECS

REGISTERS = [
    "register_matter_kinds", "register_actions", "register_blueprints", "register_menu", "register_panels",
    "register_layers", "register_commands", "register_health",
]  # fmt: skip


@pytest.fixture
def clumsy(
    site: Site, operator: Actor, built: Callable[[Path], Path], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> Callable[[str], None]:
    """The clumsy plugin, installed and switched on upright beside a good one; a call makes it clumsy somewhere."""
    monkeypatch.setenv("WANGGE_CLUMSY", "nowhere")
    for wheel in (built(CLUMSY), make_wheel(tmp_path)):
        place(inspect_plugin(wheel), operator)

    def at(place: str) -> None:
        monkeypatch.setenv("WANGGE_CLUMSY", place)
        sys.modules.pop("wangge_clumsy", None)

    at("nowhere")
    return at


def reason(site: Site, operator: Actor) -> tuple[str, str]:
    with reading(operator) as session:
        view = queries.plugin(session, site.settings, "clumsy")
    return view.state, str(view.reason)


@pytest.mark.parametrize("place", ["import", *REGISTERS])
def test_it_fails_alone_and_says_where(place: str, clumsy: Callable[[str], None], site: Site, operator: Actor) -> None:
    clumsy(place)
    host = load(site.settings, SPECS, operator)
    assert list(host.loaded) == ["tiny"]
    state, why = reason(site, operator)
    assert state == "failed"
    assert why.startswith(f"{place}: Clumsy: stumbled at {place} (wangge_clumsy/__init__.py, line ")
    assert kind("clumsy.fall") is None


@pytest.mark.parametrize(
    ("place", "stage", "error"),
    [
        ("exit", "import", "SystemExit: 3"),
        ("manifest", "manifest", "is no wangge.Plugin"),
        ("type", "register_matter_kinds", "gave str, expected MatterKind"),
        ("prefix", "register_matter_kinds", "the name general must begin with 'clumsy.'"),
    ],
)
def test_a_wrong_contribution_is_named(
    place: str, stage: str, error: str, clumsy: Callable[[str], None], site: Site, operator: Actor
) -> None:
    before = {known.name for known in kinds()}
    clumsy(place)
    host = load(site.settings, SPECS, operator)
    assert list(host.loaded) == ["tiny"]
    assert host.failures["clumsy"].stage == stage
    assert error in str(host.failures["clumsy"].error)
    assert {known.name for known in kinds()} == before


def test_a_health_check_that_raises_is_an_answer(clumsy: Callable[[str], None], site: Site, operator: Actor) -> None:
    clumsy("health")
    (answer,) = ask(load(site.settings, SPECS, operator))
    assert (answer.health.ok, answer.plugin) == (False, "clumsy")
    assert "stumbled at health" in str(answer.health.text)


def test_a_guarded_call_names_the_place_and_leaves_the_plugin_in(
    clumsy: Callable[[str], None], site: Site, operator: Actor
) -> None:
    clumsy("panel")
    host = load(site.settings, SPECS, operator)
    ((_owner, panel),) = host.values("register_panels")
    with pytest.raises(Broken, match="stumbled at panel"):
        host.call("clumsy", panel.name, panel.render, None, [])
    assert "clumsy" in host.loaded


def test_it_recovers_when_it_no_longer_breaks(clumsy: Callable[[str], None], site: Site, operator: Actor) -> None:
    clumsy("import")
    load(site.settings, SPECS, operator)
    assert reason(site, operator)[0] == "failed"
    with pytest.raises(Refused, match="stumbled at import"):
        enable_plugin(operator, site, "clumsy")
    clumsy("nowhere")
    assert enable_plugin(operator, site, "clumsy").state == "enabled"
    assert set(load(site.settings, SPECS, operator).loaded) == {"clumsy", "tiny"}


def test_a_plugin_that_cannot_be_imported_at_install_leaves_nothing(
    site: Site, operator: Actor, built: Callable[[Path], Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("WANGGE_CLUMSY", "import")
    with pytest.raises(Refused, match="stumbled at import"):
        install_plugin(operator, site, InstallPlugin(built(CLUMSY)))
    with reading(operator) as session:
        assert queries.plugins(session, site.settings) == []
    assert list(site.folder.iterdir()) == []


STARTS_ANOTHER = """import os, pathlib, subprocess
child = subprocess.Popen(["sleep", "300"])
pathlib.Path({told!r}).write_text(str(child.pid))
{then}
"""


@pytest.mark.parametrize("then", ["raise ValueError('broken')", "os._exit(3)", "os.abort()"])
def test_what_a_refused_plugin_started_ends_with_it(site: Site, operator: Actor, tmp_path: Path, then: str) -> None:
    told = tmp_path / "pid"
    code = STARTS_ANOTHER.format(told=str(told), then=then)
    wheel = make_wheel(tmp_path / "wheels", files={"wangge_tiny/__init__.py": code})
    began = time.monotonic()
    with pytest.raises(Refused):
        install_plugin(operator, site, InstallPlugin(wheel))
    assert time.monotonic() - began < 30
    assert ends(int(told.read_text()))


def test_what_a_good_plugin_started_while_it_was_looked_at_ends_too(
    site: Site, operator: Actor, tmp_path: Path
) -> None:
    told = tmp_path / "pid"
    code = STARTS_ANOTHER.format(told=str(told), then=MANIFEST.format(name="tiny"))
    wheel = make_wheel(tmp_path / "wheels", files={"wangge_tiny/__init__.py": code})
    assert install_plugin(operator, site, InstallPlugin(wheel)).state == "installed"
    assert ends(int(told.read_text()))


def ends(pid: int) -> bool:
    """Whether a process that was sent its end comes to it: a busy machine takes its time."""
    until = time.monotonic() + 20
    while runs(pid) and time.monotonic() < until:
        time.sleep(0.05)
    return not runs(pid)


def runs(pid: int) -> bool:
    """Whether a process still does something; one that ended may wait as a zombie for whoever collects it."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] not in "ZX"
    except FileNotFoundError:
        return False
