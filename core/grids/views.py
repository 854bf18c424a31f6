"""What other rooms read of a grid: values, never rows."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Literal, get_args
from uuid import UUID

LEVELS: Final = ("city", "county", "street", "community", "grid", "micro")
"""Levels from the root down; an instance may skip some, never reorder them."""
Level = Literal["city", "county", "street", "community", "grid", "micro"]

PlanState = Literal["draft", "submitted", "returned", "approved", "applied", "withdrawn"]
PLAN_STATES: Final[tuple[PlanState, ...]] = get_args(PlanState)
PlanAct = Literal["draw", "submit", "approve", "return", "apply", "recall", "withdraw", "rebase", "revert"]


@dataclass(frozen=True)
class GridView:
    """One grid as it holds at a moment.

    :param path: ``ltree`` of grid ids from the root, this grid's last.
    :param path_codes: the codes along the path; ``path_names`` the names.
    :param area_m2: geodesic on GRS80.
    :param lon: longitude of the label point in degrees (``lat`` likewise).
    :param version: coverage version this was read at.
    """

    id: int
    state_id: int
    code: str
    name: str
    level: str
    kind: str
    parent_id: int | None
    path: str
    path_codes: tuple[str, ...]
    path_names: tuple[str, ...]
    area_m2: float
    lon: float
    lat: float
    leaf: bool
    valid_from: dt.datetime
    version: int


@dataclass(frozen=True)
class CoverageView:
    """The state of the whole coverage.

    :param extent: west, south, east, north in degrees; ``None`` while the city is empty.
    """

    version: int
    root: GridView | None
    levels: Mapping[str, int]
    leaves: int
    extent: tuple[float, float, float, float] | None
    proof: Mapping[str, object] | None


@dataclass(frozen=True)
class TreeRow:
    """One line of the grid tree.

    :param parent: code of the parent; ``None`` for the root.
    :param leaves: leaves below this grid, itself when it is one.
    """

    id: int
    code: str
    name: str
    level: str
    parent: str | None
    leaves: int
    leaf: bool


@dataclass(frozen=True)
class StateView:
    """One period of a grid's life and the change that began it.

    :param valid_to: ``None`` while it holds.
    :param version: coverage version of the change.
    :param change_kind: what kind of change it was, such as ``load``.
    :param noded: nothing changed but vertices that a neighbour's border put into the outline.
    :param effective_on: the legal date of the change, where one was given.
    :param plan_id: the plan that became the change.
    :param born_below: how many grids began right below it with the change; ``ended_below`` how many ended there.
    """

    state_id: int
    code: str
    name: str
    kind: str
    area_m2: float
    valid_from: dt.datetime
    valid_to: dt.datetime | None
    version: int
    change_id: UUID
    change_kind: str
    reason: str
    actor: str
    actor_name: str
    noded: bool
    effective_on: dt.date | None
    plan_id: UUID | None
    born_below: int
    ended_below: int


@dataclass(frozen=True)
class ChangeView:
    """One change of the coverage.

    :param at: from when it holds.
    :param plan_id: the plan that became it; ``plan`` is the title of that.
    """

    id: UUID
    version: int
    at: dt.datetime
    kind: str
    reason: str
    plan_id: UUID | None
    plan: str | None
