"""Commands that are killed at any moment: the next one goes on, or says how to mend it; nothing stands half."""

from __future__ import annotations

import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

from core.settings import CHECKOUT
from tests.e2e.test_cli_life import Instance, Up, folder

__all__ = ["folder"]

pytestmark = pytest.mark.long


def killed(instance: Instance, seconds: float, arguments: Sequence[str]) -> bool:
    """Kill a command after some seconds, and see all that it started end; false when it was done before."""
    process = subprocess.Popen(
        [sys.executable, "-m", "web.cli", *arguments],
        env=instance.environment, cwd=CHECKOUT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    time.sleep(seconds)
    process.send_signal(signal.SIGKILL)
    code = process.wait()
    assert instance.deserted(seconds=10)
    return code == -signal.SIGKILL


def moments(instance: Instance, arguments: Sequence[str]) -> Iterator[float]:
    """Kill a command later and later, until it comes to its end before it is killed."""
    seconds = 1.5
    while killed(instance, seconds, arguments):
        yield seconds
        seconds *= 2


def test_the_first_start(folder: Path) -> None:
    for tenths in range(10, 60, 16):
        instance = Instance(folder / f"first-{tenths}")
        killed(instance, tenths / 10, ["up", "--no-demo", "--port", "1"])
        assert instance.logins() in ([], ["admin"])
    up = Up(instance)
    try:
        up.until_ready()
    finally:
        up.end(signal.SIGINT)
    assert instance.deserted()


def test_a_backup(folder: Path) -> None:
    instance = Instance(folder / "home")
    instance.ok("user", "add", "zhangsan", "--role", "desk")
    archive = folder / "out" / "city.tar"
    for _seconds in moments(instance, ["backup", str(archive)]):
        archive.unlink(missing_ok=True)  # killed after its end
    assert [path.name for path in archive.parent.iterdir()] == ["city.tar"]
    assert not list((instance.home / "run" / "backup").glob("*"))


@pytest.mark.parametrize("seconds", [3.0, 5.0, 8.0])
def test_a_restore(folder: Path, seconds: float) -> None:
    instance, other = Instance(folder / "source"), Instance(folder / f"target-{seconds}")
    archive = folder / f"city-{seconds}.tar"
    if "zhangsan" not in instance.logins():
        instance.ok("user", "add", "zhangsan", "--role", "desk")
    instance.ok("backup", str(archive))
    killed(other, seconds, ["restore", str(archive)])
    if (other.home / "restore-begun").exists():
        assert f"wangge restore {archive}" in other.run("user", "list").stderr
        other.ok("restore", str(archive))
        assert other.logins() == ["zhangsan"]
    else:  # not begun, or whole already
        assert other.logins() in ([], ["zhangsan"])
