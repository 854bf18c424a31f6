"""The responsibility matrix in words: kinds and categories as lists and forms name them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from flask_babel import force_locale, gettext

from core.matters.kinds import kinds, owner
from core.org.views import Office
from core.responsibility.views import Claim, Kinds, Proof
from web.matter_words import kind_groups, kind_title
from web.plugin_words import word

LANGUAGES: Final = ("zh", "en")


def known_kinds() -> Kinds:
    """The kinds of the enabled plugins and the host's own, each with its category."""
    return {kind.name: kind.category for kind in kinds()}


def list_words() -> dict[str, str]:
    """Names of the kinds by what a list may call them: their titles in either language, where one kind alone has it."""
    titles = []
    for language in LANGUAGES:
        with force_locale(language):
            titles += [(word(owner(kind.name), kind.title), kind.name) for kind in kinds()]
    taken = [title for title, _name in dict.fromkeys(titles)]
    return {title: name for title, name in titles if taken.count(title) == 1}


def subject_title(kind: str, category: str) -> str:
    """What a row is for, in the reader's language."""
    if kind:
        return kind_title(kind)
    if category:
        told: str = gettext("Category %(category)s", category=category)
        return told
    every: str = gettext("All matters")
    return every


def subject_choices() -> list[tuple[str, Any]]:
    """What a row can be for, as the options of a form: ``all``, ``category:…``, ``kind:…``."""
    categories = sorted({category for category in known_kinds().values() if category})
    wide = [("all", subject_title("", "")), *((f"category:{one}", subject_title("", one)) for one in categories)]
    groups = [(group, [(f"kind:{name}", title) for name, title in found]) for group, found in kind_groups()]
    return [(gettext("Several kinds"), wide), *groups]


def subject_value(kind: str, category: str) -> str:
    """The option of a form for what a row is for."""
    if kind:
        return f"kind:{kind}"
    return f"category:{category}" if category else "all"


def subject_of(value: str) -> tuple[str, str]:
    """Kind and category of an option."""
    what, _colon, name = value.partition(":")
    return (name, "") if what == "kind" else ("", name)


def claim_values(claim: Claim) -> dict[str, Any]:
    """A row as the API and the command line show it."""
    return {
        "id": str(claim.id),
        "kind": claim.kind,
        "category": claim.category,
        "grid": claim.grid_code,
        "grid_name": claim.grid_name,
        "lead": claim.lead.code,
        "lead_name": claim.lead.name,
        "assistants": [office.code for office in claim.assistants],
        "fallback": claim.fallback.code if claim.fallback else "",
        "answers": claim.answering is not None,
        "version": claim.version,
    }


def proof_values(proof: Proof) -> dict[str, Any]:
    """The proof as the API and the command line tell it, where it fails by kind and topmost grid."""
    return {
        "kinds": proof.kinds,
        "leaves": proof.leaves,
        "holes": proof.holes,
        "doubles": proof.doubles,
        "exact": proof.exact,
        "findings": [
            {
                "kind": one.kind,
                "defect": one.defect,
                "grid": one.grid_code,
                "grid_name": one.grid_name,
                "leaves": one.leaves,
                "leads": [claim.lead.code for claim in one.claims],
            }
            for one in proof.findings
        ],
        "stale": [str(claim.id) for claim in proof.stale],
    }


def list_rows(claims: Sequence[Claim], codes: Mapping[str, str]) -> list[tuple[str, ...]]:
    """The rows of the list, which can come back as they are.

    :param codes: of the open departments by name, where one alone bears it.
    """
    names = {code: name for name, code in codes.items()}
    words = list_words()

    def told(*offices: Office | None) -> str:
        return "、".join(names.get(office.code, office.code) for office in offices if office)

    return [
        (kind_title(claim.kind) if words.get(kind_title(claim.kind)) == claim.kind else claim.kind, claim.category,
         claim.grid_code, claim.grid_name, told(claim.lead), told(*claim.assistants), told(claim.fallback))
        for claim in claims
    ]  # fmt: skip
