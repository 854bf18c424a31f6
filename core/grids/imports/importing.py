"""A boundary layer becomes grids: decided without writing, then applied in one transaction.

``prepare`` decides, ``apply`` writes. A ``Prepared`` that is refused carries the reason and the defects; ``apply``
refuses it.
"""

from __future__ import annotations

from core.access.policy import EVERYWHERE, require
from core.audit.recorder import record
from core.db.session import WorkSession
from core.errors import Refused
from core.grids.acts import Act
from core.grids.imports.deciding import decide
from core.grids.imports.draft import ImportOptions, Prepared
from core.grids.models import GridChange
from core.grids.queries import grid_by_code
from core.grids.reading import coverage_version
from core.grids.repairs.decided import record_of
from core.grids.writing import apply_change
from core.intake.refusals import Refusal
from gis.formats import Layer


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
        operation["defects"] = record_of(told.defects, told.chosen, prepared.names)
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
