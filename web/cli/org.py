"""`wangge org …`: departments, and who walks which grid."""

from __future__ import annotations

from pathlib import Path

import click

from core.db.session import reading, work
from core.org.importing import import_workers
from core.org.queries import departments
from core.org.service import SaveDepartment, save_department
from web.cli.context import operator, with_database
from web.cli.output import answer, answer_lines, json_option


@click.group("org")
def group() -> None:
    """Departments and posts."""


@group.command("departments")
@json_option
@with_database
def departments_command(as_json: bool) -> None:
    """Every department with the number of its people."""
    with reading(operator()) as session:
        rows = [{"code": d.code, "name": d.name, "people": d.people} for d in departments(session)]
    answer_lines(rows, as_json, lambda r: f"{r['code']:20} {r['name']}  {r['people']}")


@group.command("add-department")
@click.argument("code")
@click.argument("name")
@click.option("--parent", help="Code of the department above.")
@json_option
@with_database
def add_department(code: str, name: str, parent: str | None, as_json: bool) -> None:
    """Make a department, or change the one with this code."""
    with work(operator()) as session:
        made = save_department(session, SaveDepartment(code, name, parent))
    answer({"id": str(made), "code": code}, as_json, lambda r: f"{r['code']}")


@group.command("import-workers")
@click.argument("file", type=click.Path(path_type=Path, exists=True, dir_okay=False))
@json_option
@with_database
def import_workers_command(file: Path, as_json: bool) -> None:
    """Bring in who walks which grid from an XLSX list; nothing is written when any row is wrong."""
    with work(operator()) as session:
        taken = import_workers(session, file.read_bytes())
    told = "{people} people, {posts} posts filled, {deputies} deputies, {unchanged} rows unchanged"
    answer(taken.counts(), as_json, lambda r: told.format(**r))
    for one in taken.differences:
        click.echo(f"row {one.row}, {one.who}: the post is named {one.now}, not {one.listed}; left as it is", err=True)
