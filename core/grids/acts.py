"""A change of the grids, decided and about to be written: values, never rows."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Birth:
    """A grid to be born: its parent by code, its lattice polygon."""

    code: str
    name: str
    level: str
    parent: str | None
    polygon: Any
    kind: str = "base"


@dataclass(frozen=True)
class Renewal:
    """A living grid that goes on otherwise; what is unset stays as it was.

    :param polygon: its new outline, a lattice polygon.
    :param noded: its outline only got vertices in mid-edge, because a neighbour's border meets it there.
    :param parent: code of the grid under which it goes.
    """

    grid_id: int
    polygon: Any = None
    noded: bool = False
    code: str | None = None
    name: str | None = None
    kind: str | None = None
    parent: str | None = None


@dataclass(frozen=True)
class Act:
    """A change of the grids, decided and about to be written.

    :param kind: ``plan``, ``load`` or ``repair``.
    :param base_version: coverage version the decision was made on.
    :param operations: what was asked for, for the record.
    :param births: parents before children.
    :param closures: ids of grids that are retired.
    :param asked_again: ids of grids whose rows are asked for anew, though they themselves stay as they are.
    :param valid_from: the moment from which it holds; unset: now.
    :param effective_on: the legal date, for the record.
    """

    kind: str
    base_version: int
    operations: tuple[Mapping[str, Any], ...]
    reason: str = ""
    births: tuple[Birth, ...] = ()
    renewals: tuple[Renewal, ...] = ()
    closures: tuple[int, ...] = ()
    asked_again: tuple[int, ...] = ()
    valid_from: dt.datetime | None = None
    effective_on: dt.date | None = None
