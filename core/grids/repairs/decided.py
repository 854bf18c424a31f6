"""The defects of a layer with what was decided of each."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from core.grids.findings import Translate
from core.grids.repairs.proposals import DROP, MEND, Proposal, RepairDefect, way_of
from core.text import Text
from gis.pieces import Survey


@dataclass(frozen=True)
class Decided:
    """The defects of a layer, and what was decided of each.

    :param token: of the list; numbers of defects belong to it.
    :param chosen: by defect the way taken; the proposed one where no choice was made.
    :param fault: why the decisions cannot be carried out.
    """

    defects: tuple[RepairDefect, ...]
    token: str
    chosen: tuple[Proposal, ...]
    fault: Text | None = None

    def as_json(self, names: Mapping[str, str], translate: Translate = str) -> dict[str, Any]:
        """The list with the choices."""
        rows = []
        for each, chosen in zip(self.defects, self.chosen, strict=True):
            called = [names.get(code, "") for code in each.finding.codes]
            rows.append({**each.as_json(translate), "names": called, "choice": chosen.choice})
        return {"list": self.token, "defects": rows, "names": dict(names)}


def ways_taken(
    defects: Sequence[RepairDefect],
    surveyed: Survey,
    owners: Sequence[int],
    codes: Sequence[str],
    outline: str,
    gone: Collection[int] = (),
) -> tuple[Proposal, ...]:
    """The way that was taken out of each defect, with its effect on areas.

    :param owners: of each piece of ``surveyed``; ``codes`` and ``outline`` name the polygons and what they tile.
    :param gone: polygons that are left out.
    """
    bare = frozenset(codes[i] for i in gone)
    return tuple(
        _only_way(each, bare)
        if each.piece is None
        else way_of(surveyed.pieces[each.piece], owners[each.piece], codes, outline, gone)
        for each in defects
    )


def _only_way(each: RepairDefect, bare: frozenset[str]) -> Proposal:
    """The way there is; a row without a shape that was given a piece has one now."""
    way = each.proposals[0]
    return Proposal(MEND) if way.choice == DROP and not bare.issuperset(each.finding.codes) else way


def record_of(
    defects: Sequence[RepairDefect], taken: Sequence[Proposal], names: Mapping[str, str]
) -> list[dict[str, Any]]:
    """Each defect with the way that was taken, as the record of a change has it, be it a repair or an import."""
    return [
        {
            "number": each.number,
            **each.finding.as_json(),
            "names": [names.get(code, "") for code in each.finding.codes],
            **way.as_json(),
        }
        for each, way in zip(defects, taken, strict=True)
    ]
