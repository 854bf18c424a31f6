"""Hatch build hook: the wheel carries the built assets and the compiled catalogues."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

sys.path.insert(0, str(Path(__file__).resolve().parent))


class AssetHook(BuildHookInterface):  # type: ignore[type-arg]
    """Builds `web/static/dist` and `messages.mo` before files are collected."""

    PLUGIN_NAME = "custom"

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Build what is stale and declare it as part of the artefact."""
        from web import assets, i18n

        assets.build()
        i18n.compile_catalogues()
        if version == "standard":
            build_data["force_include"]["migrations"] = "core/_migrations"
        build_data["artifacts"] += ["web/static/dist/**", "web/translations/**/*.mo"]
