"""What may be done about each defect, with its effect, and which of it is proposed."""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, Literal

import shapely

from core.gistext import phrase
from core.grids.findings import Finding, Translate
from gis.defects import Defect
from gis.pieces import NOBODY, Piece, Survey
from gis.repair import effects

GIVE: Final = "give:"
ALONE: Final = "only:"
LEAVE: Final = "leave"
DROP: Final = "drop"
MEND: Final = "mend"
PROPOSED: Final[Literal["proposed"]] = "proposed"
LONGEST: Final[Literal["longest"]] = "longest"
ONLY: Final = {"invalid": MEND, "empty": MEND, "unnoded": "vertices", "stale": "record", "outline": "follow"}
"""Defects of which there is one way out, which a repair always takes."""
MOST_SHOWN: Final = 5
"""Grids that are proposed for one piece; any other that touches it may be named."""


@dataclass(frozen=True)
class Effect:
    """What a proposal does to the area of a grid; negative: it loses."""

    code: str
    m2: float


@dataclass(frozen=True)
class Proposal:
    """One way to mend a defect.

    :param choice: ``give:CODE``, ``only:CODE`` (to that one, and others are left out that have nothing else),
        ``leave`` (to nobody), or the only way: mend, vertices, record, follow, ``drop`` (a row without a shape).
    :param border_m: metres of border that the piece has in common with the grid.
    :param left_out: codes of those that are left out, where they get nothing elsewhere.
    """

    choice: str
    effects: tuple[Effect, ...] = ()
    border_m: float = 0.0
    left_out: tuple[str, ...] = ()

    def as_json(self) -> dict[str, Any]:
        """As printed and recorded."""
        told = [{"code": each.code, "m2": round(each.m2, 3)} for each in self.effects]
        border = round(self.border_m, 2)
        return {"choice": self.choice, "effects": told, "border_m": border, "left_out": list(self.left_out)}


@dataclass(frozen=True)
class RepairDefect:
    """One defect with what may be done about it, the proposed way first.

    :param piece: its position among the pieces of the survey; ``None`` where there is only one way out.
    :param rows: table → rows that lie in it.
    :param longest: what ``longest`` comes to.
    """

    number: int
    finding: Finding
    proposals: tuple[Proposal, ...]
    piece: int | None = None
    rows: Mapping[str, int] = field(default_factory=dict)
    longest: str | None = None

    def as_json(self, translate: Translate = str) -> dict[str, Any]:
        """As printed; the geometry stays out."""
        return {
            "number": self.number,
            **self.finding.as_json(translate),
            "rows": dict(self.rows),
            "longest": self.longest,
            "proposals": [proposal.as_json() for proposal in self.proposals],
        }


def ways(
    surveyed: Survey, codes: Sequence[str], outline: str, first: Sequence[int], spare: Collection[int] = ()
) -> list[RepairDefect]:
    """The defects of a survey, the largest first, each with its proposals.

    :param codes: of the polygons; ``outline`` is the code of the grid that they tile.
    :param first: of each piece whom it is proposed to give to.
    :param spare: polygons that may be left out, as they cover nothing alone.
    """
    order = sorted(range(len(surveyed.pieces)), key=lambda n: _order(surveyed.pieces[n]))
    found = []
    for number, n in enumerate(order, 1):
        piece = surveyed.pieces[n]
        proposals = _proposals(piece, codes, outline, first[n], spare)
        most = first[n] if set(piece.members) & set(spare) else longest(piece)
        most_way = way_of(piece, most, codes, outline, spare).choice
        found.append(RepairDefect(number, _finding(piece, codes), proposals, n, longest=most_way))
    for number, defect in enumerate((*surveyed.broken, *surveyed.loose), len(found) + 1):
        finding = _single(defect, codes, outline)
        dropped = defect.kind == "empty" and set(defect.members) <= set(spare)
        found.append(RepairDefect(number, finding, (Proposal(DROP),)) if dropped else only(finding, number))
    return found


def only(finding: Finding, number: int, own: tuple[Effect, ...] = ()) -> RepairDefect:
    """A defect with one way out."""
    return RepairDefect(number, finding, (Proposal(ONLY[finding.kind], own),))


def token(defects: Sequence[RepairDefect]) -> str:
    """Eight letters that change when a defect comes, goes, or looks otherwise."""
    digest = hashlib.blake2b(digest_size=4)
    for each in defects:
        facts = (each.number, each.finding.kind, each.finding.codes, each.finding.lon, each.finding.lat)
        digest.update(repr((*facts, [proposal.choice for proposal in each.proposals])).encode())
        if each.finding.geometry is not None:
            digest.update(shapely.to_wkb(shapely.normalize(each.finding.geometry)))
    return digest.hexdigest()


def longest(piece: Piece) -> int:
    """The polygon with the longest common border; nobody for what lies outside."""
    return piece.takers[0][0] if piece.is_inside and piece.takers else NOBODY


def _order(piece: Piece) -> tuple[float, float, float]:
    return -piece.area_m2, piece.lon, piece.lat


def _finding(piece: Piece, codes: Sequence[str]) -> Finding:
    among = piece.members or tuple(who for who, metres in piece.takers if metres > 0)
    detail = phrase(piece.detail) if piece.detail else None
    return Finding(
        piece.kind,
        tuple(codes[i] for i in among),
        piece.area_m2,
        piece.width_m,
        piece.lon,
        piece.lat,
        piece.geometry,
        detail,
    )


def _proposals(
    piece: Piece, codes: Sequence[str], outline: str, first: int, spare: Collection[int]
) -> tuple[Proposal, ...]:
    touching = [who for who, _metres in piece.takers if who != first]
    rest = touching[: MOST_SHOWN - 1] + [NOBODY] * piece.may_leave
    return tuple(way_of(piece, who, codes, outline, spare) for who in dict.fromkeys([first, *rest]))


def way_of(piece: Piece, owner: int, codes: Sequence[str], outline: str, spare: Collection[int] = ()) -> Proposal:
    """What it means to give a piece to an owner.

    :param spare: polygons that are left out without their share of the piece.
    """
    found = effects(piece, owner).items()
    told = tuple(Effect(outline if who == NOBODY else codes[who], m2) for who, m2 in found)
    out = tuple(codes[member] for member in piece.members if member in spare and member != owner)
    word = LEAVE if owner == NOBODY else f"{ALONE if out else GIVE}{codes[owner]}"
    return Proposal(word, told, dict(piece.takers).get(owner, 0.0), out)


def _single(defect: Defect, codes: Sequence[str], outline: str) -> Finding:
    members = tuple(codes[i] for i in defect.members) or (outline,)
    return Finding(defect.kind, members, lon=defect.lon, lat=defect.lat, detail=phrase(defect.detail))
