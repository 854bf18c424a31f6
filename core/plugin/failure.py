"""Why a plugin does not run, as a text that each reader gets in their own language."""

from __future__ import annotations

import traceback
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from core.text import Text
from core.text import noop as _

STAGES: Final = (
    _("states"), _("missing"), _("incompatible"), _("import"), _("manifest"), _("settings"), _("requires"), _("hooks"),
    _("migrations"), _("register"), _("page"), _("register_matter_kinds"), _("register_actions"),
    _("register_blueprints"), _("register_menu"), _("register_panels"), _("register_layers"), _("register_commands"),
    _("register_health"),
)  # fmt: skip
"""Where plugins break most; any other stage is shown by its name."""


@dataclass(frozen=True)
class Failure:
    """Why a plugin does not run.

    :param stage: where it broke: one of ``STAGES``, or the name of a panel, layer, check …
    :param error: what is wrong, in one line, with the place in the plugin's code.
    :param trace: the whole trace, for the administrator.
    """

    stage: str
    error: Text
    trace: str = ""

    @property
    def reason(self) -> Text:
        """Stage and error in one line."""
        return Text(_("%(stage)s: %(error)s"), {"stage": Text(self.stage), "error": self.error})

    def to_json(self) -> dict[str, Any]:
        """For the table of plugins."""
        return {"stage": self.stage, "error": self.error.to_json(), "trace": self.trace}

    @classmethod
    def from_json(cls, value: Mapping[str, Any]) -> Failure:
        """The failure that ``to_json`` gave."""
        error = value["error"]  # wangge 0.1 kept plain English here at first
        return cls(value["stage"], Text(error) if isinstance(error, str) else Text.from_json(error), value["trace"])


class Broken(Exception):
    """A plugin cannot be used; ``failure`` says why."""

    def __init__(self, failure: Failure) -> None:
        self.failure = failure
        super().__init__(str(failure.reason))


def failure_of(stage: str, error: BaseException, folder: Path | None = None) -> Failure:
    """A failure with the last place inside ``folder`` where the exception passed."""
    said = _said(error)
    for frame in reversed(traceback.extract_tb(error.__traceback__)):
        if folder and frame.filename.startswith(str(folder)):
            place = {"file": str(Path(frame.filename).relative_to(folder)), "line": frame.lineno}
            said = Text(_("%(said)s (%(file)s, line %(line)s)"), {"said": said, **place})
            break
    return Failure(stage, said, "".join(traceback.format_exception(error)))


def _said(error: BaseException) -> Text:
    known = getattr(error, "text", None)
    if isinstance(known, Text):
        return known
    if isinstance(error, ModuleNotFoundError) and error.name:
        return Text(_("the module %(name)s is not installed"), {"name": error.name})
    said = " ".join(str(error).split())[:500]
    return Text(f"{type(error).__name__}: {said}" if said else type(error).__name__)
