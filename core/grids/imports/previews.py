"""What a checked import looks like, as files beside the upload: outlines, what moved, defects; for map and download."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final
from uuid import UUID

import numpy as np
import shapely

from core.db.session import WorkSession
from core.errors import NotFound
from core.grids.called import called
from core.grids.exporting import write_findings
from core.grids.findings import Finding
from core.grids.imports.draft import ImportOptions, Prepared
from core.grids.imports.rows import CODE_FIELDS, NAME_FIELDS, field_of, plain_text
from core.grids.imports.uploads import folder_of
from core.grids.sketches import feature, for_screen, write_features
from core.text import noop as _
from gis.crs import parse_crs, transform_geometries
from gis.errors import GisError
from gis.formats import Layer
from gis.lattice import Geometries, to_degrees

OUTLINES: Final = "outlines.geojson"
CHANGES: Final = "changes.geojson"
DEFECTS: Final = "defects.geojson"
DEFECTS_PACKAGE: Final = "defects.gpkg"
FILES: Final = (OUTLINES, CHANGES, DEFECTS, DEFECTS_PACKAGE)
MOST_OUTLINES: Final = 5000
MOST_STRIPS: Final = 5000
"""Of what mending moved the largest pieces are drawn; the figures count all."""
MOST_DEFECTS: Final = 2000


def write_previews(folder: Path, layer: Layer, prepared: Prepared) -> None:
    """Write outlines, changes and defects of a checked import into ``folder``; ids are positions in the report.

    No outlines where nobody knows where the file's polygons lie.
    """
    outlines = _outlines(layer, prepared)
    (folder / OUTLINES).unlink(missing_ok=True)
    if outlines:
        write_features(folder / OUTLINES, outlines)
    write_features(folder / CHANGES, _changes(prepared))
    shown = enumerate(prepared.findings[:MOST_DEFECTS])
    write_features(folder / DEFECTS, (_defect(number, finding, prepared) for number, finding in shown))
    (folder / DEFECTS_PACKAGE).unlink(missing_ok=True)
    if prepared.findings:
        write_findings(prepared.findings, folder / DEFECTS_PACKAGE)


def preview_file(session: WorkSession, key: UUID, name: str) -> Path:
    """One of ``FILES`` as the last check of an upload wrote it.

    :raises NotFound: where there is no such upload, or it has no such file.
    """
    assert name in FILES
    path = folder_of(session, key) / name
    if not path.is_file():
        raise NotFound(_("The last check wrote no such file"))
    return path


def has_outlines(session: WorkSession, key: UUID) -> bool:
    """Whether the last check knew where the polygons lie."""
    return (folder_of(session, key) / OUTLINES).is_file()


def _outlines(layer: Layer, prepared: Prepared) -> list[dict[str, Any]]:
    """The grids to be born at the layer's own level; where none came of it, the file's polygons as they lie."""
    births = [birth for birth in prepared.births if birth.level == prepared.options.level]
    if births:
        shapes = for_screen(to_degrees(np.array([birth.polygon for birth in births], dtype=object)))
        names = [(birth.code, birth.name) for birth in births]
    else:
        shapes = for_screen(_raw(layer, prepared))
        names = _rows_called(layer, prepared.options)
    features = []
    for number, ((code, name), shape) in enumerate(zip(names[:MOST_OUTLINES], shapes, strict=False)):
        if shape is not None and not shape.is_empty:
            properties = {"title": name, "text": code, "kind": "grid"}
            features.append(feature(f"grid-{number}", properties, shape))
    return features


def _rows_called(layer: Layer, options: ImportOptions) -> list[tuple[str, str]]:
    """Code and name of each row as the file has them; without a name the code stands for it, else the row's number."""
    codes, names = (
        _column(layer, wanted, usual)
        for wanted, usual in ((options.code_field, CODE_FIELDS), (options.name_field, NAME_FIELDS))
    )
    rows = enumerate(zip(codes, names, strict=True), 1)
    return [(code, name or code or str(number)) for number, (code, name) in rows]


def _column(layer: Layer, wanted: str | None, usual: Sequence[str]) -> list[str]:
    """Texts of a field, wanted or usual; empty ones where the layer has it not."""
    field = wanted if wanted in layer.fields else field_of(layer, None, usual, "code_field")
    return [plain_text(value) for value in layer.fields[field]] if field else [""] * len(layer.geometries)


def _changes(prepared: Prepared) -> list[dict[str, Any]]:
    """What each grid gained and lost, its largest pieces; nothing where mending moved nothing."""
    moved = np.array([change.moved for change in prepared.area_changes], dtype=object)
    pieces, owner = shapely.get_parts(moved, return_index=True)
    largest = np.argsort(-shapely.area(pieces), kind="stable")[:MOST_STRIPS]
    pieces, owner = to_degrees(pieces[largest]), owner[largest]
    features = []
    for number, change in enumerate(prepared.area_changes):
        own = pieces[owner == number]
        if len(own):
            told = {"kind": "moved", "text": _called(prepared, change.code)}
            areas = {"gained_m2": change.gained_m2, "lost_m2": change.lost_m2}
            features.append(feature(f"change-{number}", {**told, **areas}, shapely.multipolygons(own)))
    return features


def _called(prepared: Prepared, code: str) -> str:
    return called(code, prepared.names.get(code, ""))


def _raw(layer: Layer, prepared: Prepared) -> Geometries:
    stated = prepared.crs or prepared.options.crs or layer.crs
    if stated is None:
        return np.array([], dtype=object)
    try:
        return transform_geometries(layer.geometries, parse_crs(stated))
    except GisError:
        return np.array([], dtype=object)


def _defect(number: int, finding: Finding, prepared: Prepared) -> dict[str, Any]:
    properties = {
        "kind": finding.kind,
        "title": finding.kind,
        "text": ", ".join(_called(prepared, code) for code in finding.codes),
        "area_m2": finding.area_m2,
        "width_m": finding.width_m,
    }
    return feature(number, properties, finding.shape)
