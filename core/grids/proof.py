"""The proof of the coverage as it stands: every set of siblings against its parent, from the shapes, by exact sort."""

from __future__ import annotations

import json
import time
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID

import numpy as np
from sqlalchemy import text

from core import clock
from core.access.policy import EVERYWHERE, require
from core.db.session import WorkSession
from core.grids.asof import AsOf, holds, moment_meant
from core.grids.findings import Finding, findings_of
from core.grids.queries import known_grid
from core.grids.reading import NO_PARENT, Shapes, coverage_version, load_shapes
from core.text import storable
from gis.chain import fingerprints
from gis.coverage import prove
from gis.defects import defects
from gis.families import FamilyProof, prove_families
from gis.lattice import Integers

GAPS = frozenset({"gap", "missing"})


@dataclass(frozen=True)
class CheckedCoverage:
    """What the proof found.

    :param unmatched: edges that neither cancel nor belong to the parent, over all sets of siblings.
    :param version: the coverage version it speaks of; ``None`` for a part, or a past moment.
    :param stale: shapes whose stored fingerprint is not that of their edges.
    """

    root: str | None
    as_of: str
    levels: Mapping[str, int]
    leaves: int
    edges: int
    unmatched: int
    invalid: int
    stale: int
    area_m2: float
    findings: tuple[Finding, ...]
    exact: bool
    seconds: float
    version: int | None = None

    def as_json(self) -> dict[str, Any]:
        """The answer of ``wangge grid check --json``."""
        kinds = [finding.kind for finding in self.findings]
        return {
            "root": self.root,
            "as_of": self.as_of,
            "levels": dict(self.levels),
            "leaves": self.leaves,
            "edges": self.edges,
            "unmatched": self.unmatched,
            "invalid": self.invalid,
            "gaps": sum(kind in GAPS for kind in kinds),
            "overlaps": kinds.count("overlap"),
            "stale_fingerprints": self.stale,
            "area_m2": round(self.area_m2, 3),
            "method": "sorted edges",
            "defects": [finding.as_json() for finding in self.findings],
            "exact": self.exact,
            "seconds": round(self.seconds, 3),
        }


def check_coverage(session: WorkSession, code: str | None = None, as_of: AsOf = None) -> CheckedCoverage:
    """Prove the coverage, or the part below ``code``, now or as of a past moment; writes nothing."""
    require(session.actor, "grid.see")
    started = time.monotonic()
    version = coverage_version(session)
    at = moment_meant(session, as_of)
    where, values = "true", {}
    if code is not None:
        known_grid(session, code, as_of)
        where = f"s.path <@ (select q.path from core.grid_state q where q.code = :code and {holds('q', at)})"
        values = {"code": storable(code)}
    shapes = load_shapes(session, where, values, at)
    result = _check(shapes, code, (at or clock.now()).isoformat(), started)
    return replace(result, version=version) if code is None and as_of is None else result


def _check(shapes: Shapes, code: str | None, as_of: str, started: float) -> CheckedCoverage:
    place = {int(grid_id): position for position, grid_id in enumerate(shapes.grid_ids)}
    above = np.array([place.get(parent, NO_PARENT) for parent in shapes.parent_ids.tolist()], np.int64)
    proof = prove_families(shapes.polygons, above)
    stale = int((fingerprints(shapes.polygons) != shapes.fingerprints).sum()) if len(shapes) else 0
    tops = np.flatnonzero(above == NO_PARENT).tolist()
    return CheckedCoverage(
        root=code or (shapes.codes[tops[0]] if tops else None),
        as_of=as_of,
        levels=Counter(shapes.levels),
        leaves=len(shapes) - len(np.unique(above[above >= 0])),
        edges=proof.edges,
        unmatched=int(proof.unmatched.sum()),
        invalid=int((~proof.valid).sum()),
        stale=stale,
        area_m2=float(np.sum(shapes.areas[tops])) if tops else 0.0,
        findings=tuple(_findings(shapes, above, proof)),
        exact=not proof.unmatched.any() and bool(proof.valid.all()) and stale == 0 and len(tops) <= 1,
        seconds=time.monotonic() - started,
    )


def _findings(shapes: Shapes, above: Integers, proof: FamilyProof) -> list[Finding]:
    """What is wrong, one set of siblings after another, those alone that are not exact."""
    wrong = set(np.flatnonzero(proof.unmatched).tolist()) | set(above[~proof.valid].tolist())
    found: list[Finding] = []
    for parent in sorted(wrong - {NO_PARENT}):
        members = np.flatnonzero(above == parent)
        codes = [shapes.codes[member] for member in members]
        found += findings_of(defects(shapes.polygons[members], shapes.polygons[parent]), codes)
    return found


def prove_change(session: WorkSession, change_id: UUID) -> bool:
    """Whether every set of siblings that a change touched tiles its parent now; costs what the change touched."""
    touched = session.scalars(
        text(
            "select distinct parent_id from core.grid_state"
            " where parent_id is not null and (change_id = :change or closed_by = :change)"
        ),
        {"change": change_id},
    ).all()
    shapes = load_shapes(session, "(s.grid_id = any(:ids) or s.parent_id = any(:ids))", {"ids": list(touched)})
    for parent in np.flatnonzero(np.isin(shapes.grid_ids, touched)):
        children = shapes.polygons[shapes.parent_ids == shapes.grid_ids[parent]]
        if len(children) and not prove(children, shapes.polygons[parent]).exact:
            return False
    return True


def keep_verdict(session: WorkSession, result: CheckedCoverage) -> None:
    """Keep the verdict on the whole coverage beside the version it was found on, for the foot of the map."""
    require(session.actor, "grid.import", EVERYWHERE)
    if result.version is None:
        return
    facts = {"exact": result.exact, "leaves": result.leaves, "at": result.as_of, "seconds": round(result.seconds, 3)}
    session.execute(
        text("select core.keep_proof(:version, cast(:proof as jsonb))"),
        {"proof": json.dumps(facts), "version": result.version},
    )
