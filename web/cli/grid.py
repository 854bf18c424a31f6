"""`wangge grid …`."""

from __future__ import annotations

import click


@click.group("grid")
def group() -> None:
    """Commands of this room."""
