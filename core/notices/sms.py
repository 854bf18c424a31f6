"""SMS by way of files: each message is one file in a folder, from which the city's own gateway takes it."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Final

from core.notices.channels import Message, Undelivered
from core.notices.mail import one_line
from core.text import Text
from core.text import noop as _

SAID_MOST: Final = 200
"""Characters of a message without its link: three parts of an SMS in Chinese."""


class FileDrop:
    """Writes ``<id>.json`` with ``id``, ``to`` and ``text``.

    A file appears whole or not at all, and a second try writes the same file: a gateway that remembers the ids it
    took sends nothing twice. Names that begin with a dot are not ready.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def send(self, message: Message) -> None:
        """Put a message into the folder.

        :raises Undelivered: when the folder cannot be written to.
        """
        link = f" {message.lines[0].link}" if len(message.lines) == 1 else ""
        values = {"id": str(message.id), "to": message.to, "text": one_line(message.heading, SAID_MOST) + link}
        fresh = self._folder / f".{message.id}.tmp"
        try:
            with fresh.open("w", encoding="utf-8") as file:
                json.dump(values, file, ensure_ascii=False)
                file.flush()
                os.fsync(file.fileno())
            fresh.replace(self._folder / f"{message.id}.json")
            _keep(self._folder)
        except OSError as error:
            why = one_line(error.strerror or type(error).__name__, SAID_MOST)
            raise Undelivered(Text(_("The folder for SMS cannot be written to: %(why)s"), {"why": why})) from error

    def close(self) -> None:
        """Nothing is held."""


def _keep(folder: Path) -> None:
    """See to it that a name in the folder outlives a power cut."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
