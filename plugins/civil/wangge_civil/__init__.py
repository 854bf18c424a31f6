"""Civil affairs: visits to elders who live alone, clues for temporary aid, canteens and day care."""

from __future__ import annotations

from collections.abc import Sequence

from wangge import DemoPlace, GridPanel, MenuItem, Plugin, WorkSession, hookimpl, registers
from wangge import noop as _

from wangge_civil import kinds, panels
from wangge_civil.care_places import CARE_PLACES, DEMO
from wangge_civil.models import Base

PLUGIN = Plugin(
    name="civil",
    title=_("Civil affairs"),
    description=_("Visits to elders who live alone, clues for temporary aid, canteens and day care on the map."),
    department=_("Civil affairs bureau"),
    icon="heart-handshake",
    metadata=Base.metadata,
    migrations="migrations",
)

register_matter_kinds = registers(kinds.ELDER_VISIT, kinds.AID_CLUE)
register_panels = registers(
    GridPanel("civil.care", _("Visits and aid"), panels.visits_and_aid, action="matter.see"),
)
register_menu = registers(MenuItem(_("Civil"), icon="heart-handshake", action="grid.see"))
register_layers = registers(
    CARE_PLACES.layer("civil.canteen", _("Canteens for elders"), category="canteen", colour="#ad5c00"),
    CARE_PLACES.layer("civil.day_care", _("Day care"), category="day_care", colour="#0b7285", shape="square"),
)
register_blueprints = registers(CARE_PLACES.pages(__name__))
register_actions = registers(CARE_PLACES.action)
register_commands = registers(CARE_PLACES.command("import-care-places", "Load the canteens and day care from FILE."))
register_health = registers(CARE_PLACES.health("civil.located", _("Canteens and day care lie in the city")))


@hookimpl
def load_demo(session: WorkSession, places: Sequence[DemoPlace]) -> None:
    """Canteens and day care of the demonstration city."""
    CARE_PLACES.plant(session, places[2::3], DEMO)
