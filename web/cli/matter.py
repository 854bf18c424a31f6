"""`wangge matter …`."""

from __future__ import annotations

import click


@click.group("matter")
def group() -> None:
    """Commands of this room."""
