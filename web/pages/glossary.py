"""`/glossary`: the words of the house, explained."""

from __future__ import annotations

from apiflask import APIBlueprint
from flask import render_template

from web.context import language
from web.glossary import WORDS

bp = APIBlueprint("glossary", __name__, enable_openapi=False)


@bp.get("/glossary")
def show() -> str:
    """All words, in the reader's language first."""
    return render_template("glossary.html", words=WORDS, chinese=language() == "zh")
