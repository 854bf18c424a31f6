"""Safety and order: disputes that are to be settled, fire and safety hazards, mediation rooms."""

from __future__ import annotations

from collections.abc import Sequence

from wangge import DemoPlace, GridPanel, MenuItem, Plugin, WorkSession, hookimpl, registers
from wangge import noop as _

from wangge_security import kinds, panels
from wangge_security.models import Base
from wangge_security.rooms import DEMO, ROOMS

PLUGIN = Plugin(
    name="security",
    title=_("Safety and order"),
    description=_("Disputes settled early and near, fire and safety hazards with photos, mediation rooms on the map."),
    department=_("Office for safety and order"),
    icon="shield-check",
    metadata=Base.metadata,
    migrations="migrations",
)

register_matter_kinds = registers(kinds.DISPUTE, kinds.HAZARD_SAFETY)
register_panels = registers(
    GridPanel("security.disputes", _("Disputes"), panels.disputes_by_type, action="matter.see"),
)
register_menu = registers(MenuItem(_("Safety"), icon="shield-check", action="grid.see"))
register_layers = registers(
    ROOMS.layer("security.street", _("Street mediation rooms"), category="street", colour="#5b3fa8", shape="diamond"),
    ROOMS.layer(
        "security.community", _("Community mediation rooms"), category="community", colour="#1b5fae", shape="circle"
    ),
    ROOMS.layer(
        "security.industry", _("Industry mediation rooms"), category="industry", colour="#37474f", shape="triangle"
    ),
)
register_blueprints = registers(ROOMS.pages(__name__))
register_actions = registers(ROOMS.action)
register_commands = registers(ROOMS.command("import-rooms", "Load the mediation rooms from FILE."))
register_health = registers(ROOMS.health("security.located", _("Mediation rooms lie in the city")))


@hookimpl
def load_demo(session: WorkSession, places: Sequence[DemoPlace]) -> None:
    """Mediation rooms of the demonstration city."""
    ROOMS.plant(session, places[1::4], DEMO)
