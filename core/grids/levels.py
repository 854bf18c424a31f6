"""The order of levels, and the words for them."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import Final

from core.errors import Objection, Refused
from core.grids.views import LEVELS
from core.text import Text
from core.text import noop as _

TITLES: Final = {
    "city": _("city"),
    "county": _("county"),
    "street": _("street"),
    "community": _("community"),
    "grid": _("grid"),
    "micro": _("micro-grid"),
}


def depth(level: str) -> int:
    """How far a level lies below the city: 0 for ``city``, 5 for ``micro``."""
    return LEVELS.index(level)


def next_level(level: str) -> str:
    """The level right below one.

    :raises Refused: below the lowest.
    """
    if level == LEVELS[-1]:
        raise Refused(_("Below level %(level)s there is none"), level=Text(TITLES[level]))
    return LEVELS[depth(level) + 1]


def level_below(level: str) -> str:
    """The same, of the lowest itself: what a form may propose."""
    return level if level == LEVELS[-1] else next_level(level)


def check_order(levels: Sequence[str], above: str | None) -> Objection | None:
    """Levels, coarsest first, must lie strictly below each other and below ``above``, the parent's level."""
    for level in levels:
        if level not in LEVELS:
            return Objection(
                Text(_("There is no level %(level)s"), {"level": level}),
                Text(_("The levels are, from the top: %(levels)s"), {"levels": ", ".join(LEVELS)}),
                code="unknown-level",
            )
    chain = ([above] if above else []) + list(levels)
    for upper, lower in pairwise(chain):
        if depth(lower) <= depth(upper):
            return Objection(
                Text(
                    _("Level %(lower)s does not lie below level %(upper)s"),
                    {"lower": Text(TITLES[lower]), "upper": Text(TITLES[upper])},
                ),
                Text(_("The levels are, from the top: %(levels)s"), {"levels": ", ".join(LEVELS)}),
                code="level-order",
            )
    return None
