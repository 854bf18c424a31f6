"""Wheels made for tests, good and bad."""

from __future__ import annotations

import base64
import hashlib
import zipfile
from collections.abc import Mapping
from pathlib import Path

METADATA = "Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n{requires}"
MANIFEST = "from wangge import Plugin\nPLUGIN = Plugin(name='{name}', title='Made for a test')\n"


def make_wheel(
    folder: Path,
    name: str = "tiny",
    *,
    version: str = "1.0",
    requires: str = "Requires-Dist: wangge>=0.1,<1\n",
    entries: str | None = None,
    files: Mapping[str, str] | None = None,
    distribution: str = "",
    claims: str = "",
) -> Path:
    """A wheel with the least that a plugin needs, and what a test changes in it.

    :param claims: version that its metadata says, where it is another than the file name's.
    """
    distribution = distribution or f"wangge_{name}"
    info = f"{distribution}-{version}.dist-info"
    content = {
        f"wangge_{name}/__init__.py": MANIFEST.format(name=name),
        **(files or {}),
        f"{info}/METADATA": METADATA.format(name=distribution, version=claims or version, requires=requires),
        f"{info}/WHEEL": "Wheel-Version: 1.0\nGenerator: tests\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
        f"{info}/entry_points.txt": f"[wangge.plugins]\n{name} = wangge_{name}\n" if entries is None else entries,
    }
    record = "".join(f"{entry},sha256={_digest(text)},\n" for entry, text in content.items()) + f"{info}/RECORD,,\n"
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{distribution}-{version}-py3-none-any.whl"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for entry, text in {**content, f"{info}/RECORD": record}.items():
            archive.writestr(entry, text)
    return path


def altered(wheel: Path, folder: Path, entry: str, more: str) -> Path:
    """The wheel with something added to one of its files, and its RECORD as it was."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / wheel.name
    with zipfile.ZipFile(wheel) as old, zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            new.writestr(name, old.read(name) + (more.encode() if name == entry else b""))
    return path


def _digest(text: str) -> str:
    return base64.urlsafe_b64encode(hashlib.sha256(text.encode()).digest()).decode().rstrip("=")
