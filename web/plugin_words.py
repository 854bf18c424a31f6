"""Each plugin's own catalogue: in its pages, panels and titles its words go before the host's and never into another's.

Elsewhere (a right's title in a refusal, say) the host's catalogue comes first, then those of all plugins.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from babel.support import NullTranslations, Translations
from flask import Flask, has_request_context, request
from flask_babel import Domain, get_locale, gettext

from core.plugin.manager import current_plugin, in_plugin


class Words(Domain):  # type: ignore[misc]
    """What flask-babel asks for a text.

    :param folders: each plugin's folder of catalogues.
    :param pages: the plugin of each mounted blueprint.
    """

    def __init__(self, folders: Mapping[str, Path], pages: Mapping[str, str]) -> None:
        super().__init__()
        self._folders = folders
        self._pages = pages
        self._own: dict[tuple[str, str], NullTranslations] = {}

    def get_translations(self) -> NullTranslations:
        """Of the plugin that speaks now, behind which the host's stand; without one the host's alone."""
        host: NullTranslations = super().get_translations()
        folder = self._folders.get(self._speaker())
        if folder is None:
            return host
        key = (str(folder), str(get_locale()))
        if key not in self._own:
            own = Translations.load(folder, [get_locale()])
            own.add_fallback(host)
            self._own[key] = own
        return self._own[key]

    def _speaker(self) -> str:
        if speaking := current_plugin():
            return speaking
        mounted = request.blueprints if has_request_context() else ()
        return next((self._pages[name] for name in mounted if name in self._pages), "")


def init_app(app: Flask, folders: Mapping[str, Path], pages: Mapping[str, str]) -> None:
    """Let the application look its words up by plugin."""
    babel = app.extensions["babel"]
    # a later folder wins in flask-babel, so the host's words stay its own
    babel.translation_directories[:0] = map(str, folders.values())
    babel.instance.domain_instance = Words(folders, pages)


def word(plugin: str, message: str) -> str:
    """A plugin's message in the reader's language; the host's own with an empty name."""
    if not plugin:
        return str(gettext(message))
    with in_plugin(plugin):
        return str(gettext(message))
