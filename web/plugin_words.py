"""Whose words: every plugin has a catalogue of its own, which changes no text of the host, nor the host's one of its.

A text is looked up in the catalogue of the plugin that says it: in its views, in its templates, and where the host shows
a title of its. What it lacks there is taken from the host. In the host's own code and templates the host's catalogue
comes first; a plugin's text that the host shows without knowing whose it is (a right's title in a refusal) is found
after it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from functools import wraps
from pathlib import Path
from typing import Any, Final

from apiflask import APIFlask
from babel.support import NullTranslations, Translations
from flask_babel import Domain, get_locale, gettext, ngettext
from jinja2.ext import Extension
from jinja2.lexer import Token, TokenStream
from markupsafe import Markup

from core.plugin.manager import current_plugin, in_plugin

SAYING: Final = {"_": "gettext", "gettext": "gettext", "ngettext": "ngettext"}
"""What templates call to say a text."""


class Words(Domain):  # type: ignore[misc]
    """The catalogues of the host and of the plugins.

    :param host: folder of the host's catalogues.
    """

    def __init__(self, host: str) -> None:
        super().__init__([host])
        self._host = host
        self._plugins: dict[str, str] = {}

    def add(self, plugin: str, folder: Path) -> None:
        """Make a plugin's catalogues known."""
        self._plugins[plugin] = str(folder)
        self.cache.clear()

    def get_translations(self) -> NullTranslations:
        """The catalogues in the order in which they are asked now."""
        locale, speaker = get_locale(), current_plugin()
        if locale is None:
            return NullTranslations()
        found: NullTranslations | None = self.cache.get((str(locale), speaker))
        if found is None:
            first, *others = [Translations.load(folder, [locale]) for folder in self._folders(speaker)]
            for other in others:
                first.add_fallback(other)
            found = self.cache[str(locale), speaker] = first
        return found

    def _folders(self, speaker: str) -> Iterator[str]:
        if speaker in self._plugins:
            yield self._plugins[speaker]
        yield self._host
        yield from (folder for name, folder in self._plugins.items() if name != speaker)


class PluginTemplates(Extension):
    """Lets the templates of plugins speak for their plugin; those of the host that they extend or import do not."""

    def filter_stream(self, stream: TokenStream) -> TokenStream | Iterator[Token]:
        """Name the plugin in each call that says a text."""
        folders: Mapping[str, Path] = self.environment.globals.get(FOLDERS, {})
        owner = next((name for name, folder in folders.items() if folder in Path(stream.filename or "").parents), "")
        return _owned(stream, owner) if owner else stream


FOLDERS: Final = "plugin_folders"


def _owned(stream: TokenStream, owner: str) -> Iterator[Token]:
    for token in stream:
        said = SAYING.get(token.value) if token.type == "name" else None
        yield Token(token.lineno, "name", _global(owner, said)) if said else token


def _global(owner: str, said: str) -> str:
    return f"{said}_of_{owner}"


def init_app(app: APIFlask, host: str) -> None:
    """Replace the one catalogue of everything."""
    app.extensions["babel"].instance.domain_instance = Words(host)
    app.jinja_env.globals[FOLDERS] = {}
    app.jinja_env.add_extension(PluginTemplates)


def add_plugin(app: APIFlask, name: str, package: Path, catalogues: Path) -> None:
    """Make a plugin's catalogues and the ways its templates say texts known."""
    words = app.extensions["babel"].instance.domain_instance
    assert isinstance(words, Words)
    words.add(name, catalogues)
    app.jinja_env.globals[FOLDERS][name] = package
    app.jinja_env.globals[_global(name, "gettext")] = _saying(name, gettext)
    app.jinja_env.globals[_global(name, "ngettext")] = _saying(name, ngettext)


def _saying(name: str, translate: Callable[..., str]) -> Callable[..., Markup]:
    def say(*texts: Any, **values: Any) -> Markup:
        with in_plugin(name):
            told = Markup(translate(*texts))
        return told % ({"num": texts[-1], **values} if len(texts) > 1 else values)

    return say


def said_by(plugin: str, message: str) -> str:
    """A plugin's text, or the host's for an empty name, in the reader's language."""
    with in_plugin(plugin):
        return str(gettext(message))


def speaking(plugin: str, view: Callable[..., Any]) -> Callable[..., Any]:
    """The same view, as the plugin's code."""

    @wraps(view)
    def spoken(*arguments: Any, **values: Any) -> Any:
        with in_plugin(plugin):
            return view(*arguments, **values)

    return spoken
