"""Makes a wheel of a plugin's project folder."""

from __future__ import annotations

import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from core.children import BOUND
from core.errors import Invalid, Refused
from core.plugin.wheel import WheelFacts, inspect_plugin
from core.text import noop as _


def build_plugin(project: Path, out: Path) -> WheelFacts:
    """Build a project's wheel into a folder, checked as ``install`` would check it.

    :raises Invalid: when the folder is no project, or its wheel no plugin.
    :raises Refused: when its build fails; the last lines of the build say why.
    """
    if not (project / "pyproject.toml").is_file():
        raise Invalid(_("%(folder)s holds no pyproject.toml"), folder=str(project))
    with tempfile.TemporaryDirectory() as scratch:
        options = ["--isolated", "--quiet", "--no-input", "--disable-pip-version-check", "--no-index", "--no-deps"]
        build = [*BOUND, sys.executable, "-m", "pip", "wheel", *options, "--no-build-isolation"]
        done = subprocess.run([*build, "-w", scratch, str(project)], capture_output=True, text=True, check=False)
        if done.returncode:
            said = " ".join((done.stderr or done.stdout).strip().splitlines()[-5:])
            raise Refused(_("The wheel could not be built: %(said)s"), said=said)
        (wheel,) = Path(scratch).glob("*.whl")
        inspect_plugin(wheel)
        out.mkdir(parents=True, exist_ok=True)
        shutil.move(wheel, out / wheel.name)
    return inspect_plugin(out / wheel.name)
