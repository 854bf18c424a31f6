"""A boundary layer becomes grids: decided without writing, then applied in one transaction.

``read`` opens a foreign file in a process of its own, ``prepare`` decides, ``apply`` writes. A ``Prepared`` that is
refused carries the reason and the defects; ``apply`` refuses it.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from core.access.policy import require
from core.db.session import WorkSession
from core.grids.draft import Birth, Finding, ImportOptions, Prepared, Renewal
from core.grids.models import GridChange

if TYPE_CHECKING:
    from gis.formats import Layer

__all__ = ["Birth", "Finding", "ImportOptions", "Prepared", "Renewal", "apply", "prepare", "read"]


def read(path: Path, options: ImportOptions) -> Layer:
    """The layer of a foreign file; ``Invalid`` where it is none, with what to do."""
    raise NotImplementedError


def prepare(session: WorkSession, layer: Layer, options: ImportOptions) -> Prepared:
    """Decide what the layer would become; writes nothing."""
    require(session.actor, "grid.import")
    raise NotImplementedError


def apply(session: WorkSession, prepared: Prepared) -> GridChange:
    """Write what was prepared; ``Refused`` when it was refused, ``Conflict`` when the tree changed since."""
    require(session.actor, "grid.import")
    raise NotImplementedError
