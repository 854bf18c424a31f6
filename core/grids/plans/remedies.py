"""What may be done about a file that a plan refuses, in words for every door: page, API and command line."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Final

from core.errors import Objection, Refused
from core.intake.refusals import Code, Refusal
from core.text import Text
from core.text import noop as _

REMEDIES: Final[Mapping[Code, str]] = {
    "code_field": _("Give the codes in a field “code” as text, or name their field (code_field)"),
    "crs": _("Save the layer again in its true coordinate system, most likely %(crs)s, or state it (crs)"),
    "encoding": _("Save the layer again as a GeoPackage, or state the text encoding (encoding)"),
    "encoding_as": _("Save the layer again as a GeoPackage, or state the text encoding %(encoding)s (encoding)"),
    "insist_crs": _("If the file is right all the same, insist on %(crs)s (crs)"),
    "layer": _("Save the layer that is meant in a file of its own, or name it (layer)"),
    "name_field": _("Give the names in a field “name”, or name their field (name_field)"),
    "parent": _("Take the file of this grid, or draw a plan of the grid whose leaves the file holds"),
    "true_crs": _("Or save the layer again in its true coordinate system, or state that (crs)"),
}
"""In brackets the option of API and command line; the page has none of them."""


@contextmanager
def remedied() -> Iterator[None]:
    """What a refused file says can be done, as objections, which every door shows."""
    try:
        yield
    except Refusal as refusal:
        ways = [
            Objection(Text(REMEDIES[remedy.code], remedy.params), code=remedy.code)
            for remedy in refusal.remedies
            if remedy.code in REMEDIES
        ]
        raise Refused(refusal.text, objections=ways) from refusal
