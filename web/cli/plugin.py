"""`wangge plugin …`."""

from __future__ import annotations

import click


@click.group("plugin")
def group() -> None:
    """Commands of this room."""
