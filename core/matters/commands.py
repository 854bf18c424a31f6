"""What can be asked of the matters' room, as values, and what it answers."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from core.matters.inputs import StepInput
from core.matters.places import Place


@dataclass(frozen=True)
class ReportMatter:
    """A report. ``id`` is made by the client and is its idempotency key."""

    id: UUID
    kind: str
    title: str
    text: str = ""
    place: Place | None = None
    happened_at: dt.datetime | None = None
    form: Mapping[str, Any] = field(default_factory=dict)
    files: tuple[UUID, ...] = ()
    device_at: dt.datetime | None = None
    source: str = "api"


@dataclass(frozen=True)
class TakeStep:
    """One step on a matter.

    :param version: the version the actor saw; ``None`` only where nothing is changed (a note).
    :param given: what the step takes, as ``inputs.input_of(step)`` has it.
    :param id: idempotency key of the step, made by the client.
    """

    matter_id: UUID
    step: str
    version: int | None = None
    given: StepInput = field(default_factory=StepInput)
    device_at: dt.datetime | None = None
    id: UUID | None = None


@dataclass(frozen=True)
class Answered:
    """The answer of a report; ``again`` when the same report had been answered before."""

    body: Mapping[str, Any]
    again: bool
