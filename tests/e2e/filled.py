"""What a form of a page would send as it stands, read from its HTML as a browser does."""

from __future__ import annotations

from html.parser import HTMLParser


class _Reader(HTMLParser):
    def __init__(self, form: str) -> None:
        super().__init__()
        self.wanted, self.form, self.select, self.found = form, "", "", {}

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        if tag == "form":
            self.form = given.get("id") or ""
        name, value = given.get("name") or "", given.get("value") or ""
        if tag == "option" and self.select:
            if "selected" in given or self.select not in self.found:
                self.found[self.select] = value
        elif (given.get("form") or self.form) == self.wanted and name:
            ticked = given.get("type") not in ("radio", "checkbox") or "checked" in given
            if tag == "select":
                self.select = name
            elif tag == "input" and ticked:
                self.found[name] = value

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self.form = ""
        elif tag == "select":
            self.select = ""


def filled(page: str, form: str) -> dict[str, str]:
    """Names and values of the form with this id, those of controls elsewhere that belong to it included.

    What is another in each answer, the word against forgery, is left out.
    """
    reader = _Reader(form)
    reader.feed(page)
    return {name: value for name, value in reader.found.items() if name != "csrf_token"}
