"""What carrying operations out tells: which do not fit, and what a layer needed to tile."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from core.errors import Refused
from core.grids.plans.operating import Operation
from core.text import Text


@dataclass(frozen=True)
class Misfit:
    """An operation that cannot be carried out.

    :param number: its position, from 1.
    """

    number: int
    operation: Operation
    refusal: Refused


@dataclass(frozen=True)
class LeftOut:
    """An operation that fell out of a plan when it was drawn anew.

    :param operation: in JSON, as it was drawn.
    :param names: of the grids that it names, by code, as they were called then.
    """

    operation: Mapping[str, Any]
    reason: Text
    names: Mapping[str, str]

    @classmethod
    def of(cls, misfit: Misfit, names: Mapping[str, str]) -> LeftOut:
        """What is kept of an operation that does not fit."""
        return cls(misfit.operation.as_json(), misfit.refusal.text, names)

    def to_json(self) -> dict[str, Any]:
        """To be kept with the plan."""
        return {"operation": dict(self.operation), "reason": self.reason.to_json(), "names": dict(self.names)}

    @classmethod
    def from_json(cls, value: Mapping[str, Any]) -> LeftOut:
        """What ``to_json`` gave."""
        return cls(value["operation"], Text.from_json(value["reason"]), value["names"])


@dataclass(frozen=True)
class Mended:
    """What the mending of a layer did to the outline of one grid."""

    code: str
    name: str
    gained_m2: float
    lost_m2: float
