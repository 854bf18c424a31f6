"""How a file of boundaries is read, whatever it shall become."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class ReadOptions:
    """What is unset is recognised, or as the file says.

    :param layer: of a file that holds several.
    :param code_field: field of the codes; unset: recognised by its usual names (``name_field`` likewise).
    :param crs: insists on a coordinate system.
    """

    layer: str | None = None
    code_field: str | None = None
    name_field: str | None = None
    crs: str | None = None
    encoding: str | None = None
