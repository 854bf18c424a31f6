"""A process with limits, in which files of strangers are read; the caller sees only what it wrote down.

The child is a fresh interpreter (`python -m gis.limited`) that inherits no files, bounds its own memory, processor
time and output before it opens anything, and answers in a private folder: data, never pickled objects. Whatever
happens to it, the caller gets an answer or a FormatError.
"""

from __future__ import annotations

import ctypes
import importlib
import json
import math
import os
import resource
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any, Protocol

from gis.errors import FormatError, GisError

MEMORY_MB = 2048
"""Address space of the child. 35,357 communes (2.2 million vertices) fit into 512 MB as GeoPackage, into 1,024 MB
as GeoJSON."""

SECONDS = 120
"""Processor time of the child; by the clock it may take twice as long."""

OUTPUT_BYTES = 1 << 31
PR_SET_PDEATHSIG = 1
"""`prctl(2)`: the signal that a process gets when its parent dies."""
OPEN_FILES = 64
REQUEST, ANSWER, SAID = "request.json", "answer.json", "stderr.txt"
OUT_OF_MEMORY = (
    "out of memory",
    "bad_alloc",
    "cannot allocate",
    "memoryerror",
    "not enough memory",
    "failed to map segment",
)


class Reader(Protocol):
    """A module that can be asked in the limited process."""

    def answer(self, folder: Path, request: dict[str, Any], /) -> dict[str, Any]:
        """Read what the request names; the answer is JSON, anything bulky is written into the folder.

        Raises GisError for what is wrong with the file.
        """


def ask(
    reader: str, folder: Path, request: dict[str, object], *, memory_mb: int = MEMORY_MB, seconds: int = SECONDS
) -> dict[str, Any]:
    """Have a module (a `Reader`, by name) answer a request in the limited process.

    `folder` is private to this request. Raises FormatError with the reader's own codes, and `too_large` when memory or
    time did not suffice, `crashed` when the process died.
    """
    limits = {"reader": reader, "memory_mb": memory_mb, "seconds": seconds}
    (folder / REQUEST).write_text(json.dumps(request | limits), encoding="utf-8")
    code = _run_child(folder, seconds)
    if code != 0:
        raise _died(code, (folder / SAID).read_text(encoding="utf-8", errors="replace"), memory_mb, seconds)
    answered: dict[str, Any] = json.loads((folder / ANSWER).read_text(encoding="utf-8"))
    if "error" in answered:
        error = answered["error"]
        if _says_out_of_memory(str(error["params"].get("detail", ""))):
            raise _too_large("memory", memory_mb, seconds)
        raise FormatError(error["message"], code=error["code"], **error["params"])
    return answered


def _run_child(folder: Path, seconds: int) -> int:
    """Its exit code; ``-SIGALRM`` where it took too long by the clock."""
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
            return subprocess.run(
                [sys.executable, "-P", "-s", "-B", "-m", "gis.limited", str(folder)],
                cwd=folder,
                env=environment,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=said,
                timeout=2 * seconds,
                check=False,
            ).returncode
        except subprocess.TimeoutExpired:
            return -signal.SIGALRM


def _says_out_of_memory(text: str) -> bool:
    return any(sign in text.lower() for sign in OUT_OF_MEMORY)


def _too_large(what: str, memory_mb: int, seconds: int) -> FormatError:
    bound = f"{memory_mb} MB of memory" if what == "memory" else f"{seconds} seconds"
    return FormatError(
        f"The file needs more than {bound} to be read. Send it in parts.",
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
        "Save it again, or send it in parts.",
        code="crashed",
        exit=code,
        memory_mb=memory_mb,
    )


def end_with_parent() -> None:
    """Let the kernel kill this process when the thread that made it ends, as it does with its whole process."""
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)


def _limit(memory_mb: int, seconds: int) -> None:
    """Bound this process; the kernel ends it where it goes further."""
    memory = memory_mb * 1024 * 1024
    resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
    resource.setrlimit(resource.RLIMIT_CPU, (math.ceil(seconds), math.ceil(seconds) + 1))
    resource.setrlimit(resource.RLIMIT_FSIZE, (OUTPUT_BYTES, OUTPUT_BYTES))
    resource.setrlimit(resource.RLIMIT_NOFILE, (OPEN_FILES, OPEN_FILES))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    # The parent waits no longer than this.
    signal.alarm(2 * math.ceil(seconds))


def main(folder: Path) -> None:
    """The child: limit oneself, read, write the answer."""
    end_with_parent()
    request = json.loads((folder / REQUEST).read_text(encoding="utf-8"))
    reader: Reader = importlib.import_module(request["reader"])
    _limit(request["memory_mb"], request["seconds"])
    answered: dict[str, Any]
    try:
        answered = reader.answer(folder, request)
    except GisError as error:
        answered = {"error": {"message": str(error), "code": error.code, "params": error.params}}
    (folder / ANSWER).write_text(json.dumps(answered), encoding="utf-8")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
