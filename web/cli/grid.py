"""`wangge grid …`: boundaries in and out, the proof, points to grids."""

from __future__ import annotations

import datetime as dt
import sys
import time
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

import click

from core.db.session import reading, work
from core.errors import DomainError, NotFound, Refused
from core.grids.draft import ImportOptions, Prepared
from core.grids.exporting import export_grids, write_findings
from core.grids.gistext import explain
from core.grids.importing import apply, prepare, read
from core.grids.locating import locate
from core.grids.proof import check_coverage
from core.grids.queries import children, grid_by_code, history, tree
from core.grids.views import GridView, StateView
from gis.errors import GisError
from gis.lattice import SCALE, quantise
from web.cli.context import operator, with_database
from web.cli.output import REFUSED, answer, answer_lines, json_option, refuse, say
from web.cli.points import degrees, locate_csv
from web.i18n import translate_text

SHOWN_DEFECTS = 20
FILE = click.Path(path_type=Path, dir_okay=False)


class Moment(click.ParamType[dt.date]):
    """A date or a moment in ISO form."""

    name = "time"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> dt.datetime | dt.date:
        """A date stays a date: it means its end."""
        if isinstance(value, dt.date):
            return value
        try:
            return dt.date.fromisoformat(value) if len(value) == 10 else dt.datetime.fromisoformat(value)
        except ValueError:
            self.fail(f"{value} is no date or time; write 2026-11-24 or 2026-11-24T08:00+08:00", param, ctx)


as_of_option = click.option("--as-of", type=Moment(), help="Date or time in the past; a date means its end.")
crs_option = click.option("--crs", help="EPSG:4548, gcj02, bd09, …: insists on a coordinate system.")


@click.group("grid")
def group() -> None:
    """Boundaries: import, check, locate, show, tree, export, history."""


@group.command("import")
@click.argument("file", type=click.Path(path_type=Path, exists=True))
@click.option("--layer", help="Layer of a file that has several.")
@click.option("--level", required=True, help="Level of the layer's polygons: city county street community grid micro.")
@click.option("--parent", help="Code of the grid they go under; unset: the root.")
@click.option("--root", help="CODE:NAME of a root made from the layer's outline, on an empty tree.")
@click.option("--nest", multiple=True, help="FIELD=LEVEL: a coarser level, dissolved on a field; coarsest first.")
@click.option("--code-field", help="Field of the codes; unset: recognised by usual names.")
@click.option("--name-field", help="Field of the names; unset: recognised by usual names.")
@crs_option
@click.option("--encoding", help="Encoding of the texts, as gbk.")
@click.option("--duplicate-codes", type=click.Choice(["refuse", "merge"]), default="refuse", show_default=True)
@click.option("--scheme", default="free", show_default=True, help="Code scheme: free or S15.")
@click.option("--clean", is_flag=True, help="Repair with the least change that proves.")
@click.option("--gap-width-m", type=float, default=0.0, show_default=True, help="Close gaps up to this width.")
@click.option("--defects", type=FILE, help="Write the defects as a layer into this GeoPackage.")
@click.option("--valid-from", type=Moment(), help="From when the grids hold; unset: now.")
@click.option("--reason", default="", help="Why, for the record.")
@click.option("--dry-run", is_flag=True, help="Say everything, write nothing.")
@json_option
@with_database
def import_command(file: Path, as_json: bool, nest: tuple[str, ...], defects: Path | None, **values: Any) -> None:
    """Bring a boundary file in as grids, proven; exit code 1 when it is refused."""
    started = time.monotonic()
    if defects is not None and defects.suffix.lower() not in (".gpkg", ".geojson"):
        raise click.UsageError("--defects FILE must end in .gpkg or .geojson")
    options = ImportOptions(nest=tuple(_pair(item) for item in nest), **_moments(values))
    try:
        layer = read(file, options)
    except GisError as error:
        _answer_unreadable(translate_text(explain(error)), as_json, started)
    try:
        with work(operator()) as session:
            prepared = prepare(session, layer, options)
            change = None
            if not prepared.refused and not options.dry_run:
                change = str(apply(session, prepared).id)
    except DomainError as error:
        _answer_unreadable(translate_text(error.text), as_json, started)
    if defects is not None and prepared.findings:
        say(f"{write_findings(prepared.findings, defects)} defects written to {defects}")
    report = prepared.report(change=change, seconds=time.monotonic() - started, translate=translate_text)
    answer(report, as_json, lambda _report: _import_text(prepared, report))
    if prepared.refused:
        sys.exit(REFUSED)


def _moments(values: dict[str, Any]) -> dict[str, Any]:
    moment = values["valid_from"]
    if isinstance(moment, dt.date) and not isinstance(moment, dt.datetime):
        values["valid_from"] = dt.datetime.combine(moment, dt.time(), dt.UTC)
    return values


def _pair(item: str) -> tuple[str, str]:
    field, equals, level = item.partition("=")
    if not equals:
        raise click.UsageError(f"--nest {item}: write FIELD=LEVEL")
    return field, level


def _answer_unreadable(reason: str, as_json: bool, started: float) -> None:
    """A file that is no layer, or a state that forbids it: the same answer, refused."""
    report: dict[str, Any] = {
        "change": None, "grids": {}, "cleaned": False, "max_shift_m": 0.0, "changed_area_m2": 0.0, "defects": [],
        "exact": False, "refused": True, "reason": reason, "seconds": round(time.monotonic() - started, 3),
    }  # fmt: skip
    if as_json:
        answer(report, as_json, str)
    refuse(reason)


def _import_text(prepared: Prepared, report: Mapping[str, Any]) -> str:
    lines = [translate_text(warning) for warning in prepared.warnings]
    levels = ", ".join(f"{level} {count}" for level, count in report["grids"].items())
    for finding in report["defects"][:SHOWN_DEFECTS]:
        place = f"{finding['lon']:.6f},{finding['lat']:.6f}" if finding["lon"] is not None else ""
        area = f"{finding['area_m2']:,.1f} m²" if finding["area_m2"] is not None else ""
        lines.append(f"{finding['kind']:12} {area:>18}  {place:24} {' '.join(finding['codes'])}")
    if len(report["defects"]) > SHOWN_DEFECTS:
        lines.append(f"… {len(report['defects']) - SHOWN_DEFECTS} more (--json, --defects FILE.gpkg)")
    for changed in report["changes"][:SHOWN_DEFECTS]:
        lines.append(f"{changed['code']}: +{changed['gained_m2']:,.1f} m² −{changed['lost_m2']:,.1f} m²")
    if prepared.refused:
        lines.append(str(report["reason"]))
    else:
        verb = "would come in" if report["change"] is None else "came in"
        lines.append(f"exact; {verb}: {levels} ({report['seconds']} s)")
    return "\n".join(lines)


@group.command()
@click.argument("code", required=False)
@as_of_option
@json_option
@with_database
def check(code: str | None, as_of: dt.date | None, as_json: bool) -> None:
    """Prove the coverage: every set of siblings against its parent; exit code 1 when it is not exact."""
    with work(operator()) as session:
        result = check_coverage(session, code, as_of).as_json()
    answer(result, as_json, _check_text)
    if not result["exact"]:
        sys.exit(REFUSED)


def _check_text(row: Mapping[str, Any]) -> str:
    if row["root"] is None:
        return "there are no grids yet"
    levels = ", ".join(f"{level} {count}" for level, count in row["levels"].items())
    verdict = "exact: no gap, no overlap" if row["exact"] else "NOT exact"
    lines = [
        f"{verdict}",
        f"root {row['root']} · {levels} · leaves {row['leaves']:,} · {row['area_m2'] / 1e6:,.3f} km²",
        f"edges {row['edges']:,} · unmatched {row['unmatched']:,} · invalid {row['invalid']} · gaps {row['gaps']}"
        f" · overlaps {row['overlaps']} · by {row['method']} in {row['seconds']} s",
    ]
    lines += [f"{d['kind']} {' '.join(d['codes'])} {d['area_m2']} m² {d['lon']},{d['lat']}" for d in row["defects"]]
    return "\n".join(lines)


@group.command("locate", context_settings={"ignore_unknown_options": True})  # so that -118.2 is a number
@click.argument("lon", type=float, required=False)
@click.argument("lat", type=float, required=False)
@click.option("--csv", "csv_file", type=click.Path(path_type=Path, exists=True, dir_okay=False), help="File of points.")
@click.option("--lon-field", default="lon", show_default=True)
@click.option("--lat-field", default="lat", show_default=True)
@click.option("--out", type=FILE, help="Where the file with the columns grid and path goes.")
@crs_option
@as_of_option
@json_option
@with_database
def locate_command(
    lon: float | None,
    lat: float | None,
    csv_file: Path | None,
    lon_field: str,
    lat_field: str,
    out: Path | None,
    crs: str | None,
    as_of: dt.date | None,
    as_json: bool,
) -> None:
    """The grid of one point, or of every point of a CSV file; exit code 1 when the point lies outside."""
    if csv_file is not None:
        if out is None:
            raise click.UsageError("--csv needs --out")
        with reading(operator()) as session:
            counts = locate_csv(session, csv_file, out, lon_field, lat_field, crs, as_of)
        answer(counts, as_json, lambda row: "  ".join(f"{name} {value}" for name, value in row.items()))
        return
    if lon is None or lat is None:
        raise click.UsageError("give LON LAT, or --csv FILE --out FILE")
    x, y = quantise(degrees([[lon, lat]], crs))[0].tolist()
    with reading(operator()) as session:
        found = locate(session, x, y, as_of)
    if found is None:
        raise NotFound("%(lon)s, %(lat)s lies outside the city", lon=x / SCALE, lat=y / SCALE)
    row = {"code": found.code, "path": list(found.path_codes), "name": found.name, "level": found.level}
    answer(row, as_json, lambda r: f"{r['code']}  {r['name']}  ({' › '.join(r['path'])})")


@group.command()
@click.argument("code")
@as_of_option
@json_option
@with_database
def show(code: str, as_of: dt.date | None, as_json: bool) -> None:
    """One grid: code, name, level, area, parent, children."""
    with reading(operator()) as session:
        found = _found(grid_by_code(session, code, as_of), code)
        row = _row(found)
        row["children"] = [child.code for child in children(session, code, as_of)]
    answer(row, as_json, lambda r: "\n".join(f"{name:10} {value}" for name, value in r.items()))


def _found(grid: GridView | None, code: str) -> GridView:
    if grid is None:
        raise NotFound("There is no grid with code %(code)s", code=code)
    return grid


def _row(grid: GridView) -> dict[str, Any]:
    return {
        "code": grid.code,
        "name": grid.name,
        "level": grid.level,
        "kind": grid.kind,
        "parent": grid.path_codes[-2] if len(grid.path_codes) > 1 else None,
        "path": list(grid.path_codes),
        "area_m2": round(grid.area_m2, 3),
        "lon": grid.lon,
        "lat": grid.lat,
        "valid_from": grid.valid_from.isoformat(),
    }


def _period(state: StateView) -> dict[str, Any]:
    facts = asdict(state).items()
    return {name: value.isoformat() if isinstance(value, dt.datetime) else value for name, value in facts}


@group.command("tree")
@click.argument("code", required=False)
@as_of_option
@json_option
@with_database
def tree_command(code: str | None, as_of: dt.date | None, as_json: bool) -> None:
    """All grids at and below CODE, parents before children."""
    with reading(operator()) as session:
        rows = tree(session, code, as_of)
        if code is not None and not rows:
            raise NotFound("There is no grid with code %(code)s", code=code)
    lines = [{"code": r.code, "name": r.name, "level": r.level, "parent": r.parent, "leaves": r.leaves} for r in rows]
    answer_lines(lines, as_json, lambda r: f"{r['level']:10} {r['code']:20} {r['name']}  {r['leaves']}")


@group.command("export")
@click.argument("code")
@click.argument("file", type=FILE)
@click.option("--all-levels", is_flag=True, help="Every level, not the leaves alone.")
@json_option
@with_database
def export_command(code: str, file: Path, all_levels: bool, as_json: bool) -> None:
    """Write grids into a GeoPackage or GeoJSON file, vertex for vertex on the lattice."""
    if file.exists():
        raise Refused("%(file)s exists already; choose another name", file=str(file))
    with work(operator()) as session:
        count = export_grids(session, code, file, all_levels=all_levels)
    answer({"file": str(file), "grids": count}, as_json, lambda row: f"{row['grids']} grids in {row['file']}")


@group.command("history")
@click.argument("code")
@json_option
@with_database
def history_command(code: str, as_json: bool) -> None:
    """Every period of a grid's life, newest first."""
    with reading(operator()) as session:
        found = _found(grid_by_code(session, code), code)
        rows = [_period(state) for state in history(session, found.id)]
    answer_lines(rows, as_json, lambda r: "  ".join(f"{value}" for value in r.values()))
