"""A file for a layer that is there already: asked is whether it takes its place, before anything is written."""

from __future__ import annotations

from typing import Any

from sqlalchemy import select

from core.db.session import WorkSession
from core.errors import Refused
from core.layers.models import ReferenceLayer
from core.layers.views import LayerOptions, LayerView
from core.text import noop as _


class Taken(Refused):
    """There is a layer of that code, and nobody said that the file takes its place.

    :param layer: as it stands.
    :param brings: features that the file would put in the place of those of the layer.
    :param free: a code under which the file can lie beside it.
    """

    def __init__(self, layer: LayerView, brings: int, free: str) -> None:
        super().__init__(
            _("The layer %(code)s (%(title)s) holds %(features)s features already; the file has %(brings)s"),
            code=layer.code, title=layer.title_zh, features=f"{layer.features:,}", brings=f"{brings:,}",
        )  # fmt: skip
        self.layer, self.brings, self.free = layer, brings, free

    def as_json(self) -> dict[str, Any]:
        """What is asked, as data."""
        names = ("code", "title_zh", "title_en", "features", "source", "licence", "file_name")
        there = {name: getattr(self.layer, name) for name in names}
        there["imported_at"] = self.layer.imported_at.isoformat()
        return {"there": there, "mark": self.layer.mark, "brings": self.brings, "free_code": self.free}


def gives_way(layer: LayerView, options: LayerOptions) -> bool:
    """Whether somebody said that the file takes the place of this layer as it stands."""
    return options.replace or options.replaces == layer.mark


def free_code(session: WorkSession, code: str) -> str:
    """The first of ``code-2``, ``code-3`` … that no layer has."""
    stem = code[:36]
    known = set(session.scalars(select(ReferenceLayer.code).where(ReferenceLayer.code.startswith(f"{stem}-"))))
    number = 2
    while f"{stem}-{number}" in known:
        number += 1
    return f"{stem}-{number}"
