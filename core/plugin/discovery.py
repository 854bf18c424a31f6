"""Finds installed plugins by the metadata of their distributions; nothing of a plugin is imported."""

from __future__ import annotations

import sys
import tomllib
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from importlib import metadata
from pathlib import Path
from typing import Final

from packaging.requirements import InvalidRequirement, Requirement
from packaging.specifiers import SpecifierSet
from packaging.utils import canonicalize_name
from packaging.version import InvalidVersion, Version

from core.errors import Unusable
from core.plugin.manifest import GROUP, NAME
from core.settings import CHECKOUT
from core.text import Text
from core.text import noop as _

HOST: Final = "wangge"
HOST_PACKAGES: Final = ("core", "gis", "web", "wangge")


@dataclass(frozen=True)
class Found:
    """One version of a plugin on disk.

    :param module: what the entry point names, without attribute.
    :param bound: versions of the host that it works with; ``None`` when it does not say.
    """

    name: str
    distribution: str
    version: str
    folder: Path
    module: str
    bound: SpecifierSet | None

    def objection(self) -> Text | None:
        """Why this host cannot run it; ``None`` when it can."""
        if self.bound is None:
            return Text(_("Its distribution does not say which versions of wangge it works with"))
        here = host_version()
        if not self.bound.contains(here, prereleases=True):
            return Text(
                _("It works with wangge %(bound)s; this is wangge %(version)s"),
                {"bound": str(self.bound), "version": here},
            )
        return None


@lru_cache(maxsize=1)
def host_version() -> str:
    """Version of this host: of the installed distribution, or of the checkout that runs uninstalled."""
    try:
        return metadata.version(HOST)
    except metadata.PackageNotFoundError:
        with (CHECKOUT / "pyproject.toml").open("rb") as file:
            return str(tomllib.load(file)["project"]["version"])


def host_bound(requirements: Iterable[str]) -> SpecifierSet | None:
    """The bound on the host that all of a distribution's ``Requires-Dist`` give together; ``None`` without one."""
    bound = SpecifierSet()
    for line in requirements:
        try:
            requirement = Requirement(line)
        except InvalidRequirement:
            continue
        applies = requirement.marker is None or requirement.marker.evaluate({"extra": ""})
        if canonicalize_name(requirement.name) == HOST and applies:
            bound &= requirement.specifier
    return bound or None


def read_folder(folder: Path) -> Found | None:
    """The plugin in one version's folder; ``None`` when there is none."""
    for distribution in metadata.distributions(path=[str(folder)]):
        for entry in distribution.entry_points.select(group=GROUP):
            return Found(
                entry.name,
                distribution.name,
                distribution.version,
                folder,
                entry.module,
                host_bound(distribution.requires or ()),
            )
    return None


def discover(folder: Path) -> dict[str, list[Found]]:
    """Every plugin below the folder of plugins, by name, newest version first."""
    plugins: dict[str, list[Found]] = {}
    for place in sorted(folder.glob("*/*")):
        if not place.is_dir() or not NAME.fullmatch(place.parent.name):
            continue
        found = read_folder(place)
        if found is not None and found.name == place.parent.name:
            plugins.setdefault(found.name, []).append(found)
    for versions in plugins.values():
        versions.sort(key=lambda found: _order(found.version), reverse=True)
    return plugins


def _order(version: str) -> Version:
    try:
        return Version(version)
    except InvalidVersion:
        return Version("0")


def check_top_level_names() -> None:
    """Refuse to start when another distribution also ships one of the host's top-level packages.

    :raises Unusable: naming the package and the other distribution.
    """
    owners = metadata.packages_distributions()
    for name in HOST_PACKAGES:
        others = sorted({owner for owner in owners.get(name, ()) if canonicalize_name(owner) != HOST})
        if others:
            raise Unusable(
                _("The package %(name)s also comes from %(others)s; uninstall it and install wangge again"),
                name=name,
                others=", ".join(others),
            )


def put_on_path(folder: Path) -> None:
    """Let a plugin's folder be imported from, behind the host."""
    if str(folder) not in sys.path:
        sys.path.append(str(folder))
