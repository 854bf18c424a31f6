"""The wheel of the host: all that an installed city needs, and no sources of what is built."""

from __future__ import annotations

import subprocess
import sys
import zipfile
from pathlib import Path

from core.settings import CHECKOUT


def test_it_holds_what_runs_and_not_what_it_is_made_of(tmp_path: Path) -> None:
    options = ["--isolated", "-q", "--no-index", "--no-deps", "--no-build-isolation", "--disable-pip-version-check"]
    command = [sys.executable, "-m", "pip", "wheel", *options, "-w", str(tmp_path), str(CHECKOUT)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    (wheel,) = tmp_path.glob("*.whl")
    names = set(zipfile.ZipFile(wheel).namelist())
    assert {name.split("/")[0] for name in names if ".dist-info" not in name} == {"core", "gis", "web", "wangge"}
    assert {
        "web/translations/zh/LC_MESSAGES/messages.mo",
        "web/static/dist/manifest.json",
        "core/_migrations/env.py",
        "wangge/py.typed",
    } <= names
    assert [name for name in names if name.endswith((".ts", ".po")) or name.startswith("web/styles/")] == []
