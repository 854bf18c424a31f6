"""What a plugin says and adds, read in a process of its own so that no broken plugin touches the host's.

``python -m core.plugin.describe OUT FOLDER SPEC…`` writes the description as JSON to OUT; ``describe`` starts it.
"""

from __future__ import annotations

import importlib
import json
import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path
from typing import Any, Final

from core.children import BOUND
from core.plugin.catalogues import texts
from core.plugin.discovery import read_folder
from core.plugin.failure import Broken, Failure
from core.plugin.loading import import_plugin, package_folder, versions_folder
from core.plugin.located import located_tables
from core.plugin.manager import Host, Loaded
from core.plugin.manifest import Plugin
from core.text import Text
from core.text import noop as _

SECONDS: Final = 60


def describe(folder: Path, specs: tuple[str, ...]) -> dict[str, Any]:
    """Manifest and contributions of the plugin in a folder.

    :raises Broken: when it cannot be imported, its manifest is wrong, or a ``register_*`` hook raises.
    """
    with tempfile.TemporaryDirectory() as scratch:
        out = Path(scratch) / "description.json"
        command = [*BOUND, sys.executable, "-m", "core.plugin.describe", str(out), str(folder), *specs]
        path = os.pathsep.join(entry or os.getcwd() for entry in sys.path)
        said = Path(scratch) / "stderr.txt"
        try:
            code = _run(command, {**os.environ, "PYTHONPATH": path}, said)
        except subprocess.TimeoutExpired:
            raise Broken(
                Failure("import", Text(_("it did not answer within %(seconds)s seconds"), {"seconds": SECONDS}))
            ) from None
        if not out.exists():
            ended = Text(_("its process ended with code %(code)s"), {"code": code})
            raise Broken(Failure("import", ended, said.read_text(errors="replace")[-4000:]))
        answer: dict[str, Any] = json.loads(out.read_text())
    if "failure" in answer:
        raise Broken(Failure.from_json(answer["failure"]))
    return answer


def _run(command: list[str], environment: dict[str, str], said: Path) -> int:
    """Run a command in a session of its own, of which nothing is left afterwards; its exit code.

    What it says goes into a file: a pipe would stay open as long as whatever the plugin started.
    """
    with said.open("wb") as errors:
        child = subprocess.Popen(
            command,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=errors,
            start_new_session=True,
        )
    try:
        return child.wait(SECONDS)
    finally:
        with suppress(ProcessLookupError):
            os.killpg(child.pid, signal.SIGKILL)
        child.wait()


def read(folder: Path, specs: tuple[str, ...]) -> dict[str, Any]:
    """The description, made in this process.

    :raises Broken: as ``describe`` does.
    """
    found = read_folder(folder)
    if found is None:
        raise Broken(Failure("manifest", Text(_("the folder holds no plugin"))))
    loaded = import_plugin(found)
    host = alone(loaded, specs)
    if found.name in host.failures:
        raise Broken(host.failures[found.name])
    return _description(loaded, host)


def alone(loaded: Loaded, specs: Iterable[str]) -> Host:
    """A host with this plugin alone, which has said what it registers; one that is broken stands among its failures."""
    host = Host(importlib.import_module(spec) for spec in specs)
    needs = dict.fromkeys(loaded.plugin.requires, loaded)
    host.loaded.update(needs)
    try:
        host.add(loaded)
    except Broken as broken:
        host.withdraw(loaded.plugin.name, broken.failure)
    for name in needs:
        del host.loaded[name]
    host.gather()
    return host


def _description(loaded: Loaded, host: Host) -> dict[str, Any]:
    plugin, versions = loaded.plugin, versions_folder(loaded)
    messages = messages_of(plugin, (value for hook in host.returns for _name, value in host.values(hook)))
    return {
        "name": plugin.name,
        "title": plugin.title,
        "description": plugin.description,
        "department": plugin.department,
        "icon": plugin.icon,
        "requires": list(plugin.requires),
        "after": list(plugin.after),
        "versions": str(versions.relative_to(package_folder(loaded).parent)) if versions else "",
        "located": sorted(str(table) for table in located_tables(plugin.metadata)),
        "adds": {
            hook: [
                {"name": str(getattr(value, "name", "")), "title": str(getattr(value, "title", "") or "")}
                for value in loaded.contributions.get(hook, ())
            ]
            for hook in host.returns
        },
        "texts": texts(package_folder(loaded), messages),
    }


def messages_of(plugin: Plugin, values: Iterable[Any]) -> set[str]:
    """Message ids of a plugin's names: the manifest's, and the titles of what it registers."""
    titles = {str(getattr(value, "title", "") or "") for value in values}
    return {plugin.title, plugin.description, plugin.department, *titles} - {""}


def main(out: Path, folder: Path, specs: tuple[str, ...]) -> None:
    """Write the description, or the failure, as JSON."""
    try:
        answer = read(folder, specs)
    except Broken as broken:
        answer = {"failure": broken.failure.to_json()}
    out.write_text(json.dumps(answer, ensure_ascii=False))


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]), tuple(sys.argv[3:]))
