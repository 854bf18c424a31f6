"""Layers that are only drawn, read in the limited process and taken over part by part: their size costs disk alone."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import Any

from gis.formats.drawn import About, Part, Wanted, read_drawn
from gis.limited import MEMORY_MB, SECONDS, ask
from gis.notes import Note
from gis.packing import load_wkb, save_wkb

__all__ = ["About", "Part", "Wanted", "drawn_in_subprocess"]


@contextmanager
def drawn_in_subprocess(
    path: Path,
    layer: str | None,
    encoding: str | None,
    wanted: Wanted,
    *,
    memory_mb: int = MEMORY_MB,
    seconds: int = SECONDS,
) -> Iterator[tuple[About, Iterator[Part]]]:
    """The facts of a layer, and its rows in parts, which can be taken inside the block.

    Raises FormatError as `gis.formats.drawn.read_drawn`, `too_large` when memory or time did not suffice, `crashed`
    when the process died.
    """
    request: dict[str, object] = {
        "path": str(Path(path).absolute()), "layer": layer, "encoding": encoding, "wanted": asdict(wanted),
    }  # fmt: skip
    with tempfile.TemporaryDirectory(prefix="drawn-") as name:
        folder = Path(name)
        told = ask(__name__, folder, request, memory_mb=memory_mb, seconds=seconds)
        values = told["about"]
        notes = tuple(Note(**each) for each in values.pop("notes"))
        about = About(**{**values, "layers": tuple(values["layers"]), "notes": notes})
        yield about, (_load(folder, number) for number in range(told["parts"]))


def answer(folder: Path, request: dict[str, Any]) -> dict[str, Any]:
    """In the limited process: the facts, and each part in two files of its own."""
    rows = read_drawn(Path(request["path"]), request["layer"], request["encoding"], Wanted(**request["wanted"]))
    about, parts = next(rows), 0
    for part in rows:
        assert isinstance(part, Part)
        _save(folder, parts, part)
        parts += 1
    assert isinstance(about, About)
    return {"about": asdict(about), "parts": parts}


def _save(folder: Path, number: int, part: Part) -> None:
    save_wkb(folder / f"{number}.wkb", part.wkb)
    (folder / f"{number}.json").write_text(json.dumps(part.columns), encoding="utf-8")


def _load(folder: Path, number: int) -> Part:
    return Part(load_wkb(folder / f"{number}.wkb"), json.loads((folder / f"{number}.json").read_text(encoding="utf-8")))
