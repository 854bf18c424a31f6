"""A damaged coverage is made exact: decisions carried out as one recorded change, proven, or nothing at all."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final
from uuid import UUID

import numpy as np

from core.access.policy import require
from core.audit.recorder import record
from core.db.session import WorkSession
from core.errors import Conflict, Invalid, Objection, Refused
from core.gistext import explain, explained
from core.grids.acts import Act, Renewal
from core.grids.models import GridChange
from core.grids.proof import check_coverage, prove_change
from core.grids.repairs.choosing import owners_of
from core.grids.repairs.decided import record_of, ways_taken
from core.grids.repairs.diagnosing import Diagnosis, diagnose, outlines_above
from core.grids.writing import apply_change, trial
from core.text import Text, is_blank
from core.text import noop as _
from gis.chain import fingerprints
from gis.errors import GisError
from gis.measure import area_m2
from gis.noding import is_noded
from gis.repair import settle

KIND: Final = "repair"
OTHERS: Final = _("The defects are no longer those of that list: the grids changed meanwhile. List them again")
UNPROVEN: Final = _("After these decisions the coverage would still not be exact; nothing was written")


@dataclass(frozen=True)
class Repair:
    """What was decided.

    :param choices: by number of a defect, as ``choosing.owners_of`` takes them; ``rest`` for all others.
    :param token: of the list in which the numbers stand; needed where there are any.
    """

    choices: Mapping[int, str] = field(default_factory=dict)
    rest: str | None = None
    token: str | None = None
    under: str | None = None
    reason: str = ""


@dataclass(frozen=True)
class Regained:
    """One grid before and after; ``noded``: it only got vertices."""

    code: str
    name: str
    before_m2: float
    after_m2: float
    noded: bool

    def as_json(self) -> dict[str, Any]:
        """As printed and recorded."""
        values = {"code": self.code, "name": self.name, "noded": self.noded}
        return {**values, "before_m2": round(self.before_m2, 3), "after_m2": round(self.after_m2, 3)}


@dataclass(frozen=True)
class Repaired:
    """What a repair did, or would do.

    :param change: id of the recorded change; ``None`` where it was only tried.
    """

    change: UUID | None
    version: int
    defects: int
    grids: tuple[Regained, ...]
    rehomed: Mapping[str, int]
    exact: bool
    objections: tuple[Objection, ...] = ()


def list_defects(session: WorkSession, under: str | None = None) -> Diagnosis:
    """The defects of the coverage, or of what lies below ``under``, with what may be done; writes nothing.

    :raises Refused: where there is more, or worse, than can be decided on.
    """
    require(session.actor, "grid.repair")
    with explained():
        return diagnose(session, under)


def try_repair(session: WorkSession, command: Repair) -> Repaired:
    """What a repair would do: carried out in a savepoint, looked at, and taken back.

    :raises Conflict: where the defects are not those of the list any more.
    :raises Invalid: where a choice does not fit; Refused where the result would not be exact.
    """
    require(session.actor, "grid.repair")
    found = _listed(session, command)
    act, grids = _decide(found, command)
    with trial(session, act) as (change, objections):
        exact = _is_exact(session, change, command.under)
        return Repaired(
            None, change.version, len(found.defects), grids, change.counts["rehomed"], exact, tuple(objections)
        )  # fmt: skip


def repair(session: WorkSession, command: Repair) -> Repaired:
    """Carry decisions out in this transaction, as one recorded change.

    :raises Conflict, Invalid, Refused: as `try_repair`; also Refused where somebody with a say objects.
    """
    require(session.actor, "grid.repair")
    if is_blank(command.reason):
        raise Invalid(
            _("A repair needs a reason"),
            objections=(Objection(Text(_("A repair needs a reason")), pointer="/reason", code="required"),),
        )
    found = _listed(session, command)
    act, grids = _decide(found, command)
    change = apply_change(session, act)
    if not _is_exact(session, change, command.under):
        raise Refused(UNPROVEN)
    after = {**change.counts, "version": change.version, "defects": len(found.defects)}
    record(session, "grid.repair", "core.grid_change", str(change.id), after=after)
    return Repaired(change.id, change.version, len(found.defects), grids, change.counts["rehomed"], True)


def _listed(session: WorkSession, command: Repair) -> Diagnosis:
    """The defects as they are now, which must be those that were decided on."""
    found = list_defects(session, command.under)
    if command.choices and command.token is None:
        raise Invalid(_("Numbers belong to a list: say which list they were read from"))
    if command.token is not None and command.token != found.token:
        theirs = {"list": found.token, "version": found.standing.version, "defects": len(found.defects)}
        raise Conflict(OTHERS, theirs=theirs, mine={"list": command.token})
    if not found.defects:
        raise Refused(_("There is nothing to repair: the coverage is exact"))
    return found


def _decide(found: Diagnosis, command: Repair) -> tuple[Act, tuple[Regained, ...]]:
    """The change that the decisions come to, and what becomes of each grid."""
    stands = found.standing
    owners = owners_of(found.surveyed, stands.codes, found.defects, found.first, command.choices, command.rest)
    try:
        made = settle(found.surveyed, owners)
        outlines = outlines_above(stands, made.polygons)
    except GisError as error:
        raise _refusal(error, stands.codes) from error
    for leaf, position in enumerate(stands.leaves.tolist()):
        outlines[position] = made.polygons[leaf]
    outlines[stands.top] = made.outline
    positions = sorted(outlines)
    before, after = stands.shapes.polygons[positions], np.array([outlines[p] for p in positions], dtype=object)
    differ = (fingerprints(before) != fingerprints(after)) | stands.stale[positions]
    differ |= np.isin(positions, [stands.leaves[i] for bad in found.surveyed.broken for i in bad.members])
    changed = np.flatnonzero(differ).tolist()
    if command.under is not None and stands.top in {positions[i] for i in changed}:
        raise Refused(
            _("The outline of %(code)s itself would change: repair the whole, or one level higher"), code=command.under
        )
    renewals, grids = [], []
    for i in changed:
        position = positions[i]
        noded = not stands.stale[position] and is_noded(before[i], after[i])
        renewals.append(Renewal(int(stands.shapes.grid_ids[position]), after[i], noded=noded))
        code = stands.shapes.codes[position]
        areas = area_m2([before[i], after[i]]).tolist()
        grids.append(Regained(code, found.names.get(code, ""), areas[0], areas[1], noded))
    act = Act(
        KIND, stands.version, (_operation(found, owners, command, grids),), command.reason.strip(),
        renewals=tuple(renewals), asked_again=_asked(found),
    )  # fmt: skip
    return act, tuple(grids)


def _asked(found: Diagnosis) -> tuple[int, ...]:
    """Grids of which a row may lie in a piece: those concerned, and those to which such rows belong."""
    stands = found.standing
    named = {leaf for piece in found.surveyed.pieces for leaf in (*piece.members, *(who for who, _m in piece.takers))}
    own = {int(stands.shapes.grid_ids[stands.leaves[leaf]]) for leaf in named}
    parents = set(stands.shapes.grid_ids.tolist()) - set(stands.shapes.grid_ids[stands.leaves].tolist())
    return tuple(sorted((own | set(found.visitors)) - parents))


def _operation(found: Diagnosis, owners: list[int], command: Repair, grids: list[Regained]) -> dict[str, Any]:
    """What the change records: each defect with what was decided and what it did, and the areas of the grids."""
    stands = found.standing
    taken = ways_taken(found.defects, found.surveyed, owners, stands.codes, stands.shapes.codes[stands.top])
    return {
        "op": KIND, "under": command.under, "list": found.token,
        "defects": record_of(found.defects, taken, found.names),
        "grids": [grid.as_json() for grid in grids],
    }  # fmt: skip


def _is_exact(session: WorkSession, change: GridChange, under: str | None) -> bool:
    return prove_change(session, change.id) and check_coverage(session, under).exact


def _refusal(error: GisError, codes: list[str]) -> Refused:
    if error.code == "nothing_left":
        code = codes[int(str(error.params["index"]))]
        return Refused(_("Nothing would be left of grid %(code)s: give it a piece, or merge it by a plan"), code=code)
    text = explain(error)
    return Refused(text.message, **text.params)
