"""Files that are there whole or not at all."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def drafted(target: Path) -> Iterator[Path]:
    """A path of the same name in a folder of its own, beside the target: it takes the target's place after the block.

    Whatever else is put into that folder falls away, and where the block fails, so does the draft. Raises OSError
    where the target's folder cannot be written to.
    """
    with tempfile.TemporaryDirectory(dir=target.parent, prefix=".draft-") as folder:
        draft = Path(folder) / target.name
        yield draft
        os.replace(draft, target)
