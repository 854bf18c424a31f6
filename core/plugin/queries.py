"""Reads of plugins: what is recorded, joined with what lies on disk. Nothing is imported."""

from __future__ import annotations

from sqlalchemy import select

from core.db.session import WorkSession
from core.errors import NotFound
from core.plugin.discovery import Found
from core.plugin.failure import Failure
from core.plugin.loading import all_found, epoch, lacking
from core.plugin.models import PluginRecord
from core.plugin.views import PluginView, in_language
from core.settings import Settings
from core.text import Text
from core.text import noop as _


def plugins(session: WorkSession, settings: Settings) -> list[PluginView]:
    """Every plugin that was installed here or lies in the folder of plugins, by name."""
    found = all_found(settings)
    records = {record.name: record for record in session.scalars(select(PluginRecord))}
    number = epoch(session)
    views = [_recorded(record, found.get(name, []), settings, number) for name, record in records.items()]
    views += [_unrecorded(versions[0], number) for name, versions in found.items() if name not in records]
    return sorted(views, key=lambda view: view.name)


def plugin(session: WorkSession, settings: Settings, name: str) -> PluginView:
    """One plugin.

    :raises NotFound: when there is none of this name.
    """
    for view in plugins(session, settings):
        if view.name == name:
            return view
    raise NotFound(_("There is no plugin %(name)s; `wangge plugin list` names those that are here"), name=name)


def kept_titles(session: WorkSession, hook: str, language: str) -> dict[str, str]:
    """Titles of what every recorded plugin registers under a hook, by name, whether or not it runs."""
    manifests = session.scalars(select(PluginRecord.manifest)).all()
    return {
        value["name"]: in_language(manifest, value["title"], language)
        for manifest in manifests
        for value in manifest.get("adds", {}).get(hook, ())
    }


def kept_title(session: WorkSession, name: str, language: str) -> str:
    """A plugin's title, whether or not it runs; its name when it is not recorded."""
    manifest = session.scalar(select(PluginRecord.manifest).where(PluginRecord.name == name)) or {}
    return in_language(manifest, str(manifest.get("title") or name), language)


def _recorded(record: PluginRecord, versions: list[Found], settings: Settings, number: int) -> PluginView:
    state: str = record.state
    reason: Text | None = None
    here = next((found for found in versions if found.version == record.version), None)
    objection = here.objection() if here else None
    if here is None:
        state, reason = "missing", lacking(record.version)
    elif objection is not None:
        state, reason = "incompatible", objection
    elif record.failure:
        state, reason = "failed", Failure.from_json(record.failure).reason
    elif settings.safe_mode and state == "enabled":
        reason = Text(_("safe mode: no plugin is loaded"))
    return PluginView(
        record.name, record.distribution, record.version, state, reason, record.manifest, record.failure, number
    )


def _unrecorded(found: Found, number: int) -> PluginView:
    objection = found.objection()
    state = "incompatible" if objection else "discovered"
    return PluginView(found.name, found.distribution, found.version, state, objection, {}, None, number)
