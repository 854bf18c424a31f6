"""Puts a plugin's wheel, and those it depends on, into the folder of plugins: whole or not at all."""

from __future__ import annotations

import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from importlib import metadata
from pathlib import Path

from packaging.requirements import Requirement
from packaging.tags import sys_tags
from packaging.utils import InvalidWheelFilename, canonicalize_name, parse_wheel_filename

from core.children import BOUND
from core.errors import Refused
from core.plugin.discovery import HOST, HOST_PACKAGES
from core.plugin.wheel import WheelFacts, inspect
from core.text import noop as _


@contextmanager
def unpacked(facts: WheelFacts, wheels: Path | None, folder: Path) -> Iterator[Path]:
    """A temporary folder with the plugin and its dependencies, gone at the end unless it was renamed."""
    needed = [facts.path, *dependencies(facts, wheels)]
    incoming = Path(tempfile.mkdtemp(prefix=".incoming-", dir=folder))
    try:
        _pip(needed, incoming)
        yield incoming
    finally:
        shutil.rmtree(incoming, ignore_errors=True)


def _pip(wheels: list[Path], target: Path) -> None:
    options = ["--isolated", "--quiet", "--no-input", "--disable-pip-version-check", "--no-warn-script-location"]
    install = [*BOUND, sys.executable, "-m", "pip", "install", *options, "--no-index", "--no-deps"]
    done = subprocess.run(
        [*install, "--target", str(target), *map(str, wheels)], capture_output=True, text=True, check=False
    )
    if done.returncode:
        said = (done.stderr or done.stdout).strip().splitlines()
        raise Refused(_("pip refused the wheel: %(said)s"), said=said[-1] if said else "-")


def dependencies(facts: WheelFacts, wheels: Path | None) -> list[Path]:
    """Wheels that a plugin needs beside what the host has, the newest that fit, from a folder.

    :raises Refused: when one is lacking there, or ships a package of the host.
    """
    chosen: dict[str, Path] = {}
    waiting = list(facts.requires)
    while waiting:
        requirement = Requirement(waiting.pop())
        name = canonicalize_name(requirement.name)
        if name == HOST or name in chosen or _met(requirement):
            continue
        path = _newest(requirement, wheels)
        if path is None:
            raise Refused(
                _("It needs %(requirement)s, which is not here; give a folder that holds its wheel with --from"),
                requirement=str(requirement),
            )
        dependency = inspect(path)
        shipped = sorted(set(dependency.packages) & set(HOST_PACKAGES))
        if shipped:
            raise Refused(
                _("%(wheel)s also ships %(names)s, which belongs to the host"),
                wheel=path.name,
                names=", ".join(shipped),
            )
        chosen[name] = path
        waiting.extend(dependency.requires)
    return list(chosen.values())


def _met(requirement: Requirement) -> bool:
    if requirement.marker is not None and not requirement.marker.evaluate({"extra": ""}):
        return True
    try:
        return requirement.specifier.contains(metadata.version(requirement.name), prereleases=True)
    except metadata.PackageNotFoundError:
        return False


def _newest(requirement: Requirement, wheels: Path | None) -> Path | None:
    fitting = []
    usable = set(sys_tags())
    for path in wheels.glob("*.whl") if wheels else ():
        try:
            name, version, _build, tags = parse_wheel_filename(path.name)
        except InvalidWheelFilename:
            continue
        if name == canonicalize_name(requirement.name) and tags & usable and requirement.specifier.contains(version):
            fitting.append((version, path))
    return max(fitting)[1] if fitting else None


def sweep(folder: Path) -> None:
    """Take away what an install that was killed left behind."""
    for pattern in (".incoming-*", ".old-*"):
        for left in folder.glob(pattern):
            shutil.rmtree(left, ignore_errors=True)


def replace(incoming: Path, target: Path) -> Path | None:
    """Put a folder in its place; gives where an older one of the same version went."""
    old = None
    target.parent.mkdir(parents=True, exist_ok=True)
    if target.exists():
        old = Path(tempfile.mkdtemp(prefix=".old-", dir=target.parent.parent)) / target.name
        target.rename(old)
    incoming.rename(target)
    return old


def restore(target: Path, old: Path | None) -> None:
    """Undo ``replace``."""
    shutil.rmtree(target, ignore_errors=True)
    if old is not None:
        old.rename(target)
        old.parent.rmdir()
    elif not any(target.parent.iterdir()):
        target.parent.rmdir()


def discard(old: Path | None) -> None:
    """Forget the older folder."""
    if old is not None:
        shutil.rmtree(old.parent, ignore_errors=True)
