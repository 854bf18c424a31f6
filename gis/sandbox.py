"""Foreign files are read in a process of its own, with limits; this process sees only the result.

The child is a fresh interpreter (`python -m gis.sandbox`) that inherits no files, bounds its own memory, processor
time and output before it opens anything, and writes what it read into a private folder as JSON and WKB: data, never
pickled objects. Whatever happens to it, the caller gets a Layer or a FormatError.
"""

from __future__ import annotations

import json
import math
import os
import resource
import signal
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

import numpy as np
import shapely

from gis.errors import FormatError, GisError
from gis.formats import Layer, list_layers, read_layer

MEMORY_MB = 2048
"""Address space of the child. 35,357 communes (2.2 million vertices) fit into 512 MB as GeoPackage, into 1,024 MB
as GeoJSON."""

SECONDS = 120
"""Processor time of the child; by the clock it may take twice as long."""

OUTPUT_BYTES = 1 << 30
OPEN_FILES = 64
REQUEST, ANSWER, SHAPES, SAID = "request.json", "answer.json", "shapes.npz", "stderr.txt"
OUT_OF_MEMORY = (
    "out of memory",
    "bad_alloc",
    "cannot allocate",
    "memoryerror",
    "not enough memory",
    "failed to map segment",
)


def read_layer_in_subprocess(
    path: Path | str,
    layer: str | None = None,
    encoding: str | None = None,
    *,
    memory_mb: int = MEMORY_MB,
    seconds: int = SECONDS,
) -> Layer:
    """Read one layer as `gis.formats.read_layer` does, in a limited process.

    Raises FormatError with the codes of `read_layer`, and `too_large` when memory or time did not suffice,
    `crashed` when the process died.
    """
    request: dict[str, object] = {"path": str(Path(path).absolute()), "layer": layer, "encoding": encoding}
    with tempfile.TemporaryDirectory(prefix="sandbox-") as name:
        folder = Path(name)
        answer = _ask(folder, request, memory_mb, seconds)
        with np.load(folder / SHAPES, allow_pickle=False) as arrays:
            wkb, ends = arrays["wkb"].tobytes(), np.cumsum(arrays["lengths"]).tolist()
    starts = [0, *ends[:-1]]
    pieces = [wkb[start:end] or None for start, end in zip(starts, ends, strict=True)]
    return Layer(
        name=answer["name"],
        geometries=shapely.from_wkb(np.array(pieces, dtype=object)),
        fields=answer["fields"],
        crs=answer["crs"],
        encoding=answer["encoding"],
        warnings=tuple(answer["warnings"]),
    )


def list_layers_in_subprocess(path: Path | str, *, memory_mb: int = MEMORY_MB, seconds: int = SECONDS) -> list[str]:
    """Name a file's layers as `gis.formats.list_layers` does, in a limited process; errors as above."""
    with tempfile.TemporaryDirectory(prefix="sandbox-") as name:
        answer = _ask(Path(name), {"path": str(Path(path).absolute()), "list": True}, memory_mb, seconds)
    return [str(layer) for layer in answer["layers"]]


def _ask(folder: Path, request: dict[str, object], memory_mb: int, seconds: int) -> dict[str, Any]:
    """Run the child on a request and take its answer."""
    limits = {"memory_mb": memory_mb, "seconds": seconds}
    (folder / REQUEST).write_text(json.dumps(request | limits), encoding="utf-8")
    environment = {
        "PATH": os.environ.get("PATH", ""),
        "PYTHONPATH": str(Path(__file__).resolve().parent.parent),
        "TMPDIR": str(folder),
        "LC_ALL": "C.UTF-8",
        "OMP_NUM_THREADS": "1",
        "OPENBLAS_NUM_THREADS": "1",
        "MALLOC_ARENA_MAX": "2",
    }
    with (folder / SAID).open("wb") as said:
        try:
            code = subprocess.run(
                [sys.executable, "-P", "-s", "-B", "-m", "gis.sandbox", str(folder)],
                cwd=folder,
                env=environment,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=said,
                timeout=2 * seconds,
                check=False,
            ).returncode
        except subprocess.TimeoutExpired:
            code = -signal.SIGALRM
    if code != 0:
        raise _died(code, (folder / SAID).read_text(encoding="utf-8", errors="replace"), memory_mb, seconds)
    answer: dict[str, Any] = json.loads((folder / ANSWER).read_text(encoding="utf-8"))
    if "error" in answer:
        error = answer["error"]
        if _says_out_of_memory(str(error["params"].get("detail", ""))):
            raise _too_large("memory", memory_mb, seconds)
        raise FormatError(error["message"], code=error["code"], **error["params"])
    return answer


def _says_out_of_memory(text: str) -> bool:
    return any(sign in text.lower() for sign in OUT_OF_MEMORY)


def _too_large(what: str, memory_mb: int, seconds: int) -> FormatError:
    bound = f"{memory_mb} MB of memory" if what == "memory" else f"{seconds} seconds"
    return FormatError(
        f"The file needs more than {bound} to be read. Split the layer or generalise its borders.",
        code="too_large",
        what=what,
        memory_mb=memory_mb,
        seconds=seconds,
    )


def _died(code: int, said: str, memory_mb: int, seconds: int) -> FormatError:
    """What a child that gave no answer died of."""
    if code in (-signal.SIGXCPU, -signal.SIGALRM, -signal.SIGKILL):
        return _too_large("time", memory_mb, seconds)
    if _says_out_of_memory(said):
        return _too_large("memory", memory_mb, seconds)
    # GDAL does not always notice that memory ran out and then falls over, so both causes are named.
    return FormatError(
        f"Reading the file made the reader crash: it is damaged, or needs more than {memory_mb} MB of memory. "
        "Export the layer again, best as a GeoPackage, or split it.",
        code="crashed",
        exit=code,
        memory_mb=memory_mb,
    )


def _limit(memory_mb: int, seconds: int) -> None:
    """Bound this process; the kernel ends it where it goes further."""
    memory = memory_mb * 1024 * 1024
    resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
    resource.setrlimit(resource.RLIMIT_CPU, (math.ceil(seconds), math.ceil(seconds) + 1))
    resource.setrlimit(resource.RLIMIT_FSIZE, (OUTPUT_BYTES, OUTPUT_BYTES))
    resource.setrlimit(resource.RLIMIT_NOFILE, (OPEN_FILES, OPEN_FILES))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    # The parent waits no longer than this; where the parent itself was killed, nothing is left behind.
    signal.alarm(2 * math.ceil(seconds))


def _answer(folder: Path, request: dict[str, Any]) -> dict[str, object]:
    if request.get("list"):
        return {"layers": list_layers(request["path"])}
    layer = read_layer(request["path"], request["layer"], request["encoding"])
    pieces = [b"" if g is None else shapely.to_wkb(g) for g in layer.geometries]
    np.savez(
        folder / SHAPES,
        wkb=np.frombuffer(b"".join(pieces), dtype=np.uint8),
        lengths=np.array([len(piece) for piece in pieces], dtype=np.int64),
    )
    return {
        "name": layer.name,
        "fields": layer.fields,
        "crs": layer.crs,
        "encoding": layer.encoding,
        "warnings": layer.warnings,
    }


def main(folder: Path) -> None:
    """The child: limit oneself, read, write the answer."""
    request = json.loads((folder / REQUEST).read_text(encoding="utf-8"))
    _limit(request["memory_mb"], request["seconds"])
    answer: dict[str, object]
    try:
        answer = _answer(folder, request)
    except GisError as error:
        answer = {"error": {"message": str(error), "code": error.code, "params": error.params}}
    (folder / ANSWER).write_text(json.dumps(answer), encoding="utf-8")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
