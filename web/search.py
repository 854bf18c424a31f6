"""The one search of the top bar, over grids and matters: a fragment while typing, a page on Enter."""

from __future__ import annotations

from typing import Final

from apiflask import APIBlueprint
from flask import make_response, render_template, request
from flask.typing import ResponseReturnValue

from core.access.policy import may
from core.grids.formers import find_grids
from core.grids.retired import ended_grids
from core.matters.filters import MatterFilter
from core.matters.listing import list_matters
from web.context import zone
from web.db import actor, read
from web.lineage import last_day
from web.pastday import past_day, to_today

bp = APIBlueprint("search", __name__, enable_openapi=False)

GRIDS_TYPING: Final = 8
MATTERS_TYPING: Final = 4
ENDED: Final = 5
GRIDS_PAGE: Final = 50
MATTERS_PAGE: Final = 25
LONGEST: Final = 100


@bp.get("/grids/pick")
def pick() -> str:
    """Fragment: grids for a field that takes a code, while its name, code or initials are typed."""
    typed = request.args.get("grid", "")[:LONGEST].strip()
    with read() as session:
        found = find_grids(session, typed, GRIDS_TYPING) if typed else []
    return render_template("grids/pick.html", hits=found, typed=typed)


@bp.get("/search")
def hits() -> ResponseReturnValue:
    """Grids by code, former code, name, pinyin or initials; those that ended by their code; matters, as far as this
    person may see them.

    With ``as_of`` the grids as they were at the end of that day, without matters.
    """
    typing = "HX-Request" in request.headers
    if not typing and (today := to_today()) is not None:
        return today
    day = past_day()
    typed = request.args.get("q", "")[:LONGEST].strip()
    with read() as session:
        grids = find_grids(session, typed, GRIDS_TYPING if typing else GRIDS_PAGE, day) if typed else []
        gone = ended_grids(session, typed, ENDED) if typed and day is None else []
        ended = [(grid, last_day(grid, zone())) for grid in gone]
        limit = MATTERS_TYPING if typing else MATTERS_PAGE
        sees = bool(typed) and day is None and may(actor(), "matter.see")
        matters = list_matters(session, MatterFilter(q=typed), limit=limit).items if sees else ()
    template = "grids/hits.html" if typing else "grids/search.html"
    values = {"typed": typed, "hits": grids, "ended": ended, "matters": matters, "day": day}
    answer = make_response(render_template(template, **values))
    answer.vary.add("HX-Request")
    return answer
