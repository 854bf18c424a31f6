"""What carrying operations out tells: which do not fit, and what a layer needed to tile."""

from __future__ import annotations

from dataclasses import dataclass

from core.errors import Refused
from core.grids.plans.operations import Operation


@dataclass(frozen=True)
class Misfit:
    """An operation that cannot be carried out.

    :param number: its position, from 1.
    """

    number: int
    operation: Operation
    refusal: Refused


@dataclass(frozen=True)
class Mended:
    """What the mending of a layer did to the outline of one grid."""

    code: str
    name: str
    gained_m2: float
    lost_m2: float
