"""What a plugin says about itself. The package's attribute ``PLUGIN`` holds it; hooks say what it does."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final, TypeVar

from pydantic import BaseModel, ValidationError
from sqlalchemy import MetaData

from core.plugin.located import located_faults
from core.settings import get_settings
from core.text import Text
from core.text import noop as _

Model = TypeVar("Model", bound=BaseModel)

GROUP: Final = "wangge.plugins"
"""Entry-point group under which a distribution names its plugin."""

NAME: Final = re.compile(r"[a-z][a-z0-9_]{1,29}")
ATTRIBUTE: Final = "PLUGIN"
PROFILING: Final = frozenset({
    "religion", "religious", "faith", "belief", "ethnicity", "ethnic", "race", "opinion", "ideology", "petitioner",
    "protest", "protester", "criminal", "conviction", "convicted", "blacklist",
    "宗教", "信仰", "民族", "前科", "上访", "黑名单",
})  # fmt: skip
"""Words that no field of a plugin may carry: the system serves people, it does not profile them."""


@dataclass(frozen=True)
class Plugin:
    """The manifest: what a plugin *is*.

    :param name: the one name of everything: package ``wangge_<name>``, schema ``plugin_<name>``, entry point
        ``<name>``, pages below ``/p/<name>``, prefix ``<name>.`` of its kinds, actions, layers and panels.
    :param title: message id of its name; the plugin's catalogue translates it.
    :param description: message id of one or two sentences for the catalogue.
    :param department: message id of the office that it serves.
    :param icon: name in the icon set.
    :param metadata: its tables, all in schema ``plugin_<name>``; ``None`` when it has none.
    :param migrations: folder of its revisions inside the package; empty when it has no tables.
    :param settings: pydantic model of what an operator may set in the table ``[plugins.<name>]`` of ``wangge.toml``;
        checked at install and whenever it is loaded. ``settings_of`` gives the values.
    :param requires: plugins that must be enabled before it.
    :param after: plugins that are called before it when they are there.
    """

    name: str
    title: str
    description: str = ""
    department: str = ""
    icon: str = "puzzle"
    metadata: MetaData | None = None
    migrations: str = ""
    settings: type[BaseModel] | None = None
    requires: tuple[str, ...] = ()
    after: tuple[str, ...] = ()


def package_of(name: str) -> str:
    """Top-level package of a plugin."""
    return f"wangge_{name}"


def schema_of(name: str) -> str:
    """Database schema of a plugin."""
    return f"plugin_{name}"


def settings_of(name: str, model: type[Model]) -> Model:
    """The settings of a plugin in this process.

    :param model: the one that its manifest names.
    :raises ValidationError: when a value is wrong; a plugin that is loaded has right ones.
    """
    return model.model_validate(get_settings().plugins.get(name, {}))


def faults(plugin: object, name: str) -> list[Text]:
    """What is wrong with a manifest that should be plugin ``name``'s; empty when nothing is."""
    if not isinstance(plugin, Plugin):
        return [Text(_("%(attribute)s is no wangge.Plugin"), {"attribute": f"{package_of(name)}.{ATTRIBUTE}"})]
    found = []
    if plugin.name != name:
        named = {"manifest": plugin.name, "entry": name}
        found.append(Text(_("the manifest names %(manifest)s, the entry point %(entry)s"), named))
    if not plugin.title:
        found.append(Text(_("the manifest has no title")))
    if bool(plugin.metadata is not None and plugin.metadata.tables) != bool(plugin.migrations):
        found.append(Text(_("tables need migrations, and migrations need tables: give both or none")))
    if name in {*plugin.requires, *plugin.after}:
        found.append(Text(_("the plugin names itself in requires or after")))
    if plugin.settings is not None:
        found.extend(_settings_faults(name, plugin.settings))
    if plugin.metadata is not None:
        found.extend(_table_faults(plugin, plugin.metadata))
        found.extend(located_faults(plugin.metadata))
    return found


def _settings_faults(name: str, model: type[BaseModel]) -> Iterator[Text]:
    try:
        settings_of(name, model)
    except ValidationError as error:
        for fault in error.errors():
            place = {"place": ".".join(["plugins", name, *map(str, fault["loc"])]), "said": fault["msg"]}
            yield Text(_("the setting %(place)s of wangge.toml is wrong: %(said)s"), place)


def _table_faults(plugin: Plugin, metadata: MetaData) -> Iterator[Text]:
    allowed = {"core", schema_of(plugin.name), *(schema_of(other) for other in plugin.requires)}
    for table in metadata.tables.values():
        if table.schema != schema_of(plugin.name):
            place = {"table": str(table), "schema": schema_of(plugin.name)}
            yield Text(_("table %(table)s must lie in schema %(schema)s"), place)
        for key in table.foreign_keys:
            schema = key.target_fullname.split(".")[0] if key.target_fullname.count(".") > 1 else None
            if schema not in allowed:
                ends = {"table": str(table), "target": key.target_fullname}
                yield Text(_("%(table)s refers to %(target)s, which is neither core's nor a required plugin's"), ends)
        for column in table.columns:
            if profiles(column.name):
                named = {"column": f"{table}.{column.name}"}
                yield Text(_("column %(column)s would keep what this system does not keep of people"), named)


def profiles(field: str) -> bool:
    """Whether a field's name says that it profiles persons."""
    words = set(re.split(r"[^a-z0-9\u4e00-\u9fff]+", field.lower()))
    return bool(words & PROFILING) or any(word in field for word in PROFILING if not word.isascii())
