"""What can be wrong with a row of the matrix, each fault at its place."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final
from uuid import UUID

from core.errors import Objection
from core.responsibility.commands import Offices
from core.responsibility.views import Kinds
from core.text import Text
from core.text import noop as _

MOST_ASSISTANTS: Final = 20


def subject_faults(kind: str, category: str, kinds: Kinds) -> list[Objection]:
    """What is wrong with what a row is for."""
    if kind and category:
        return [_fault("/category", Text(_("Give a kind of matter or a category, not both")))]
    if kind and kind not in kinds:
        return [_fault("/kind", Text(_("There is no kind of matter named %(kind)s"), {"kind": kind}))]
    if category and category not in kinds.values():
        unknown = Text(_("No kind of matter has the category %(category)s"), {"category": category})
        return [_fault("/category", unknown)]
    return []


def office_faults(offices: Offices, known: Mapping[str, UUID]) -> list[Objection]:
    """What is wrong with the departments of a row."""
    named = [("/lead", offices.lead), *(("/assistants", code) for code in offices.assistants)]
    named += [("/fallback", offices.fallback)] if offices.fallback else []
    unknown = _("There is no department with code %(code)s")
    faults = [_fault(pointer, Text(unknown, {"code": code})) for pointer, code in named if code not in known]
    twice = [code for at, (_pointer, code) in enumerate(named) if code in [other for _p, other in named[:at]]]
    faults += [
        _fault("/assistants", Text(_("The department %(code)s stands in the row twice"), {"code": code}))
        for code in dict.fromkeys(twice)
    ]
    if len(offices.assistants) > MOST_ASSISTANTS:
        most = Text(_("At most %(most)s departments assist"), {"most": MOST_ASSISTANTS})
        faults.append(_fault("/assistants", most))
    return faults


def _fault(pointer: str, text: Text) -> Objection:
    return Objection(text, Text(_("Choose one from the list")), pointer, "responsibility")
