"""Decisions on defects as forms hold them: a page of the list at a time, one choice for a whole kind."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from flask import request

from core.grids.repairs.proposals import LONGEST
from core.text import Text
from web.i18n import translate_text
from web.plan_words import table_word

A_PAGE: Final = 50
DIGITS: Final = 9
"""Of a number of a defect or a page."""


@dataclass
class Decisions:
    """What the form holds: the list, the choices that differ from the proposed ones, the reason, the page shown.

    :param again: whether they were made on another list and fit this one too; ``gone`` are those that do not.
    """

    token: str = ""
    choices: dict[int, str] = field(default_factory=dict)
    reason: str = ""
    page: int = 1
    again: bool = False
    gone: Sequence[Mapping[str, Any]] = ()

    def as_text(self) -> str:
        """The choices in one field, so that thousands of defects make no thousands of fields."""
        return "\n".join(f"{number}={choice}" for number, choice in sorted(self.choices.items()))

    def as_pairs(self) -> tuple[tuple[int, str], ...]:
        """The choices as the options of an import hold them."""
        return tuple(sorted(self.choices.items()))


def of_pairs(report: Mapping[str, Any], token: str | None, pairs: Iterable[tuple[int, str]]) -> Decisions:
    """The choices of options, where they were made on this list."""
    return Decisions(report["list"], dict(pairs) if token == report["list"] else {})


def in_words(report: dict[str, Any]) -> dict[str, Any]:
    """A kept list with its texts in the reader's language; of slivers also what they are slivers of."""
    for each in report["defects"]:
        detail = Text.from_json(each["detail"]) if each["detail"] else None
        each["sliver_of"] = detail.message if detail and each["kind"] == "sliver" else ""
        each["detail"] = translate_text(detail) if detail else ""
    return report


def sent(report: Mapping[str, Any]) -> Decisions:
    """What a form says: the choices kept, and those of the page shown."""
    found = Decisions(_text("list"), reason=_text("reason").strip()[:2000])
    found.page = max(1, request.form.get("page", 1, type=int))
    for line in _text("kept").splitlines():
        number, _equals, choice = line.partition("=")
        if _is_number(number):
            found.choices[int(number)] = choice.strip()
    proposed = {each["number"]: each["proposals"][0]["choice"] for each in report["defects"]}
    for name in request.form:
        number = name.removeprefix("choice-")
        if name.startswith("choice-") and _is_number(number):
            found.choices[int(number)] = _text(name)
    found.choices = {number: choice for number, choice in found.choices.items() if proposed.get(number) != choice}
    return found


def turned(act: str, rest: str, report: Mapping[str, Any], chosen: Decisions) -> bool:
    """Whether a button only turned the page (``page-2``), or chose for all defects of a kind (``kind-gap-longest``)."""
    if act == "page":
        chosen.page = max(1, int(rest)) if _is_number(rest) else 1
    elif act == "kind":
        kind, _dash, way = rest.rpartition("-")
        _choose_kind(report, chosen, kind, way)
    return act in ("page", "kind")


def _text(name: str) -> str:
    """What was sent, without what no text can hold: it is refused in words then, as any other that does not fit."""
    return request.form.get(name, "").replace("\0", "")


def _is_number(text: str) -> bool:
    """Whether it may number a defect or a page."""
    return text.isascii() and text.isdecimal() and len(text) <= DIGITS


def _choose_kind(report: Mapping[str, Any], chosen: Decisions, kind: str, way: str) -> None:
    """One choice for all defects of a kind."""
    for each in report["defects"]:
        if each["kind"] == kind and each["longest"]:
            chosen.choices.pop(each["number"], None)
            if way == LONGEST and each["longest"] != each["proposals"][0]["choice"]:
                chosen.choices[each["number"]] = each["longest"]


def laid_out(report: Mapping[str, Any], chosen: Decisions) -> dict[str, Any]:
    """What the templates need of a list: the defects of the page, and how many there are of each kind."""
    first = (chosen.page - 1) * A_PAGE
    shown = report["defects"][first : first + A_PAGE]
    return {"shown": shown, "first": first, "a_page": A_PAGE, "kinds": _kinds(report), "table_word": table_word}


def _kinds(report: Mapping[str, Any]) -> list[dict[str, Any]]:
    """How many defects of each kind, their area, and whether one choice can be made for all."""
    found: dict[str, dict[str, Any]] = {}
    for each in report["defects"]:
        own = found.setdefault(each["kind"], {"kind": each["kind"], "count": 0, "area_m2": 0.0, "open": False})
        own["count"] += 1
        own["area_m2"] += each["area_m2"] or 0.0
        own["open"] = own["open"] or bool(each["longest"])
    return sorted(found.values(), key=lambda own: -own["area_m2"])
