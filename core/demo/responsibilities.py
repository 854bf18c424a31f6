"""Which offices of the demonstration city answer for what: each for its own kinds, the centre for all others."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from core.db.session import WorkSession
from core.demo.city import CITY
from core.matters.kinds import kinds, owner
from core.responsibility.commands import AddClaim, Offices
from core.responsibility.service import add_claim

CENTRE: Final = "grid-office"
LEADS: Final[Mapping[str, Offices]] = {
    "civil": Offices("civil", fallback=CENTRE),
    "emergency": Offices("emergency", ("police", "urban"), CENTRE),
    "party": Offices("party", fallback=CENTRE),
    "security": Offices("legal", ("police",), CENTRE),
}
"""Who answers for the kinds of a plugin."""


def load_responsibilities(session: WorkSession) -> None:
    """Give every kind of matter one lead in the whole city."""
    known = {kind.name: kind.category for kind in kinds()}
    add_claim(session, AddClaim("", "", CITY[0], Offices(CENTRE)), known)
    for name in known:
        if offices := LEADS.get(owner(name)):
            add_claim(session, AddClaim(name, "", CITY[0], offices), known)
