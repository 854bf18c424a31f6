"""A boundary layer becomes grids: decided without writing, then applied in one transaction.

``read`` opens a foreign file in a process of its own, ``prepare`` decides, ``apply`` writes. A ``Prepared`` that is
refused carries the reason and the defects; ``apply`` refuses it.
"""

from __future__ import annotations

from pathlib import Path
from typing import Final

from core.access.policy import EVERYWHERE, require
from core.audit.recorder import record
from core.db.session import WorkSession
from core.errors import Refused
from core.grids.acts import Act
from core.grids.imports.deciding import decide
from core.grids.imports.draft import ImportOptions, Prepared
from core.grids.imports.options import ReadOptions
from core.grids.imports.rows import Refusal
from core.grids.imports.turns import memory_for_reader, turn_to_read
from core.grids.models import GridChange
from core.grids.queries import grid_by_code
from core.grids.reading import coverage_version
from core.grids.repairs.decided import recorded
from core.grids.writing import apply_change
from core.settings import get_settings
from gis.formats import Layer
from gis.sandbox import read_layer_in_subprocess

WAIT_SECONDS: Final = 5


def read(path: Path, options: ReadOptions, *, within_s: int | None = None) -> Layer:
    """The layer of a foreign file, parsed in a limited process, one file after another.

    :param within_s: a limit shorter than that of the settings, and somebody waits: not for others as well.
    :raises FormatError: where it is none, with what to do.
    :raises Refused: when another file is being read and somebody waits.
    """
    settings = get_settings()
    with turn_to_read(settings, None if within_s is None else WAIT_SECONDS):
        return read_layer_in_subprocess(
            path,
            options.layer,
            options.encoding,
            memory_mb=memory_for_reader(settings),
            seconds=min(within_s or settings.import_seconds, settings.import_seconds),
        )


def prepare(session: WorkSession, layer: Layer, options: ImportOptions) -> Prepared:
    """Decide what the layer would become; writes nothing."""
    require(session.actor, "grid.import", _where(session, options))
    version = coverage_version(session)
    try:
        return decide(session, layer, options, version)
    except Refusal as refusal:
        return Prepared(
            options,
            version,
            refused=True,
            reason=refusal.text,
            remedies=refusal.remedies,
            rows=len(layer.geometries),
            suggested=refusal.suggested,
        )


def apply(session: WorkSession, prepared: Prepared) -> GridChange:
    """Write what was prepared.

    :raises Refused: when it was refused.
    :raises Conflict: when the tree changed since.
    """
    require(session.actor, "grid.import", _where(session, prepared.options))
    if prepared.refused:
        assert prepared.reason is not None
        raise Refused(prepared.reason.message, **prepared.reason.params)
    change = apply_change(session, _act(prepared))
    after = {**change.counts, "version": change.version}
    record(session, "grid.import", "core.grid_change", str(change.id), after=after)
    return change


def _act(prepared: Prepared) -> Act:
    options = prepared.options
    operation = {"op": "load", **options.as_json(), "method": prepared.method, "rows": prepared.rows}
    if prepared.decided is not None:
        told = prepared.decided
        operation["defects"] = recorded(told.defects, told.chosen, prepared.names)
    return Act(
        "load",
        prepared.base_version,
        (operation,),
        reason=options.reason,
        births=prepared.births,
        renewals=prepared.renewals,
        valid_from=options.valid_from,
        effective_on=options.effective_on,
    )


def _where(session: WorkSession, options: ImportOptions) -> str:
    """Path of the grid below which the layer goes; a root needs the right everywhere."""
    parent = grid_by_code(session, options.parent) if options.parent else None
    return EVERYWHERE if parent is None else parent.path
