"""Loading the demonstration city in the background, in a process of its own: it brings plugins in.

Whoever asks for it or does jobs makes the job known.
"""

from __future__ import annotations

import subprocess
import sys
from typing import Final

from core.children import BOUND
from core.errors import Unusable
from core.jobs.queue import Job

LOAD: Final = "demo.load"
COMMAND: Final = ("-m", "web.cli", "demo", "load")


def load() -> None:
    """Run ``wangge demo load``; goes on where an earlier run was cut off."""
    done = subprocess.run([*BOUND, sys.executable, *COMMAND], capture_output=True, text=True, check=False)
    if done.returncode:
        raise Unusable("The demonstration was not loaded: %(output)s", output=done.stderr[-600:])


JOB: Final = Job(LOAD, load)
