"""Commands of the plugin."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path

import click
from wangge import work
from wangge.cli import answer, json_option, operator

from wangge_security import rooms


@click.command("import-rooms")
@click.argument("file", type=click.Path(path_type=Path, exists=True, dir_okay=False))
@click.option("--dry-run", is_flag=True, help="Say what would be done and write nothing.")
@json_option
def import_rooms(file: Path, dry_run: bool, as_json: bool) -> None:
    """Load the mediation rooms from FILE.

    It is a CSV table with the columns name, lon, lat, category, address, hours, office_phone.
    """
    with work(operator()) as session:
        done = rooms.import_rooms(session, file.read_bytes(), dry_run=dry_run)
    answer(asdict(done), as_json, lambda row: ", ".join(f"{row[key]} {key}" for key in ("added", "changed", "outside")))
