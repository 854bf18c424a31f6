"""`wangge org …`."""

from __future__ import annotations

import click


@click.group("org")
def group() -> None:
    """Commands of this room."""
