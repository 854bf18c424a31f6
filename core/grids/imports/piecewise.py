"""A layer that is not exact, decided on defect by defect instead of being cleaned as a whole."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from core.errors import Invalid
from core.grids.gistext import explain
from core.grids.imports.draft import ImportOptions
from core.grids.repairs.choosing import owners_of
from core.grids.repairs.decided import Decided, ways_taken
from core.grids.repairs.proposals import NARROW_M, longest, token, ways
from core.text import Text
from core.text import noop as _
from gis.errors import GisError
from gis.lattice import Geometries
from gis.pieces import NOBODY, Piece, survey
from gis.repair import Settled, settle


def decide_pieces(
    units: Geometries, codes: Sequence[str], outline: Any, above: str, options: ImportOptions
) -> tuple[Decided, Settled | None]:
    """List what is wrong with lattice polygons and carry the decisions of the options out.

    :param outline: what they shall tile; ``None``: their own outline, where what they enclose may stay a hole.
    :param above: code of the grid with that outline.
    :raises GisError: where there is more than can be decided on.
    """
    surveyed = survey(units, outline)
    first = [_first(piece, bounded=outline is not None) for piece in surveyed.pieces]
    defects = tuple(ways(surveyed, codes, above, first))
    name = token(defects)
    owners, fault, made = first, None, None
    try:
        if options.repair_list is not None and options.repair_list != name:
            fault = Text(_("The defects are no longer those of the list on which was decided: look at them again"))
        elif options.choices and options.repair_list is None:
            fault = Text(_("Numbers belong to a list: say which list they were read from"))
        else:
            owners = owners_of(surveyed, codes, defects, first, dict(options.choices), options.repair)
            made = settle(surveyed, owners)
    except Invalid as error:
        fault = error.objections[0].text if error.objections else error.text
    except GisError as error:
        fault = _fault(error, codes)
    return Decided(defects, name, ways_taken(defects, surveyed, owners, codes, above), fault), made


def _first(piece: Piece, *, bounded: bool) -> int:
    """Whom it is proposed to give a piece to; a wide hole of a layer without an outline may be a lake."""
    wide = piece.width_m > NARROW_M and not piece.members
    return NOBODY if wide and not bounded else longest(piece)


def _fault(error: GisError, codes: Sequence[str]) -> Text:
    if error.code == "nothing_left":
        code = codes[int(str(error.params["index"]))]
        return Text(_("Nothing would be left of %(code)s: give it a piece, or take it out of the file"), {"code": code})
    return explain(error)
