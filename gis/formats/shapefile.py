"""Shapefiles: the parts gathered, the shapes by GDAL, the table by our own reader."""

from __future__ import annotations

import shutil
import struct
import tempfile
from pathlib import Path

import numpy as np

from gis.errors import FormatError
from gis.formats import gdal
from gis.formats.archive import Member
from gis.formats.dbf import read_table
from gis.formats.layer import Layer, stated_crs

SUFFIXES = frozenset({".shp", ".shx", ".dbf", ".prj", ".cpg"})
NEEDED = (".shp", ".shx", ".dbf")


def assemble(members: list[Member], workdir: Path) -> list[tuple[Path, str]]:
    """Lay the parts that belong together side by side as layer.*; give each .shp with the layer's name."""
    found = []
    for number, shp in enumerate(m for m in members if m.path.suffix == ".shp"):
        folder = workdir / f"shapefile{number}"
        folder.mkdir()
        key = (shp.name.parent, shp.name.stem.lower())
        for member in members:
            if (member.name.parent, member.name.stem.lower()) == key and member.path.suffix in SUFFIXES:
                shutil.move(member.path, folder / f"layer{member.path.suffix}")
        found.append((folder / "layer.shp", shp.name.stem))
    return found


def parts_of(shp: Path) -> dict[str, Path]:
    """The files beside a .shp that belong to it, by suffix, whatever the case of their letters."""
    parts = {
        path.suffix.lower(): path
        for path in sorted(shp.parent.iterdir())
        if path.stem.lower() == shp.stem.lower() and path.suffix.lower() in SUFFIXES and path.is_file()
    }
    missing = [suffix for suffix in NEEDED if suffix not in parts]
    if missing:
        raise FormatError(
            f"The shapefile lacks its {', '.join(missing)} file. Send .shp, .shx, .dbf and .prj together, zipped.",
            code="missing_part",
            missing=missing,
        )
    _refuse_cut(parts[".shp"])
    return parts


def code_page(parts: dict[str, Path]) -> str | None:
    """The encoding that the .cpg names, where there is one."""
    return parts[".cpg"].read_text(encoding="latin-1")[:64] if ".cpg" in parts else None


def projection(parts: dict[str, Path]) -> str:
    """What the .prj says; empty where there is none."""
    text = parts[".prj"].read_text(encoding="utf-8", errors="replace") if ".prj" in parts else ""
    return text.strip("\ufeff \r\n\0")


def _refuse_cut(shp: Path) -> None:
    with shp.open("rb") as file:
        head = file.read(28)
    if len(head) < 28 or 2 * struct.unpack(">i", head[24:28])[0] > shp.stat().st_size:
        raise FormatError(
            "The shapes (.shp) are cut off: the file is shorter than it says. Send it again.", code="damaged"
        )


def read(shp: Path, name: str, encoding: str | None) -> Layer:
    """Read a shapefile from its .shp and the files beside it. Raises FormatError as `read_layer`."""
    parts = parts_of(shp)
    with tempfile.TemporaryDirectory(prefix="shapes-") as folder:
        for suffix in (".shp", ".shx"):
            (Path(folder) / f"layer{suffix}").symlink_to(parts[suffix].resolve())
        wkb, _, _, said = gdal.read(Path(folder) / "layer.shp", "shp", 0)
    table = read_table(parts[".dbf"].read_bytes(), code_page(parts), encoding)
    count = 0 if wkb is None else len(wkb)
    if count != len(table.living):
        raise FormatError(
            f"The shapefile has {count} shapes, but {len(table.living)} rows in its table. Export it again.",
            code="damaged",
            shapes=count,
            rows=len(table.living),
        )
    crs, doubt = stated_crs(projection(parts))
    living = np.flatnonzero(table.living)
    fields = {field: [values[i] for i in living] for field, values in table.fields.items()}
    geometries = gdal.shapes(wkb[living] if count else None)
    return Layer(name, geometries, fields, crs, table.encoding, (*table.notes, *said, *doubt))
