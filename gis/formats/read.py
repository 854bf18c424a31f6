"""From a file of any supported format to a Layer: recognise, unpack, choose the layer, read."""

from __future__ import annotations

import json
import re
import tempfile
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal

from gis.errors import FormatError
from gis.formats import gdal, shapefile
from gis.formats.archive import MAX_BYTES, safe_stem, unpack
from gis.formats.geojson import crs_member
from gis.formats.layer import Layer, stated_crs
from gis.formats.text import UTF8, Cell, choose
from gis.notes import Note, note

HEAD_BYTES = 65536
LAYER_SUFFIXES = frozenset({".gpkg", ".fgb", ".geojson", ".json", ".topojson", ".kml"})
# As JSON writes it: behind an even number of backslashes.
NUL = re.compile(rb"(?<!\\)(?:\\\\)*\\u0000")
NAMED_BY_FILE = frozenset({"geojson", "fgb", "shp"})
DEGREES = "EPSG:4326"
XML_ENCODING = re.compile(rb"""\s*<\?xml[^>]*?encoding=["']([\w.-]+)["'][^>]*\?>""")
READABLE = "GeoPackage, Shapefile (zipped), GeoJSON, TopoJSON, FlatGeobuf or KML"


@dataclass(frozen=True)
class Source:
    """A file that holds layers: its format, where it lies, its own name without suffix.

    `encoding` is that of its text once it is known, `notes` are what was put right on the way.
    """

    kind: str
    path: Path
    stem: str
    encoding: str | None = None
    notes: tuple[Note, ...] = ()


def _unknown(what: str) -> FormatError:
    return FormatError(f"{what} Send a {READABLE}.", code="unknown_format")


def _kind_of(path: Path) -> str:
    """Tell a format by the first bytes alone; what a file is called proves nothing."""
    with path.open("rb") as file:
        head = file.read(HEAD_BYTES)
    if not head:
        raise FormatError("The file is empty (0 bytes). Export the layer again.", code="empty_file")
    if head.startswith((b"PK\x03\x04", b"PK\x05\x06")):
        return "zip"
    if head.startswith(b"SQLite format 3\0"):
        return "gpkg"
    if head.startswith(b"fgb"):
        return "fgb"
    if head.startswith(b"\x00\x00\x27\x0a"):
        return "shp"
    if head.startswith((b"Rar!", b"7z\xbc\xaf\x27\x1c", b"\x1f\x8b")):
        raise _unknown("RAR, 7z and gzip archives cannot be read: unpack it, pack it as zip.")
    start = _ascii(head).lstrip()
    if start.startswith("{"):
        return "topojson" if re.search(r'"type"\s*:\s*"Topology"', _ascii(head + _tail(path))) else "geojson"
    if re.match(r"<(\?xml|kml|!--)", start) and re.search(r"<(\w+:)?kml[\s>]", start):
        if "<!DOCTYPE" in start or "<!ENTITY" in start:
            raise FormatError(
                "The KML declares a document type or entities. Export it again without.", code="unknown_format"
            )
        return "kml"
    raise _unknown("This is no GIS file that can be read.")


def _tail(path: Path) -> bytes:
    with path.open("rb") as file:
        file.seek(max(path.stat().st_size - HEAD_BYTES, 0))
        return file.read()


def _ascii(data: bytes) -> str:
    """The ASCII characters of some text in any encoding, UTF-16 included."""
    return bytes(b for b in data if 0 < b < 128).decode("ascii")


def _sources(path: Path, workdir: Path) -> list[Source]:
    """All layer files that `path` is or holds, under harmless names in `workdir`."""
    path = path.resolve()
    if not path.is_file():
        raise FormatError(f"There is no file {path.name!r}.", code="not_found", name=path.name)
    if path.stat().st_size > MAX_BYTES:
        raise FormatError(
            f"The file has {path.stat().st_size / 1e6:,.0f} MB, at most {MAX_BYTES / 1e6:,.0f} MB are allowed. "
            "Split the layer.",
            code="too_large",
            bytes=path.stat().st_size,
            limit=MAX_BYTES,
        )
    kind = _kind_of(path)
    if kind == "zip":
        return _zipped(path, workdir)
    if kind == "shp":
        return [Source("shp", path, path.stem)]
    return [_placed(path, kind, path.stem, workdir)]


def _placed(path: Path, kind: str, stem: str, workdir: Path) -> Source:
    """Give a file a name that no library can misread, with the suffix of its format."""
    link = workdir / f"{safe_stem(stem)}.{kind}"
    number = 1
    while link.exists():
        number += 1
        link = workdir / f"{safe_stem(stem)}_{number}.{kind}"
    link.symlink_to(path)
    return Source(kind, link, stem)


def _zipped(path: Path, workdir: Path) -> list[Source]:
    parts = workdir / "members"
    parts.mkdir()
    members = unpack(path, parts, LAYER_SUFFIXES | shapefile.SUFFIXES)
    sources = [Source("shp", shp, stem) for shp, stem in shapefile.assemble(members, workdir)]
    for member in members:
        if member.path.suffix in LAYER_SUFFIXES:
            kind = _kind_of(member.path)
            if kind in ("zip", "shp"):
                raise _unknown(f"{member.name.name!r} in the zip is not what its name says.")
            sources.append(_placed(member.path, kind, member.name.stem, workdir))
    if not sources:
        raise FormatError(
            f"The zip holds no layer. Pack a {READABLE} in it (a shapefile with its .shp, .shx, .dbf, .prj).",
            code="zip_no_layer",
        )
    return sources


def _named(
    sources: list[Source], encoding: str | None, workdir: Path, names: Callable[[Path], list[str]] = gdal.layer_names
) -> list[tuple[str, Source]]:
    """Every layer with the file that holds it; `names` lists those of a file with several."""
    listed = []
    for source in sources:
        if source.kind in NAMED_BY_FILE:
            listed.append((source.stem, source))
        else:
            ready = _as_utf8(source, encoding, workdir)
            listed.extend((name, ready) for name in names(ready.path))
    return listed


def choose_any(
    path: Path, layer: str | None, encoding: str | None, workdir: Path
) -> tuple[str, Source, tuple[str, ...]]:
    """The chosen layer, of whatever shapes, the file that holds it, and the names of all layers of the file.

    `workdir` is a folder of the caller's, in which a zip is unpacked. Raises FormatError as `read_layer` for all that
    hinders opening the file.
    """
    named = _named(_sources(path, workdir), encoding, workdir, gdal.all_layer_names)
    names = [name for name, _ in named]
    if not names:
        raise FormatError("The file holds no layer with shapes. Choose another one.", code="no_layer")
    if layer is not None and layer not in names:
        raise FormatError(
            f"There is no layer {layer!r}; there is: {', '.join(names)}.",
            code="no_such_layer",
            layer=layer,
            layers=names,
        )
    name, source = _pick(named, layer)
    return name, source if source.kind == "shp" else _as_utf8(source, encoding, workdir), tuple(names)


def _as_utf8(source: Source, stated: str | None, workdir: Path) -> Source:
    """A copy of a text file in UTF-8 where it is not; binary formats are UTF-8 by their own standard."""
    if source.encoding is not None:
        return source
    if source.kind not in ("geojson", "topojson", "kml"):
        unused = note(
            f"The stated encoding was not used: {source.kind} text is always UTF-8.",
            code="encoding_unused",
            kind=source.kind,
        )
        return replace(source, encoding=UTF8, notes=(unused,) if stated else ())
    data = source.path.read_bytes()
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        stated = stated or "utf-16"
    declaration = XML_ENCODING.match(data.removeprefix(b"\xef\xbb\xbf"))
    declared = declaration[1].decode() if declaration else None
    encoding, notes = choose([Cell(data, False)], stated, declared, "the text of the file")
    as_it_is = encoding == UTF8 and (declared is None or declared.lower() == UTF8)
    if not as_it_is:
        data = re.sub(r"^\ufeff?\s*<\?xml[^>]*\?>", "", data.decode(encoding)).encode()
    if source.kind != "kml" and NUL.search(data):
        raise FormatError(
            "A text of the file holds the character \\u0000, at which it would be cut off. Take it out.",
            code="nul_in_text",
        )
    if as_it_is:
        return replace(source, encoding=UTF8, notes=notes)
    folder = Path(tempfile.mkdtemp(dir=workdir))
    copy = folder / source.path.name
    copy.write_bytes(data)
    return replace(source, path=copy, encoding=encoding, notes=notes)


def _pick(named: list[tuple[str, Source]], layer: str | None) -> tuple[str, Source]:
    names = [name for name, _ in named]
    listing = ", ".join(repr(name) for name in names[:20])
    twins = sorted({name for name in names if names.count(name) > 1 and layer in (None, name)})
    if twins:
        raise FormatError(
            f"Several layers of the file are named {', '.join(map(repr, twins))}. Rename them, or send each in a file "
            "of its own.",
            code="layers_named_alike",
            twins=twins,
            layers=sorted(set(names) - set(twins)),
        )
    if layer is None:
        if len(named) == 1:
            return named[0]
        if not named:
            raise FormatError("The file holds no layer with shapes.", code="no_polygons")
        raise FormatError(
            f"The file holds {len(names)} layers: {listing}. Choose one of them.",
            code="choose_layer",
            layers=names,
        )
    for name, source in named:
        if name == layer:
            return name, source
    raise FormatError(
        f"There is no layer {layer!r} that could hold polygons; there is {listing or 'none'}.",
        code="unknown_layer",
        layer=layer,
        layers=names,
    )


def read_layer(path: Path | str, layer: str | None = None, encoding: str | None = None) -> Layer:
    """Read one layer of polygons.

    `layer` may be left out when there is but one; else the error's `layers` names those there are. `encoding`
    insists on the encoding of the text; without it the file's declaration counts as long as the bytes agree, then
    UTF-8, then GBK.

    Raises FormatError whose code says what is wrong: `not_found`, `empty_file`, `too_large`, `unknown_format`,
    `damaged`, `missing_part`, `zip_…`, `choose_layer`, `layers_named_alike`, `unknown_layer`, `empty_layer`,
    `no_polygons`, `mixed_geometry`, `curves`, `broken_ring`, `not_finite`, `too_many_vertices`, `number_too_long`,
    `nul_in_text`, `wrong_encoding`, `unknown_encoding`.
    """
    with tempfile.TemporaryDirectory(prefix="layer-") as folder:
        workdir = Path(folder)
        named = _named(_sources(Path(path), workdir), encoding, workdir)
        name, source = _pick(named, layer)
        layers = tuple(name for name, _ in named)
        if source.kind == "shp":
            return replace(shapefile.read(source.path, name, encoding), layers=layers)
        source = _as_utf8(source, encoding, workdir)
        inside = 0 if source.kind in NAMED_BY_FILE else name
        wkb, fields, crs, said = gdal.read(source.path, source.kind, inside)
        stated, crs_by = whose_crs(source, crs)
        found, doubt = stated_crs(stated)
        if source.kind == "topojson":
            said.extend(_left_out(source.path, name, 0 if wkb is None else len(wkb)))
        notes = (*source.notes, *said, *doubt)
        return Layer(name, gdal.shapes(wkb), fields, found, source.encoding, notes, layers, crs_by)


def whose_crs(source: Source, crs: str | None) -> tuple[str | None, Literal["file", "standard"]]:
    """The CRS as the file names it, else by its format's standard."""
    if source.kind in ("kml", "topojson"):
        return crs or DEGREES, "standard"
    if source.kind != "geojson":
        return crs, "file"
    named = crs_member(source.path)
    if named is None:
        return DEGREES, "standard"
    return named, "file"


def _left_out(path: Path, layer: str, read: int) -> list[Note]:
    """Say how many rows of a TopoJSON have no shape at all: GDAL leaves such rows out."""
    rows = json.loads(path.read_text(encoding="utf-8-sig"))["objects"][layer].get("geometries", [None])
    lost = len(rows) - read
    return [note(f"{lost} rows without a shape were left out.", code="rows_left_out", count=lost)] if lost > 0 else []
