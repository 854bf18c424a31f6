"""What the built files weigh on the wire, gzipped, and which browsers understand them."""

from __future__ import annotations

import gzip
import re

import pytest

from web.assets import DIST, AssetError, manifest, preloads, run_node

PAGE_BYTES = 60_000
MAP_PAGE_BYTES = 170_000


def weight(files: set[str]) -> int:
    return sum(len(gzip.compress((DIST / name).read_bytes())) for name in files)


def with_imports(name: str, seen: set[str]) -> set[str]:
    """The script and all it imports at once; what it fetches when needed is left out."""
    if name not in seen:
        seen.add(name)
        for below in re.findall(r'(?:from|import)"\./([\w-]+\.js)"', (DIST / name).read_text()):
            with_imports(below, seen)
    return seen


def test_a_page_without_a_map() -> None:
    files = with_imports(manifest()["app.js"], {manifest()["main.css"]})
    assert weight(files) <= PAGE_BYTES


def test_the_workbench() -> None:
    entry = (DIST / manifest()["map.js"]).read_text()
    found = re.search(r'"wg-map":async\(\)=>\(await import\("\./([\w-]+\.js)"\)\)', entry)
    assert found, "the workbench is no longer fetched by the map's entry"
    files = {manifest()["main.css"]}
    for name in (manifest()["app.js"], manifest()["map.js"], found[1]):
        with_imports(name, files)
    assert len(files) > 4
    assert weight(files) <= MAP_PAGE_BYTES


def test_each_built_file_lies_there_packed_as_well() -> None:
    for path in (*DIST.glob("*.js"), *DIST.glob("*.css")):
        assert gzip.decompress(path.with_name(f"{path.name}.gz").read_bytes()) == path.read_bytes()


def test_the_workbench_names_its_scripts_beforehand() -> None:
    whole = with_imports(manifest()["wg-map.js"], set())
    assert {f"dist/{name}" for name in whole} == set(preloads("wg-map.js"))


def test_no_built_file_is_newer_than_the_oldest_browser() -> None:
    run_node("node", "tests/unit/web/floor.mjs", "chrome86", str(DIST))
    with pytest.raises(AssetError):
        run_node("node", "tests/unit/web/floor.mjs", "chrome60", str(DIST))
