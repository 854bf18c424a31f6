"""The emergency office: hazard checks, flash reports, shelters."""

from __future__ import annotations

from collections.abc import Sequence

from wangge import DemoPlace, GridPanel, MenuItem, Plugin, WorkSession, hookimpl, registers
from wangge import noop as _

from wangge_emergency import kinds, panels
from wangge_emergency.models import Base
from wangge_emergency.shelters import DEMO, SHELTERS

PLUGIN = Plugin(
    name="emergency",
    title=_("Emergency management"),
    description=_("Hazard checks with photos before and after, flash reports of disasters, shelters on the map."),
    department=_("Emergency office"),
    icon="sos",
    metadata=Base.metadata,
    migrations="migrations",
)

register_matter_kinds = registers(kinds.HAZARD, kinds.FLASH_REPORT)
register_panels = registers(
    GridPanel("emergency.hazards", _("Open hazards"), panels.open_hazards, action="matter.see"),
)
register_menu = registers(MenuItem(_("Emergency"), icon="sos", action="grid.see"))
register_layers = registers(
    SHELTERS.layer("emergency.shelters", _("Shelters"), colour="#1a7f4b", shape="triangle"),
)
register_blueprints = registers(SHELTERS.pages(__name__))
register_actions = registers(SHELTERS.action)
register_commands = registers(SHELTERS.command("import-shelters", "Load the shelters from FILE."))
register_health = registers(SHELTERS.health("emergency.located", _("Shelters lie in the city")))


@hookimpl
def load_demo(session: WorkSession, places: Sequence[DemoPlace]) -> None:
    """Shelters of the demonstration city."""
    SHELTERS.plant(session, places[::3], DEMO)
