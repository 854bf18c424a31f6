"""Where the plugins of this instance live, and with which rights they are installed."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from core.settings import Settings


@dataclass(frozen=True)
class Site:
    """What the life of a plugin needs around it.

    :param settings: names the data folder.
    :param owner_url: DSN of the role that makes tables.
    :param specs: dotted names of the modules with hook specifications.
    """

    settings: Settings
    owner_url: str
    specs: tuple[str, ...]

    @property
    def folder(self) -> Path:
        """Folder of all installed plugins."""
        return self.settings.folder("plugins")
