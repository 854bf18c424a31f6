"""Polygons drawn elsewhere made to tile a grid exactly: slivers are mended and told, anything wider is refused."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.errors import Objection
from core.gistext import KINDS, counted
from core.grids.called import called
from core.grids.findings import Finding, findings_of
from core.grids.plans.results import Mended
from core.grids.plans.unfit import Unfit
from core.grids.plans.working import Node
from core.text import Text
from core.text import noop as _
from gis.clean import fit
from gis.coverage import prove
from gis.defects import defects
from gis.fits import shares
from gis.lattice import Geometries, to_degrees
from gis.noding import Insertions, insertions

TOLERANCE_M = 0.1
"""Width up to which a gap or an overlap comes of snapping and rounding, not of a decision."""
HALF = 0.5
MOST_TOLD = 20
HARMLESS = frozenset({"unnoded", "tiny_part"})


@dataclass(frozen=True)
class Fitted:
    """Outlines that tile.

    :param polygons: lattice polygons, object[n].
    :param inserted: vertices that the outline of the whole got in mid-edge.
    """

    polygons: Geometries
    inserted: Insertions = field(default_factory=dict)
    mended: tuple[Mended, ...] = ()


def fitted(polygons: Geometries, grids: Sequence[Node], same: NDArray[np.bool_], parent: Node) -> Fitted:
    """Make lattice polygons tile a grid, where they miss it by slivers alone.

    :param grids: whose the polygons are, for what is told.
    :param same: bool[n], outlines as the city has them: they yield to no other.
    :raises Unfit: where more than slivers is wrong: what, where, how large.
    """
    if prove(polygons, parent.polygon).exact:
        return Fitted(polygons)
    names = [called(grid.code, grid.name) for grid in grids]
    found = [f for f in findings_of(defects(polygons, parent.polygon), names) if _is_wide(f)]
    if found:
        _refuse_foreign(polygons, parent)
        raise _unfit(found, parent)
    order = np.argsort(~same, kind="stable")
    made = fit(polygons[order], parent.polygon, TOLERANCE_M)
    if not made.exact or made.left_out:
        raise Unfit(
            _("The polygons do not tile %(parent)s exactly, and mending did not help: correct the layer"),
            parent=called(parent.code, parent.name),
        )
    result = np.empty(len(polygons), dtype=object)
    result[order] = made.polygons
    mended = tuple(
        Mended(grids[place].code, grids[place].name, float(made.gained_m2[i]), float(made.lost_m2[i]))
        for i, place in enumerate(order.tolist())
        if made.gained_m2[i] > 0 or made.lost_m2[i] > 0
    )
    return Fitted(result, insertions(parent.polygon, made.parent), mended)


def _is_wide(finding: Finding) -> bool:
    """Whether a defect is more than a sliver, or none that has a width."""
    return finding.kind not in HARMLESS and (not finding.width_m or finding.width_m > TOLERANCE_M)


def _refuse_foreign(polygons: Geometries, parent: Node) -> None:
    own, covered = shares(to_degrees(polygons), parent.polygon)
    if max(own, covered) < HALF:
        raise Unfit(
            _(
                "The polygons are not of %(parent)s: only %(share)s %% of their area lies in it. Choose the file or "
                "the grid that is meant, or state the true coordinate system"
            ),
            parent=called(parent.code, parent.name),
            share=round(own * 100, 1),
        )


def _unfit(found: Sequence[Finding], parent: Node) -> Unfit:
    ordered = sorted(found, key=lambda finding: -(finding.area_m2 or 0.0))
    first = ordered[0]
    return Unfit(
        _("The polygons do not tile %(parent)s exactly (%(defects)s). %(first)s. Correct the layer there"),
        place=first.place,
        objections=[Objection(_told(found), code=found.kind, place=found.place) for found in ordered[:MOST_TOLD]],
        parent=called(parent.code, parent.name),
        defects=counted(finding.kind for finding in found),
        first=_told(first),
    )


def _told(finding: Finding) -> Text:
    """One defect: what, whose, how large, where."""
    kind: Any = Text(KINDS[finding.kind])
    facts = {"kind": kind, "codes": ", ".join(finding.codes) or "–"}
    place = finding.place
    if place is None:
        return Text(_("%(kind)s: %(codes)s"), facts)
    facts |= {"lon": f"{place[0]:.7f}", "lat": f"{place[1]:.7f}"}
    if not finding.area_m2:
        facts["detail"] = finding.detail or ""
        return Text(_("%(kind)s at %(lon)s, %(lat)s (%(codes)s): %(detail)s"), facts)
    facts |= {"area": f"{finding.area_m2:,.1f}", "width": f"{finding.width_m or 0:,.2f}"}
    return Text(_("%(kind)s of %(area)s m², %(width)s m wide, at %(lon)s, %(lat)s (%(codes)s)"), facts)
