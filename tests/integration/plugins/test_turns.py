"""Two who change plugins at once, and one who dies while doing it."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from core.actor import Actor
from core.plugin.service import InstallPlugin, disable_plugin, enable_plugin, install_plugin
from core.plugin.site import Site
from core.plugin.turn import own_turn
from core.settings import CHECKOUT
from tests.integration.plugins.test_life import states
from tests.integration.plugins.wheels import MANIFEST, make_wheel

SLOW = "import os, time\nif os.path.exists(os.environ.get('SLOWLY', '')): time.sleep(60)\n"
SECONDS = 60


def test_changes_wait_for_each_other(site: Site, operator: Actor, tmp_path: Path) -> None:
    install_plugin(operator, site, InstallPlugin(make_wheel(tmp_path)))
    with ThreadPoolExecutor() as pool:
        with own_turn():
            later = pool.submit(enable_plugin, operator, site, "tiny")
            time.sleep(0.5)
            assert not later.done()
            assert states(operator, site) == {"tiny": "installed"}
        assert later.result(SECONDS).state == "enabled"


@pytest.mark.long
def test_many_at_once_end_in_a_state_that_somebody_asked_for(site: Site, operator: Actor, tmp_path: Path) -> None:
    install_plugin(operator, site, InstallPlugin(make_wheel(tmp_path)))
    with ThreadPoolExecutor(4) as pool:
        acts = [enable_plugin, disable_plugin] * 3
        done = [pool.submit(act, operator, site, "tiny") for act in acts]
        assert {each.result(SECONDS).state for each in done} <= {"enabled", "disabled"}
    assert enable_plugin(operator, site, "tiny").state == "enabled"
    assert disable_plugin(operator, site, "tiny").state == "disabled"


def killed_amid(arguments: list[str], mark: Path) -> None:
    """Run a command that loads the slow plugin, and kill it while it does."""
    mark.touch()
    command = [sys.executable, "-m", "web.cli", "plugin", *arguments]
    process = subprocess.Popen(command, cwd=CHECKOUT, env={**os.environ, "SLOWLY": str(mark)}, start_new_session=True)
    deadline = time.monotonic() + SECONDS
    while not any("core.plugin.describe" in line for line in children(process.pid)):
        assert process.poll() is None
        assert time.monotonic() < deadline
        time.sleep(0.05)
    os.killpg(process.pid, signal.SIGKILL)
    process.wait()
    mark.unlink()


def children(pid: int) -> list[str]:
    lines = []
    for task in Path(f"/proc/{pid}/task").glob("*/children"):
        for child in task.read_text().split():
            lines.append(Path(f"/proc/{child}/cmdline").read_text().replace("\0", " "))
    return lines


@pytest.mark.parametrize("act", [pytest.param("install", marks=pytest.mark.long), "enable"])
def test_one_who_is_killed_leaves_an_honest_state(act: str, site: Site, operator: Actor, tmp_path: Path) -> None:
    code = MANIFEST.format(name="tiny") + SLOW
    wheel = make_wheel(tmp_path, files={"wangge_tiny/__init__.py": code})
    if act == "install":
        killed_amid(["install", str(wheel)], tmp_path / "slowly")
        assert states(operator, site) == {}
        install_plugin(operator, site, InstallPlugin(wheel))
    else:
        install_plugin(operator, site, InstallPlugin(wheel))
        killed_amid(["enable", "tiny"], tmp_path / "slowly")
        assert states(operator, site) == {"tiny": "installed"}
    assert enable_plugin(operator, site, "tiny").state == "enabled"
    assert [left.name for left in site.folder.iterdir() if left.name.startswith(".")] == []
