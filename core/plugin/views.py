"""What lists and pages read of a plugin."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from core.text import Text
from core.text import noop as _

STATES: Final[Mapping[str, str]] = {
    "discovered": _("not installed"),
    "installed": _("installed"),
    "enabled": _("switched on"),
    "disabled": _("switched off"),
    "incompatible": _("does not fit this version"),
    "failed": _("does not run"),
    "missing": _("missing"),
}
"""Every state a plugin may be in, with its message id."""


def in_language(manifest: Mapping[str, Any], message: str, language: str) -> str:
    """A message of a plugin in a language, from its kept manifest."""
    return str(manifest.get("texts", {}).get(language, {}).get(message, message))


@dataclass(frozen=True)
class PluginView:
    """One plugin as the catalogue shows it.

    :param state: one of ``STATES``.
    :param reason: why it does not run; ``None`` when nothing is wrong.
    :param manifest: what ``describe`` read; empty for a plugin that was never installed.
    :param epoch: the epoch that this was read at.
    """

    name: str
    distribution: str
    version: str
    state: str
    reason: Text | None
    manifest: Mapping[str, Any]
    failure: Mapping[str, Any] | None = None
    epoch: int = 0

    def added(self, hook: str) -> list[str]:
        """Names of what the plugin registers under a hook."""
        return [str(value["name"]) for value in self.manifest.get("adds", {}).get(hook, ())]

    def text(self, key: str, language: str) -> str:
        """Title, description or department in a language, without loading the plugin."""
        message = str(self.manifest.get(key, "") or (self.name if key == "title" else ""))
        return in_language(self.manifest, message, language)

    def to_json(self, told: Callable[[Text], str] = str) -> dict[str, Any]:
        """The line that commands and the API give.

        :param told: puts the reason into the reader's language.
        """
        return {
            "name": self.name,
            "distribution": self.distribution,
            "version": self.version,
            "state": self.state,
            "reason": told(self.reason) if self.reason else "",
            "kinds": self.added("register_matter_kinds"),
            "layers": self.added("register_layers"),
            "panels": self.added("register_panels"),
        }
