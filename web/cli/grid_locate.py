"""`wangge grid locate`: the grid of one point, or of every point of a file."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import click

from core.db.session import reading
from core.errors import NotFound
from core.grids.locating import locate
from gis.lattice import SCALE, point
from web.cli.context import operator, with_database
from web.cli.grid_options import FILE, as_of_option, crs_option
from web.cli.output import answer, json_option, say
from web.cli.points import BadRow, Places, degrees, locate_csv


@click.command("locate", context_settings={"ignore_unknown_options": True})  # so that -118.2 is a number
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
        bad: list[BadRow] = []
        with reading(operator()) as session:
            counts = locate_csv(session, csv_file, out, Places(lon_field, lat_field, crs), as_of, bad)
        for fault in bad:
            say(f"line {fault.line}: {fault.why}")
        answer(counts, as_json, lambda row: "  ".join(f"{name} {value}" for name, value in row.items()))
        return
    if lon is None or lat is None:
        raise click.UsageError("give LON LAT, or --csv FILE --out FILE")
    x, y = point(*degrees([[lon, lat]], crs)[0].tolist())
    with reading(operator()) as session:
        found = locate(session, x, y, as_of)
    if found is None:
        raise NotFound("%(lon)s, %(lat)s lies outside the city", lon=x / SCALE, lat=y / SCALE)
    row = {"code": found.code, "path": list(found.path_codes), "name": found.name, "level": found.level}
    answer(row, as_json, lambda r: f"{r['code']}  {r['name']}  ({' › '.join(r['path'])})")
