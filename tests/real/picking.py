"""A part of a real layer as a file of its own, so that a test takes seconds."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from pyogrio.raw import read, write


def pick(source: Path, target: Path, where: str, layer: str | None = None, **renamed: Mapping[str, str]) -> Path:
    """Write the rows of a layer that meet ``where`` (OGR's SQL) to a GeoPackage.

    :param renamed: for a field, other values for some of its values.
    """
    meta, _fids, geometry, columns = read(str(source), layer=layer, where=where)
    fields = [str(name) for name in meta["fields"]]
    data: list[Any] = []
    for name, column in zip(fields, columns, strict=True):
        other = renamed.get(name, {})
        data.append(np.array([other.get(value, value) for value in column], dtype=object))
    crs = meta["crs"] or "EPSG:4326"
    write(str(target), geometry, data, fields, geometry_type="Unknown", crs=crs, driver="GPKG", layer="picked")
    return target
