"""The party branch: household visits, red stations and what is asked of them."""

from __future__ import annotations

from collections.abc import Sequence

from wangge import DemoPlace, GridPanel, MenuItem, Plugin, WorkSession, hookimpl, registers
from wangge import noop as _

from wangge_party import kinds, panels
from wangge_party.models import Base
from wangge_party.stations import DEMO, STATIONS

PLUGIN = Plugin(
    name="party",
    title=_("Party building"),
    description=_(
        "Household visits with promises and due dates, requests at red stations, stations and parlours on the map."
    ),
    department=_("Party committee office"),
    icon="flag",
    metadata=Base.metadata,
    migrations="migrations",
)

register_matter_kinds = registers(kinds.VISIT, kinds.STATION_REQUEST)
register_panels = registers(
    GridPanel("party.quarter", _("Visits and requests"), panels.this_quarter, action="matter.see"),
)
register_menu = registers(MenuItem(_("Party"), icon="flag", action="grid.see"))
register_layers = registers(
    STATIONS.layer("party.station", _("Red stations"), category="station", colour="#c62828", shape="star"),
    STATIONS.layer(
        "party.parlour", _("Party and people parlours"), category="parlour", colour="#c2185b", shape="diamond"
    ),
)
register_blueprints = registers(STATIONS.pages(__name__))
register_actions = registers(STATIONS.action)
register_commands = registers(STATIONS.command("import-stations", "Load the red stations and parlours from FILE."))
register_health = registers(STATIONS.health("party.located", _("Stations lie in the city")))


@hookimpl
def load_demo(session: WorkSession, places: Sequence[DemoPlace]) -> None:
    """Stations and parlours of the demonstration city."""
    STATIONS.plant(session, places[::2], DEMO)
