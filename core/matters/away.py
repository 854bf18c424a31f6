"""The refusal of steps while the plugin that brings a matter's kind does not run."""

from __future__ import annotations

from core.errors import Objection, Refused
from core.text import Text
from core.text import noop as _


class KindAway(Refused):
    """The kind's rules are not known now, so only a note may be added.

    :param kind: the slug of the kind, prefixed with its plugin's name.
    :param step: title of the step, a message id.
    :param title: the plugin in the reader's language; its name where the door knows no better.
    """

    def __init__(self, kind: str, step: str, title: str = "") -> None:
        self.plugin, self._kind, self._step = plugin_of(kind), kind, step
        text = Text(
            _("%(plugin)s is switched off or does not run: “%(step)s” is not possible until it is switched on"),
            {"plugin": title or self.plugin, "step": Text(step)},
        )
        mend = Text(_("Have the plugin switched on, then take the step; a note can be added until then"))
        against = Objection(text, mend, code="kind-away", plugin=self.plugin)
        super().__init__(text.message, objections=[against], **text.params)

    def named(self, title: str) -> KindAway:
        """The same refusal with the plugin's title in the reader's language."""
        return KindAway(self._kind, self._step, title)


def plugin_of(kind: str) -> str:
    """The plugin that a kind belongs to by its name, whether or not it is here."""
    return kind.partition(".")[0]
