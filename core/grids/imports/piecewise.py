"""A layer that is not exact, decided on defect by defect instead of being cleaned as a whole."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from typing import Any

import numpy as np
import shapely

from core.errors import Invalid
from core.gistext import explain
from core.grids.imports.draft import ImportOptions
from core.grids.repairs.choosing import meant, owners_of
from core.grids.repairs.decided import Decided, ways_taken
from core.grids.repairs.proposals import ALONE, LEAVE, RepairDefect, longest, token, ways
from core.text import Text
from core.text import noop as _
from gis.errors import GisError
from gis.lattice import Geometries
from gis.pieces import CRUMB, Piece, Survey, survey
from gis.repair import Settled, settle


def decide_pieces(
    units: Geometries, codes: Sequence[str], outline: Any, above: str, options: ImportOptions
) -> tuple[Decided, Settled | None]:
    """List what is wrong with lattice polygons and carry the decisions of the options out.

    :param outline: what they shall tile; ``None``: their own outline, where what they enclose may stay a hole.
    :param above: code of the grid with that outline.
    :raises GisError: where there is more than can be decided on.
    """
    surveyed = survey(units, outline, tiny=True)
    alone = set(surveyed.homeless)
    first = _first(surveyed, alone)
    defects = tuple(ways(surveyed, codes, above, first, alone))
    name = token(defects)
    owners, spare, fault, made = first, alone, None, None
    try:
        if options.repair_list is not None and options.repair_list != name:
            fault = Text(_("The defects are no longer those of the list on which was decided: look at them again"))
        elif options.choices and options.repair_list is None:
            fault = Text(_("Numbers belong to a list: say which list they were read from"))
        else:
            owners = owners_of(surveyed, codes, defects, first, dict(options.choices), options.repair)
            spare = _spare(surveyed, defects, dict(options.choices), options.repair)
            made = settle(surveyed, owners, spare)
    except Invalid as error:
        fault = error.objections[0].text if error.objections else error.text
    except GisError as error:
        fault = _fault(error, codes)
    gone = spare if made is None else set(np.flatnonzero(shapely.is_empty(made.polygons)).tolist())
    return Decided(defects, name, ways_taken(defects, surveyed, owners, codes, above, gone), fault), made


def _first(surveyed: Survey, alone: Collection[int]) -> list[int]:
    """Whom it is proposed to give each piece to, so that as few polygons as can be are left without any area.

    A tiny part stays where it is: it hinders nothing.

    :param alone: polygons that cover nothing by themselves: of such the one that has part in the fewest pieces.
    """
    parts = Counter(member for piece in surveyed.pieces for member in piece.members)

    def one_of(piece: Piece) -> int:
        if piece.kind == CRUMB:
            return piece.members[0]
        needy = [who for who, _metres in piece.takers if who in alone and who in piece.members]
        return min(needy, key=lambda who: parts[who]) if needy and piece.is_inside else longest(piece)

    return [one_of(piece) for piece in surveyed.pieces]


def _spare(surveyed: Survey, defects: Sequence[RepairDefect], choices: Mapping[int, str], rest: str | None) -> set[int]:
    """The polygons that may be left out: by a decision, or because the file has no shape of them."""
    found = set(np.flatnonzero(shapely.is_empty(surveyed.polygons)).tolist())
    for each in defects:
        word = meant(each, choices.get(each.number, rest or ""))
        if each.piece is not None and (word == LEAVE or word.startswith(ALONE)):
            found |= set(surveyed.pieces[each.piece].members) & set(surveyed.homeless)
    return found


def _fault(error: GisError, codes: Sequence[str]) -> Text:
    if error.code == "nothing_left":
        code = codes[int(str(error.params["index"]))]
        return Text(_("Nothing would be left of %(code)s: give it a piece, or choose to leave it out"), {"code": code})
    return explain(error)
