"""Decisions on defects: read, checked against what may be done, and filled up."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

from core.errors import Invalid, Objection
from core.grids.repairs.proposals import ALONE, GIVE, LEAVE, LONGEST, PROPOSED, RepairDefect
from core.text import Text
from core.text import noop as _
from gis.pieces import NOBODY, Survey

MOST_NAMED: Final = 10


def owners_of(
    surveyed: Survey,
    codes: Sequence[str],
    defects: Sequence[RepairDefect],
    first: Sequence[int],
    choices: Mapping[int, str],
    rest: str | None,
) -> list[int]:
    """The owner of each piece.

    :param codes: of the polygons; ``first`` is the proposed owner of each piece.
    :param choices: by number of a defect ``give:CODE``, ``only:CODE``, ``leave``, ``longest`` or ``proposed``.
    :param rest: ``longest`` or ``proposed`` for all others; unset: every piece needs a choice.
    :raises Invalid: for a number, a word or a grid that does not fit, and for defects without a choice.
    """
    by_number = {each.number: each for each in defects}
    place = {code: position for position, code in enumerate(codes)}
    faults = [_unknown(number, len(defects)) for number in choices if number not in by_number]
    owners = list(first)
    open_ones: list[int] = []
    for each in defects:
        choice = choices.get(each.number, rest)
        if each.piece is None:
            if choice not in (None, rest, each.proposals[0].choice):
                faults.append(_unfit(each, str(choice)))
        elif choice is None:
            open_ones.append(each.number)
        else:
            owner = _owner(surveyed, each, choice, first[each.piece], place)
            if owner is None:
                faults.append(_unfit(each, choice))
            else:
                owners[each.piece] = owner
    if faults:
        raise Invalid(_("A choice does not fit"), objections=faults)
    if open_ones:
        shown = ", ".join(map(str, open_ones[:MOST_NAMED])) + (" …" if len(open_ones) > MOST_NAMED else "")
        raise Invalid(_("These defects have no choice yet: %(numbers)s"), numbers=shown)
    return owners


def meant(defect: RepairDefect, choice: str) -> str:
    """What ``proposed`` and ``longest`` come to; any other choice is itself."""
    if choice == PROPOSED:
        return defect.proposals[0].choice
    return defect.longest or choice if choice == LONGEST else choice


def _owner(surveyed: Survey, defect: RepairDefect, choice: str, first: int, place: Mapping[str, int]) -> int | None:
    """The polygon that a word means; ``None`` where it may not have the piece."""
    assert defect.piece is not None
    piece, word = surveyed.pieces[defect.piece], meant(defect, choice)
    if word == LEAVE:
        return NOBODY if piece.may_leave or first == NOBODY else None
    if word.startswith(ALONE):
        return place[word.removeprefix(ALONE)] if any(way.choice == word for way in defect.proposals) else None
    owner = place.get(word.removeprefix(GIVE)) if word.startswith(GIVE) else None
    allowed = {who for who, _metres in piece.takers} | {first}
    if not piece.members:
        allowed |= set(surveyed.homeless)
    return owner if owner in allowed else None


def _unknown(number: int, count: int) -> Objection:
    unknown = _("There is no defect %(number)s: they are numbered from 1 to %(count)s")
    text = Text(unknown, {"number": number, "count": count})
    return Objection(text, code="no-such-defect", pointer=f"/choices/{number}")


def _unfit(defect: RepairDefect, choice: str) -> Objection:
    ways = ", ".join(proposal.choice for proposal in defect.proposals)
    return Objection(
        Text(_("Defect %(number)s cannot be settled by %(choice)s"), {"number": defect.number, "choice": choice}),
        Text(_("Choose one of: %(ways)s"), {"ways": ways}),
        code="unfit-choice", pointer=f"/choices/{defect.number}",
    )  # fmt: skip
