"""How what leaves the house is worded: the floor that knows the languages and the pages' addresses says it."""

from __future__ import annotations

from typing import Protocol

from core.notices.views import About
from core.text import Text


class Wording(Protocol):
    """Words and addresses of pages."""

    def say(self, said: Text, language: str) -> str:
        """A text in a language."""

    def path(self, about: About) -> str:
        """Path of the page of what a notice is about."""


class Plain:
    """English, and the inbox for every page: what holds where no floor says better."""

    def say(self, said: Text, language: str) -> str:  # noqa: ARG002 fixed by the protocol
        """The text as it is kept."""
        return str(said)

    def path(self, about: About) -> str:  # noqa: ARG002 fixed by the protocol
        """The page that lists all of them."""
        return "/account/notices"


_wording: Wording = Plain()


def use(chosen: Wording) -> None:
    """Let this process word what it sends so."""
    global _wording
    _wording = chosen


def wording() -> Wording:
    """The wording of this process."""
    return _wording
