"""The refusal of an operation that the coverage cannot take."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from core.errors import Refused
from core.text import Text


class Unfit(Refused):
    """An operation does not fit.

    :param place: lon, lat in degrees where it fails, when there is such a place.
    """

    def __init__(self, message: str | Text, /, *, place: tuple[float, float] | None = None, **params: Any) -> None:
        super().__init__(message, **params)
        self.place = place

    def facts(self) -> Mapping[str, Any]:
        """Where on the map."""
        return {} if self.place is None else dict(zip(("lon", "lat"), self.place, strict=True))
