"""Files of points: each row gets the grid that owns it, a million rows in constant memory."""

from __future__ import annotations

import codecs
import csv
import datetime as dt
import itertools
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np

from core.db.session import WorkSession
from core.errors import Invalid, Refused
from core.gistext import explain
from core.grids.locating import locate_many
from core.grids.queries import grids_by_ids
from core.text import noop as _
from gis.crs import named_crs, to_cgcs2000
from gis.errors import CrsError
from gis.lattice import Floats, quantise

CHUNK: Final = 200_000
NO_PLACE: Final = -2
DEGREES: Final = "EPSG:4490"
OF_ONE_POINT: Final = frozenset({"not_degrees", "outside_crs", "no_inverse"})
"""Errors that one coordinate makes; the rest say that the system is the wrong one for the file."""
COLUMNS: Final = ("grid", "path")
SHOWN_BAD: Final = 5
"""Rows without usable coordinates that are named; the rest are only counted."""
SURPLUS: Final = "\0surplus"
"""Where the reader puts cells beyond the last column; they are not written again."""


@dataclass(frozen=True)
class BadRow:
    """A row without usable coordinates: its last line in the file, and why."""

    line: int
    why: str


@dataclass(frozen=True)
class Places:
    """Where a row says its place: the columns of longitude and latitude, and their system (by default degrees)."""

    lon_field: str
    lat_field: str
    crs: str | None = None

    @property
    def fields(self) -> tuple[str, str]:
        """Names of the two columns."""
        return self.lon_field, self.lat_field

    def of(self, rows: Sequence[dict[str, Any]]) -> Floats:
        """CGCS2000 degrees of each row; not finite where it has no usable coordinates."""
        numbers = np.array([[_number(row[field]) for field in self.fields] for row in rows], np.float64)
        usable = np.isfinite(numbers).all(axis=1)
        if usable.any():
            numbers[usable] = _degrees_or_nan(numbers[usable], self.crs)
        return numbers


def degrees(points: Sequence[Sequence[float]] | Floats, crs: str | None) -> Floats:
    """Points in CGCS2000 degrees, float64[n, 2].

    :raises Invalid: where the coordinate system is none, or cannot hold them.
    """
    try:
        return to_cgcs2000(np.asarray(points, np.float64), named_crs(crs or DEGREES))
    except CrsError as error:
        reason = explain(error)
        raise Invalid(reason.message, **reason.params) from error


def _degrees_or_nan(points: Floats, crs: str | None) -> Floats:
    """As ``degrees``, with NaN for those of many points that the coordinate system cannot hold."""
    try:
        return degrees(points, crs)
    except Invalid as error:
        if len(points) == 1:
            return np.full((1, 2), np.nan)
        if isinstance(error.__cause__, CrsError) and error.__cause__.code not in OF_ONE_POINT:
            raise
        half = len(points) // 2
        return np.concatenate([_degrees_or_nan(points[:half], crs), _degrees_or_nan(points[half:], crs)])


def locate_csv(
    session: WorkSession,
    source: Path,
    target: Path,
    places: Places,
    as_of: dt.date | None,
    bad: list[BadRow] | None = None,
) -> dict[str, Any]:
    """Write ``source`` with the columns grid and path into ``target``.

    Rows without usable coordinates count as invalid and keep both columns empty; ``bad`` gets the first of them.
    """
    started = time.monotonic()
    _check_target(source, target)
    counts = {"points": 0, "located": 0, "outside": 0, "invalid": 0}
    names: dict[int, tuple[str, str]] = {}
    part = target.with_name(f".{target.name}.part")
    try:
        with (
            source.open(encoding=_encoding(source), newline="") as came,
            part.open("w", encoding="utf-8", newline="") as goes,
        ):
            reader = csv.DictReader(came, restkey=SURPLUS)
            columns = [*_fields(reader, places), *COLUMNS]
            writer = csv.DictWriter(goes, columns, lineterminator="\n", extrasaction="ignore")
            writer.writeheader()
            for lines, rows in _chunks(reader):
                _count(counts, owners := _owners(session, places.of(rows), as_of))
                if bad is not None:
                    _name_bad(bad, lines, rows, owners, places.fields)
                _learn(session, names, owners, as_of)
                for row, owner in zip(rows, owners.tolist(), strict=True):
                    row["grid"], row["path"] = names.get(owner, ("", ""))
                    writer.writerow(row)
        part.replace(target)
    except (csv.Error, UnicodeDecodeError) as error:
        raise Invalid("%(file)s is no CSV file: %(detail)s", file=source.name, detail=str(error)) from error
    finally:
        part.unlink(missing_ok=True)
    return {**counts, "seconds": round(time.monotonic() - started, 3)}


def _check_target(source: Path, target: Path) -> None:
    if target.resolve() == source.resolve():
        raise Refused(_("%(file)s would be written over itself; name another file"), file=str(target))
    if not target.parent.is_dir():
        raise Refused(_("There is no folder %(folder)s; make it, or name another"), folder=str(target.parent))


def _encoding(source: Path) -> str:
    """UTF-8 with or without a mark, else what Chinese spreadsheets write."""
    with source.open("rb") as file:
        decoder = codecs.getincrementaldecoder("utf-8")()
        try:
            for block in iter(lambda: file.read(1 << 20), b""):
                decoder.decode(block)
        except UnicodeDecodeError:
            return "gb18030"
    return "utf-8-sig"


def _fields(reader: csv.DictReader[str], places: Places) -> list[str]:
    fields = list(reader.fieldnames or [])
    for name in places.fields:
        if name not in fields:
            raise Invalid(
                "The file has no column %(name)s; its columns are: %(columns)s", name=name, columns=", ".join(fields)
            )
    for name in COLUMNS:
        if name in fields:
            raise Invalid("The file has a column %(name)s already; rename it", name=name)
    return fields


def _chunks(reader: csv.DictReader[str]) -> Iterator[tuple[list[int], list[dict[str, Any]]]]:
    """Rows with the number of their last line, many at a time."""
    numbered = ((reader.line_num, row) for row in reader)
    while part := list(itertools.islice(numbered, CHUNK)):
        yield [line for line, _row in part], [row for _line, row in part]


def _name_bad(
    bad: list[BadRow], lines: Sequence[int], rows: Sequence[dict[str, Any]], owners: Any, fields: tuple[str, str]
) -> None:
    for place in np.flatnonzero(owners == NO_PLACE).tolist()[: SHOWN_BAD - len(bad)]:
        values = [str(rows[place][field] or "").strip() for field in fields]
        if all(np.isfinite(_number(value)) for value in values):
            why = "is no place of this coordinate system"
        else:
            why = "is empty" if not all(values) else "is no pair of numbers"
        bad.append(BadRow(lines[place], f"{', '.join(values)} {why}" if any(values) else "no coordinates"))


def _owners(session: WorkSession, points: Floats, as_of: dt.date | None) -> Any:
    """Grid id of each point, −1 outside, −2 without coordinates."""
    usable = np.isfinite(points).all(axis=1)
    owners = np.full(len(points), NO_PLACE, np.int64)
    if usable.any():
        owners[usable] = locate_many(session, quantise(points[usable]), as_of)
    return owners


def _count(counts: dict[str, int], owners: Any) -> None:
    counts["points"] += len(owners)
    counts["invalid"] += int((owners == NO_PLACE).sum())
    counts["located"] += int((owners >= 0).sum())
    counts["outside"] += int((owners == -1).sum())


def _number(value: str | None) -> float:
    try:
        return float(value) if value else float("nan")
    except ValueError:
        return float("nan")


def _learn(session: WorkSession, names: dict[int, tuple[str, str]], owners: Any, as_of: dt.date | None) -> None:
    fresh = [owner for owner in np.unique(owners).tolist() if owner >= 0 and owner not in names]
    for grid_id, view in grids_by_ids(session, fresh, as_of).items():
        names[grid_id] = (view.code, "/".join(view.path_codes))
