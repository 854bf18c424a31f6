"""The errors of the geometry engine: each says what is wrong, where, and how to mend it."""

from __future__ import annotations


class GisError(ValueError):
    """Base of all errors of `gis`.

    `code` is a stable slug for programs, `params` the values named in the message (for translation).
    """

    def __init__(self, message: str, *, code: str, **params: object) -> None:
        super().__init__(message)
        self.code = code
        self.params: dict[str, object] = params


class LatticeError(GisError):
    """Coordinates that cannot stand on the lattice."""


class CoverageError(GisError):
    """Polygons or edges that do not make the area asked for."""


class EditError(GisError):
    """A change that the coverage cannot take; `lon`, `lat` in `params` say where."""


class CrsError(GisError):
    """A coordinate reference system that is unknown, unusable or contradicted by the coordinates."""


class FormatError(GisError):
    """A file that cannot be read or written as a layer of polygons."""
