"""A file that a command is to write."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import click

from core.errors import Refused
from core.text import noop as _


class NewFile(click.Path):
    """The path of a file that is not there yet.

    :raises Refused: there is one, or the system takes no such name.
    """

    def __init__(self) -> None:
        """Of a file, not a folder."""
        super().__init__(path_type=Path, dir_okay=False)

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        """Asked before any work is done."""
        file = super().convert(value, param, ctx)
        try:
            os.lstat(file)
        except FileNotFoundError:
            return file
        except OSError as error:
            raise Refused(_("%(file)s cannot be written: %(why)s"), file=str(file), why=error.strerror) from error
        raise Refused(_("%(file)s exists already; choose another name"), file=str(file))
