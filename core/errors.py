"""Everything the domain refuses, as exceptions that say what, where and how to mend it.

Each class has a ``slug`` (the page ``/problems/<slug>``), a ``status`` hint for the web floor, and carries a
translatable message. ``web/problems.py`` is the only place that turns them into answers.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

from core.text import Text
from core.text import noop as _


@dataclass(frozen=True)
class Objection:
    """A reason why something may not happen, and how to mend it.

    :param text: the reason, for the person who acts.
    :param mend: what would remove it.
    :param pointer: JSON pointer of the input at fault, when there is one.
    :param code: stable slug for scripts.
    :param plugin: name of the plugin that objects; empty for the host.
    :param place: lon, lat in degrees of what is at fault, when it lies somewhere.
    """

    text: Text
    mend: Text | None = None
    pointer: str = ""
    code: str = ""
    plugin: str = ""
    place: tuple[float, float] | None = None


class Misdeclared(ValueError):
    """What code registers is wrong: a mistake of its author, told to the administrator."""

    def __init__(self, message: str, /, **params: Any) -> None:
        self.text = Text(message, params)
        super().__init__(str(self.text))


class DomainError(Exception):
    """Base of all refusals; ``str(error)`` is English."""

    slug: ClassVar[str] = "refused"
    status: ClassVar[int] = 400
    title: ClassVar[str] = _("This could not be done")

    def __init__(self, message: str | Text, /, *, objections: Sequence[Objection] = (), **params: Any) -> None:
        self.text = message if isinstance(message, Text) else Text(message, params)
        self.objections = tuple(objections)
        super().__init__(str(self.text))

    def facts(self) -> Mapping[str, Any]:
        """Members added to the problem document beside type, title, status and detail."""
        return {}


class Invalid(DomainError):
    """The input is wrong; every fault is one objection with a pointer."""

    slug = "invalid"
    status = 422
    title = _("The input has faults")


class NotFound(DomainError):
    """There is no such thing, or the actor may not know of it."""

    slug = "not-found"
    status = 404
    title = _("Not found")


class Refused(DomainError):
    """A rule forbids it in the present state."""

    slug = "refused"
    status = 409
    title = _("The rules do not allow this now")


class Forbidden(DomainError):
    """The actor lacks the right; the message says whom to ask."""

    slug = "forbidden"
    status = 403
    title = _("You do not have this right")


class Unauthenticated(DomainError):
    """Nobody is signed in, or the token is not valid."""

    slug = "unauthenticated"
    status = 401
    title = _("Please sign in")


class TooMany(DomainError):
    """Too many tries; wait."""

    slug = "too-many"
    status = 429
    title = _("Too many tries")

    def __init__(self, message: str, /, *, retry_after: int, **params: Any) -> None:
        self.retry_after = retry_after
        super().__init__(message, retry_after=retry_after, **params)


class Conflict(DomainError):
    """Somebody else was first; ``theirs`` is the state that now holds.

    :param theirs: the present state, as the API shows it.
    :param mine: what was asked for.
    :param base: the state that both began with, where it is known.
    """

    slug = "conflict"
    status = 409
    title = _("Somebody else changed this first")

    def __init__(
        self,
        message: str,
        /,
        *,
        theirs: Mapping[str, Any],
        mine: Mapping[str, Any] | None = None,
        base: Mapping[str, Any] | None = None,
        **params: Any,
    ) -> None:
        self.theirs = dict(theirs)
        self.mine = dict(mine or {})
        self.base = dict(base or {})
        super().__init__(message, **params)

    def facts(self) -> Mapping[str, Any]:
        """The states, so that the client can show them side by side."""
        return {"theirs": self.theirs, "mine": self.mine, **({"base": self.base} if self.base else {})}


class KeyReused(DomainError):
    """The same id came with other content."""

    slug = "key-reused"
    status = 422
    title = _("This id was used for something else")


class Unavailable(DomainError):
    """A part of the system is not ready."""

    slug = "unavailable"
    status = 503
    title = _("Not ready")


class NoRoom(DomainError):
    """What was sent cannot be kept: the disk is full."""

    slug = "no-room"
    status = 507
    title = _("The disk is full")


class Unusable(DomainError):
    """The machine or its settings do not allow the command."""

    slug = "unusable"
    status = 500
    title = _("The machine or its settings do not allow this")
