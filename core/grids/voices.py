"""Others who have a say when the grids change: they may object, and they carry what only they can move."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from core.db.session import WorkSession
from core.errors import Objection


@dataclass(frozen=True)
class GridChangeView:
    """A change of the grids that is written and not yet committed: every read shows the city after it.

    :param kind: ``plan``, ``load`` or ``repair``.
    :param born: ids of grids that begin with it.
    :param renewed: ids of grids that go on otherwise than by vertices in mid-edge.
    :param retired: ids of grids that end with it.
    :param heirs: id of each retired grid → ids of those that have a part of its area now: of its level, or the
        leaves where none of its level has.
    """

    id: UUID
    version: int
    kind: str
    reason: str
    born: tuple[int, ...]
    renewed: tuple[int, ...]
    retired: tuple[int, ...]
    heirs: Mapping[int, tuple[int, ...]]


@dataclass(frozen=True)
class Voice:
    """Somebody with a say.

    :param check: gives reasons against a change; rows with a place have their new grids already.
    :param carry: does its part in the change's transaction; what it raises undoes the whole change.
    """

    check: Callable[[WorkSession, GridChangeView], Sequence[Objection]]
    carry: Callable[[WorkSession, GridChangeView], None]


_voices: dict[str, Voice] = {}


def register(name: str, voice: Voice) -> None:
    """Let somebody have a say; the same name again takes the former one's place."""
    _voices[name] = voice


def forget(name: str) -> None:
    """Let a voice be heard no more."""
    _voices.pop(name, None)


def objections(session: WorkSession, change: GridChangeView) -> tuple[Objection, ...]:
    """What all have against a change."""
    return tuple(objection for _name, voice in sorted(_voices.items()) for objection in voice.check(session, change))


def carry(session: WorkSession, change: GridChangeView) -> None:
    """Let all do their part.

    :raises Refused: where one cannot; nothing of the change may stay.
    """
    for _name, voice in sorted(_voices.items()):
        voice.carry(session, change)
