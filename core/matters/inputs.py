"""What each step takes: one small model per step, the same for the API, the pages and the command line."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final, Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator

from core.calendars.limits import parse_limit
from core.errors import Invalid
from core.faults import faults_of
from core.matters.places import Place
from core.text import noop as _

Outcome = Literal["solved", "partly", "unsolved", "explained"]
MOST_OFFICES: Final = 20
STAGES: Final[Any] = Field((), max_length=20, description="Stages of the kind that are done with it, by their names.")
TASK: Final[Any] = Field(None, description="The task that is meant; may be left out where only one can be.")


class StepInput(BaseModel):
    """What every step may bring: a note, and photos that were sent before."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    note: str = Field("", description="The reason, or what is to be said.")
    files: tuple[UUID, ...] = Field((), description="Photos sent before to `/api/v1/files`.")

    def offices(self) -> Mapping[str, str]:
        """Codes of the departments that it names, by JSON pointer."""
        return {}


class NoteInput(StepInput):
    """A note, a photo, or parts of the work that are done."""

    stages: tuple[str, ...] = STAGES


class CloseInput(StepInput):
    """The end of what the grid settled itself."""

    stages: tuple[str, ...] = STAGES


class RelocateInput(StepInput):
    """Another place."""

    place: Place | None = Field(None, description="The new place.")


class WhistleInput(StepInput):
    """Which departments are called to the matter."""

    lead: str = Field(min_length=1, max_length=64, description="Code of the department that leads.")
    assist: tuple[str, ...] = Field((), max_length=MOST_OFFICES, description="Codes of those that assist it.")
    limit: str = Field("", max_length=10, description="What each has for its part once it reported in, as `3wd`.")

    @field_validator("limit")
    @classmethod
    def _is_limit(cls, value: str) -> str:
        return _limit(value)

    def offices(self) -> Mapping[str, str]:
        """Codes of the departments that it names, by JSON pointer."""
        return {"/lead": self.lead} | {f"/assist/{position}": code for position, code in enumerate(self.assist)}


class ClaimInput(StepInput):
    """A department takes up its task."""

    task: UUID | None = TASK


class DeclineInput(StepInput):
    """A department gives its task back: why, and whose it is."""

    task: UUID | None = TASK
    department: str = Field(min_length=1, max_length=64, description="Code of the department whose task it rather is.")

    def offices(self) -> Mapping[str, str]:
        """Codes of the departments that it names, by JSON pointer."""
        return {"/department": self.department}


class AssignInput(StepInput):
    """Another department."""

    task: UUID | None = Field(
        None, description="The task that it takes over; without it, it leads where nobody does, or assists."
    )
    department: str = Field(min_length=1, max_length=64, description="Code of the department.")
    limit: str = Field("", max_length=10, description="What it has for its part once it reported in, as `3wd`.")

    @field_validator("limit")
    @classmethod
    def _is_limit(cls, value: str) -> str:
        return _limit(value)

    def offices(self) -> Mapping[str, str]:
        """Codes of the departments that it names, by JSON pointer."""
        return {"/department": self.department}


class WaiveInput(StepInput):
    """An assisting department that is not needed."""

    task: UUID | None = TASK


class FeedBackInput(StepInput):
    """The result of a task."""

    task: UUID | None = TASK
    stages: tuple[str, ...] = STAGES


class VerifyInput(StepInput):
    """What was found on looking at the result."""

    outcome: Outcome = Field(description="Whether the matter is solved; `explained`: the reporter was told why not.")


def _limit(value: str) -> str:
    if value:
        try:
            parse_limit(value)
        except ValueError:
            raise ValueError(_("A time limit is needed, as 4wh, 3wd or 30nd")) from None
    return value


INPUTS: Final[Mapping[str, type[StepInput]]] = {
    "note": NoteInput,
    "close": CloseInput,
    "relocate": RelocateInput,
    "whistle": WhistleInput,
    "claim": ClaimInput,
    "decline": DeclineInput,
    "assign": AssignInput,
    "waive": WaiveInput,
    "feed_back": FeedBackInput,
    "verify": VerifyInput,
}
"""The inputs of the steps that take more than a note and photos."""


def input_of(step: str) -> type[StepInput]:
    """The model of what a step takes."""
    return INPUTS.get(step, StepInput)


def read_input(step: str, values: Mapping[str, Any]) -> StepInput:
    """What was entered for a step, as its model.

    :raises Invalid: each fault with a pointer.
    """
    try:
        return input_of(step).model_validate(values)
    except ValidationError as error:
        raise Invalid(_("The step has faults"), objections=faults_of(error)) from None
