"""The front door for plugins: the only package of ours that a plugin may import.

``wangge`` follows semantic versioning. The API is what stands in ``__all__`` of this module and of its modules
``tables``, ``revisions``, ``forms``, ``matters``, ``grids``, ``places``, ``importing``, ``calendar``, ``web``, ``cli``,
``testing``.
"""

from __future__ import annotations

from core.access.actions import Action
from core.access.policy import may, require
from core.actor import Actor
from core.clock import now
from core.db.session import WorkSession, reading, work
from core.errors import (
    Conflict,
    DomainError,
    Forbidden,
    Invalid,
    NotFound,
    Objection,
    Refused,
)
from core.grids.views import GridView
from core.grids.voices import GridChangeView
from core.matters.kinds import FormDay, FormLimit, MatterKind, Sample, Stage
from core.plugin.hooks import DemoPlace, Health, HealthCheck, hookimpl, registers
from core.plugin.manifest import Plugin, settings_of
from core.text import Text, noop
from web.hooks import Feature, Figure, GridPanel, MapLayer, MenuItem, PanelBody

__all__ = [
    "Action",
    "Actor",
    "Conflict",
    "DemoPlace",
    "DomainError",
    "Feature",
    "Figure",
    "Forbidden",
    "FormDay",
    "FormLimit",
    "GridChangeView",
    "GridPanel",
    "GridView",
    "Health",
    "HealthCheck",
    "Invalid",
    "MapLayer",
    "MatterKind",
    "MenuItem",
    "NotFound",
    "Objection",
    "PanelBody",
    "Plugin",
    "Refused",
    "Sample",
    "Stage",
    "Text",
    "WorkSession",
    "hookimpl",
    "may",
    "noop",
    "now",
    "reading",
    "registers",
    "require",
    "settings_of",
    "work",
]
