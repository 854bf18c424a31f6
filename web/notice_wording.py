"""What leaves the house, in the catalogues' words and with the pages' addresses."""

from __future__ import annotations

from core.notices.views import About
from core.text import Text
from web.i18n import catalogue, translate_text
from web.notice_links import link_of


class Worded:
    """The wording of the job worker: no request says a language there."""

    def say(self, said: Text, language: str) -> str:
        """A text in a language."""
        return translate_text(said, catalogue(language).gettext)

    def path(self, about: About) -> str:
        """Path of the page of what a notice is about."""
        return link_of(about)
