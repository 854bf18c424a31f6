"""Layers that are only drawn, of any shapes, in parts: a million rows take no more memory than twenty thousand."""

from __future__ import annotations

import re
import struct
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from gis.errors import FormatError
from gis.formats import gdal, shapefile
from gis.formats.dbf import read_table
from gis.formats.layer import Value, samples, stated_crs
from gis.formats.read import NAMED_BY_FILE, Source, choose_any, whose_crs
from gis.notes import Note

AT_ONCE = 20_000
"""Rows read at a time."""
SAMPLED = 200
TAGS = "other_tags"
"""Where GDAL puts those tags of OpenStreetMap that have no field of their own."""


@dataclass(frozen=True)
class Wanted:
    """Which fields are passed on: for each role the first of its candidates that is there; fields as they are named.

    A candidate may be a field, in any case of letters, or a tag of OpenStreetMap inside `other_tags`. A role in
    `must` was named by a person: without its field nothing is read.
    """

    roles: Mapping[str, Sequence[str]] = field(default_factory=dict)
    fields: Sequence[str] = ()
    must: Sequence[str] = ()


@dataclass(frozen=True)
class About:
    """What is known of a layer before its rows: fields with samples, and the field that each role got."""

    name: str
    layers: tuple[str, ...]
    fields: dict[str, list[str]]
    found: dict[str, str]
    crs: str | None
    crs_by: Literal["file", "standard"]
    encoding: str | None
    notes: tuple[Note, ...]


@dataclass(frozen=True)
class Part:
    """Some rows: WKB object[n], None where a row has no shape; of each role and field n values."""

    wkb: NDArray[np.object_]
    columns: dict[str, list[Value]]


def read_drawn(path: Path, layer: str | None, encoding: str | None, wanted: Wanted) -> Iterator[About | Part]:
    """The layer's facts, then its rows in parts.

    Raises FormatError as `read_layer` for what hinders opening the file, `unknown_field` for a field that is asked for
    and not there, `empty_layer` where there is no row.
    """
    with tempfile.TemporaryDirectory(prefix="layer-") as folder:
        name, source, layers = choose_any(path, layer, encoding, Path(folder))
        reader = _Shapefile(source, encoding, Path(folder)) if source.kind == "shp" else _Gdal(source, name)
        wkb, fields, crs, notes = reader.rows(0, SAMPLED, None)
        if wkb is None or not len(wkb):
            raise FormatError("The layer holds no rows. Choose another one.", code="empty_layer")
        stated, crs_by = whose_crs(source, crs)
        text, doubt = stated_crs(stated)
        found = _found(fields, wanted)
        yield About(
            name, layers, {key: samples(values) for key, values in fields.items()}, found, text, crs_by,
            reader.encoding, (*source.notes, *notes, *doubt),
        )  # fmt: skip
        columns = {each.partition(":")[0] if each.startswith(f"{TAGS}:") else each for each in found.values()}
        start = 0
        while True:
            wkb, fields, _crs, _notes = reader.rows(start, AT_ONCE, columns | set(wanted.fields))
            count = 0 if wkb is None else len(wkb)
            if count:
                yield Part(wkb, _columns(fields, found, wanted))
            if count < AT_ONCE:
                return
            start += AT_ONCE


class _Gdal:
    """Rows of a file that GDAL reads together with its table."""

    def __init__(self, source: Source, name: str) -> None:
        self._source = source
        self._layer: str | int = 0 if source.kind in NAMED_BY_FILE else name
        self.encoding = source.encoding

    def rows(self, start: int, most: int, columns: set[str] | None) -> gdal.Rows:
        """Up to `most` rows after the first `start`."""
        return gdal.read_part(self._source.path, self._source.kind, self._layer, columns=columns, skip=start, most=most)


class _Shapefile:
    """Rows of a shapefile: shapes by GDAL, and of its table the same rows by our own reader."""

    def __init__(self, source: Source, encoding: str | None, workdir: Path) -> None:
        self._parts, self._stated = shapefile.parts_of(source.path), encoding
        table = self._parts[".dbf"]
        self._table = np.memmap(table, mode="r", dtype=np.uint8) if table.stat().st_size else np.empty(0, np.uint8)
        self._shapes = workdir / "shapes" / "layer.shp"
        self._shapes.parent.mkdir()
        for suffix in (".shp", ".shx"):
            self._shapes.with_suffix(suffix).symlink_to(self._parts[suffix].resolve())
        self.encoding: str | None = None

    def rows(self, start: int, most: int, _columns: set[str] | None) -> gdal.Rows:
        """Up to `most` living rows of those after the first `start`; deleted ones have no shape."""
        wkb, _, _, said = gdal.read_part(self._shapes, "shp", 0, columns=(), skip=start, most=most)
        table = read_table(self._slice(start, most), shapefile.code_page(self._parts), self._stated)
        self.encoding = self.encoding or table.encoding
        count = 0 if wkb is None else len(wkb)
        if count != len(table.living):
            raise FormatError(
                f"The shapefile has {start + count} shapes, but {start + len(table.living)} rows in its table.",
                code="damaged",
                shapes=start + count,
                rows=start + len(table.living),
            )
        if count:
            wkb[~table.living] = None
        return wkb, table.fields, shapefile.projection(self._parts), [*table.notes, *said]

    def _slice(self, start: int, most: int) -> bytes:
        """The table's bytes as those of a table with these rows alone."""
        head = self._table[:32].tobytes()
        if len(head) < 32:
            return bytes(head)
        rows, header, size = struct.unpack("<IHH", head[4:12])
        kept = max(min(most, rows - start), 0)
        whole = self._table[:header].tobytes()
        body = self._table[header + start * size : header + (start + kept) * size].tobytes()
        return bytes(whole[:4] + struct.pack("<I", kept) + whole[8:] + body)


def _found(fields: Mapping[str, list[Value]], wanted: Wanted) -> dict[str, str]:
    """For each role its field, `other_tags:<tag>` where it is a tag."""
    by_case = {name.lower(): name for name in reversed(list(fields))}
    tags = {key for text in fields.get(TAGS, []) for key in _tags(text)}
    found = {}
    for role, candidates in wanted.roles.items():
        names = (by_case.get(each.lower()) or (f"{TAGS}:{each}" if each in tags else None) for each in candidates)
        chosen = next(filter(None, names), None)
        if chosen is not None:
            found[role] = chosen
        elif role in wanted.must:
            raise _unknown_field(candidates[0], fields)
    for name in wanted.fields:
        if name not in fields:
            raise _unknown_field(name, fields)
    return found


def _unknown_field(name: str, fields: Mapping[str, list[Value]]) -> FormatError:
    listed = ", ".join(fields) or "none"
    return FormatError(
        f"There is no field {name!r}; there is: {listed}.", code="unknown_field", field=name, fields=list(fields)
    )


def _columns(fields: Mapping[str, list[Value]], found: Mapping[str, str], wanted: Wanted) -> dict[str, list[Value]]:
    columns: dict[str, list[Value]] = {name: fields[name] for name in wanted.fields}
    for role, name in found.items():
        tag = name.removeprefix(f"{TAGS}:")
        columns[role] = fields[name] if tag == name else [_tags(text).get(tag) for text in fields[TAGS]]
    return columns


def _tags(text: Any) -> dict[str, str]:
    """Key and value of `"key"=>"value","key"=>"value"`, as GDAL writes tags."""
    if not isinstance(text, str):
        return {}
    pairs = re.findall(r'"((?:[^"\\]|\\.)*)"=>"((?:[^"\\]|\\.)*)"', text)
    return {re.sub(r"\\(.)", r"\1", key): re.sub(r"\\(.)", r"\1", value) for key, value in pairs}
