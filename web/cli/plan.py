"""`wangge plan …`: boundaries of a living city changed by plans."""

from __future__ import annotations

import datetime as dt
import json
import time
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from typing import Any
from uuid import UUID

import click

from core.db.base import new_id
from core.db.session import WorkSession, reading, work
from core.errors import DomainError
from core.grids.plans import drafts, queries, service
from core.grids.plans.drafts import NewPlan
from core.grids.plans.files import FileOptions
from core.grids.plans.previewing import preview_plan
from core.grids.plans.verdict import check_plan, mended_in
from core.grids.plans.views import PlanView
from core.grids.views import PLAN_STATES, PlanState
from web.cli.context import operator, with_database
from web.cli.output import answer, answer_lines, json_option, refuse_with, say
from web.cli.plan_files import code_of, export_command, file_options, plan_argument, say_mended, with_files
from web.cli.plan_texts import applied_text, plan_text, preview_text, say_plan, verdict_text
from web.i18n import translate_text
from web.plan_values import applied_values, line_values, misfit_values, plan_values, preview_values, verdict_values

OPS = click.Path(path_type=Path, exists=True, dir_okay=False)
MOST_LISTED = 200
Act = Callable[[WorkSession, UUID, int], PlanView]
"""Something done with a plan in the version that is given."""
MOMENT = click.DateTime(["%Y-%m-%dT%H:%M:%S%z", "%Y-%m-%dT%H:%M%z"])


class PlanGroup(click.Group):
    """Commands whose refusals are results too: scripts read the objections from stdout."""

    def invoke(self, ctx: click.Context) -> Any:
        """Run the command; a refusal is exit code 1."""
        try:
            return super().invoke(ctx)
        except DomainError as error:
            refuse_with(error, ctx)


@click.group("plan", cls=PlanGroup)
def group() -> None:
    """Plans of boundaries: drawn, checked, submitted, decided on, applied."""


group.add_command(export_command)


@group.command("new")
@click.option("--parent", default="", help="Code of the grid inside which it stays; of --revert, that of its plan.")
@click.option("--title", default="", help="One line; of --revert, the change's id.")
@click.option("--reason", default="", help="The decision behind it.")
@click.option("--revert", type=click.UUID, metavar="CHANGE", help="Draw what takes this change back.")
@with_database
def new_command(parent: str, title: str, reason: str, revert: UUID | None) -> None:
    """Begin a draft; prints its id alone, and what of a change no longer fits on stderr."""
    if revert is None and not (parent and title):
        raise click.UsageError("give --parent and --title, or --revert CHANGE")
    with work(operator()) as session:
        if revert is None:
            plan = drafts.create_plan(session, NewPlan(new_id(), parent, title, reason))
        else:
            command = NewPlan(
                new_id(), parent or queries.place_of_change(session, revert), title or f"revert {revert}", reason
            )
            plan, unfit = drafts.revert_change(session, command, revert)
            for why in unfit:
                say(f"does not fit: {translate_text(why)}")
    click.echo(str(plan.id))


@group.command("add")
@plan_argument
@click.option("--op", "text", help="One operation in JSON.")
@click.option("--ops", "ops", type=OPS, help="A file of operations, one JSON object a line.")
@click.option("--file", "file", type=OPS, help="A layer drawn elsewhere, such as in QGIS, in the place of all leaves.")
@file_options
@json_option
@with_database
def add(
    plan_id: UUID,
    text: str | None,
    ops: Path | None,
    file: Path | None,
    parent: str | None,
    as_json: bool,
    **values: Any,
) -> None:  # fmt: skip
    """Draw operations; all of them fit, or none is kept.

    --file takes the leaves of the plan's grid (or of --parent) as `grid export` writes them: a row with a code is that
    grid, without one it is a new grid, and grids without a row end. "file" in an operation (load, subdivide) is the
    same. Gaps and overlaps up to 10 cm wide are mended and told, wider ones refused.
    """
    if [text, ops, file].count(None) != 2:
        raise click.UsageError("give one of --op JSON, --ops FILE and --file FILE")
    drawn = [_object(text, "--op")] if text else _operations(ops) if ops else [{"op": "load", "file": str(file)}]
    with work(operator()) as session:
        plan = queries.plan_by_id(session, plan_id)
        drawn = with_files(session, drawn, parent or code_of(session, plan.parent_id), FileOptions(**values))
        plan = drafts.add_operations(session, plan_id, plan.version, drawn)
        mended = mended_in(session, plan_id) if file else ()
    say_mended(mended)
    say_plan(plan, as_json)


@group.command("check")
@plan_argument
@json_option
@with_database
def check(plan_id: UUID, as_json: bool) -> None:
    """What the plan would do to the city as it stands; writes nothing."""
    with reading(operator()) as session:
        row = verdict_values(check_plan(session, plan_id))
    answer(row, as_json, verdict_text)


@group.command("preview")
@plan_argument
@json_option
@with_database
def preview(plan_id: UUID, as_json: bool) -> None:
    """Who would be moved from where to where, grid by grid; nothing is kept."""
    with work(operator()) as session:
        row = preview_values(preview_plan(session, plan_id))
    answer(row, as_json, preview_text)


@group.command("return")
@plan_argument
@click.option("--comment", required=True, help="What shall be changed.")
@json_option
@with_database
def return_command(plan_id: UUID, comment: str, as_json: bool) -> None:
    """Give a submitted plan back, with the reason."""
    _take(plan_id, as_json, lambda session, plan_id, version: service.return_plan(session, plan_id, version, comment))


@group.command("approve")
@plan_argument
@click.option("--at", type=MOMENT, help="Apply it then, by a job; with offset.")
@click.option("--effective-on", type=click.DateTime(["%Y-%m-%d"]), help="The legal date, for the record.")
@json_option
@with_database
def approve(plan_id: UUID, at: dt.datetime | None, effective_on: dt.datetime | None, as_json: bool) -> None:
    """Approve a submitted plan."""
    day = effective_on.date() if effective_on else None
    _take(plan_id, as_json, partial(service.approve, apply_at=at, effective_on=day))


@group.command("apply")
@plan_argument
@click.option("--at", type=MOMENT, help="Apply it then, by a job; with offset.")
@json_option
@with_database
def apply(plan_id: UUID, at: dt.datetime | None, as_json: bool) -> None:
    """Make an approved plan the city's boundaries, now or at a moment."""
    if at is not None:
        _take(plan_id, as_json, partial(service.apply_later, apply_at=at))
        return
    began = time.monotonic()
    with work(operator()) as session:
        applied = service.apply_plan(session, plan_id, _version(session, plan_id))
    answer(applied_values(applied, time.monotonic() - began), as_json, applied_text)


@group.command("rebase")
@plan_argument
@json_option
@with_database
def rebase(plan_id: UUID, as_json: bool) -> None:
    """Draw a plan's operations anew on the city as it stands; what no longer fits falls out and is listed."""
    with work(operator()) as session:
        plan, unfit = drafts.rebase(session, plan_id, _version(session, plan_id))
    row = {**plan_values(plan), "unfit": [misfit_values(misfit) for misfit in unfit]}
    answer(row, as_json, plan_text)


@group.command("list")
@click.option("--state", type=click.Choice(PLAN_STATES), help="Only those in this state.")
@json_option
@with_database
def list_command(state: PlanState | None, as_json: bool) -> None:
    """The latest plans, the latest first."""
    with reading(operator()) as session:
        rows = [line_values(plan) for plan in queries.plans(session, state=state, limit=MOST_LISTED)]
    answer_lines(rows, as_json, lambda row: f"{row['id']}  {row['state']:10} {row['title']}")


@group.command("show")
@plan_argument
@json_option
@with_database
def show(plan_id: UUID, as_json: bool) -> None:
    """One plan with its operations."""
    with reading(operator()) as session:
        plan = queries.plan_by_id(session, plan_id)
    say_plan(plan, as_json)


@group.command("run")
@click.option("--parent", required=True, help="Code of the grid inside which it stays.")
@click.option("--ops", "file", type=OPS, required=True, help="A file of operations, one JSON object a line.")
@click.option("--title", default="", help="One line; else the name of the file.")
@json_option
@with_database
def run(parent: str, file: Path, title: str, as_json: bool) -> None:
    """Draw, submit, approve and apply a plan at once."""
    began = time.monotonic()
    operations = _operations(file)
    with work(operator()) as session:
        operations = with_files(session, operations, parent, FileOptions())
        applied = service.run_plan(session, NewPlan(new_id(), parent, title or file.stem), operations)
    answer(applied_values(applied, time.monotonic() - began), as_json, applied_text)


def _step(name: str, act: Act, about: str) -> None:
    """A command that takes one step in a plan's life and needs nothing but the plan."""

    @group.command(name, help=about)
    @plan_argument
    @json_option
    @with_database
    def _command(plan_id: UUID, as_json: bool) -> None:
        _take(plan_id, as_json, act)


_step("undo", drafts.undo, "Take the last operation back.")
_step("redo", drafts.redo, "Draw again what was taken back last.")
_step("submit", service.submit, "Hand a draft in for approval.")
_step("recall", service.recall, "Take a submitted plan back to go on drawing.")
_step("withdraw", service.withdraw, "Give a plan up for good; it stays on record.")


def _take(plan_id: UUID, as_json: bool, act: Act) -> None:
    """Do something with a plan as it stands, and print what it is then."""
    with work(operator()) as session:
        plan = act(session, plan_id, _version(session, plan_id))
    say_plan(plan, as_json)


def _version(session: WorkSession, plan_id: UUID) -> int:
    """Commands act on the plan as it stands."""
    return queries.plan_by_id(session, plan_id).version


def _operations(file: Path) -> list[Mapping[str, Any]]:
    """Operations of a file, one JSON object a line; files that they name lie beside it."""
    lines = file.read_text(encoding="utf-8-sig").splitlines()
    found = [_object(line, f"line {number}") for number, line in enumerate(lines, 1) if line.strip()]
    return [{**one, "file": str(file.parent / str(one["file"]))} if "file" in one else one for one in found]


def _object(text: str, where: str) -> Mapping[str, Any]:
    try:
        found = json.loads(text)
    except ValueError as error:
        raise click.UsageError(f"{where} is not JSON: {error}") from error
    if not isinstance(found, dict):
        raise click.UsageError(f'{where}: an operation is a JSON object such as {{"op": "merge", "grids": […]}}')
    return found
