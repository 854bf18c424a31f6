"""A file for a layer that is there already: asked is whether it takes its place, before anything is written."""

from __future__ import annotations

from typing import Any

from core.errors import Refused
from core.layers.views import LayerOptions, LayerView
from core.text import noop as _


class Taken(Refused):
    """The file is for a layer that is there, and nobody said that it takes its place.

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
        names = ("code", "kind", "title_zh", "title_en", "features", "source", "licence", "file_name")
        there = {name: getattr(self.layer, name) for name in names}
        there["imported_at"] = self.layer.imported_at.isoformat()
        return {"there": there, "mark": self.layer.mark, "brings": self.brings, "free_code": self.free}


def gives_way(layer: LayerView, options: LayerOptions) -> bool:
    """Whether somebody said that the file takes the place of this layer as it stands."""
    return options.replace or options.replaces == layer.mark
