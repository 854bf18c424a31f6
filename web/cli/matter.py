"""`wangge matter …`: report, list, show, step."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from uuid import UUID

import click

from core.db.base import new_id
from core.db.session import WorkSession, reading, work
from core.files.service import store_photo
from core.matters.commands import ReportMatter, TakeStep
from core.matters.filters import MatterFilter
from core.matters.inputs import read_input
from core.matters.life_rows import life_rows
from core.matters.listing import MOST, PAGE, TABS, list_matters
from core.matters.places import Place
from core.matters.queries import matter_by_id, matter_by_number
from core.matters.service import report_matter, take_step
from core.matters.views import MatterView
from core.responsibility.proving import prove
from core.responsibility.queries import claims
from web.cli.context import operator, with_database
from web.cli.output import answer, answer_lines, json_option
from web.matter_values import detail_values, matter_values
from web.responsibilities import claim_values, known_kinds, proof_values

PHOTO = click.Path(path_type=Path, exists=True, dir_okay=False)

crs_option = click.option("--crs", default="EPSG:4490", show_default=True, help="EPSG:4548, gcj02, bd09, …")
photo_option = click.option("--photo", "photos", type=PHOTO, multiple=True, help="A photo; may be repeated.")


class JsonObject(click.ParamType[Mapping[str, Any]]):
    """An object in JSON."""

    name = "json"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Mapping[str, Any]:
        """The object."""
        if isinstance(value, Mapping):
            return value
        try:
            found = json.loads(value)
        except ValueError as error:
            self.fail(f"not JSON: {error}", param, ctx)
        if not isinstance(found, dict):
            self.fail('a JSON object is needed, as in {"level": "general"}', param, ctx)
        return found


class FieldValue(click.ParamType[tuple[str, str]]):
    """A field and the value it must have."""

    name = "name=value"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> tuple[str, str]:
        """The two parts."""
        field, equals, wanted = str(value).partition("=")
        if not (field and equals):
            self.fail("a field and its value are needed, as in level=grave", param, ctx)
        return field, wanted


@click.group("matter")
def group() -> None:
    """Matters: report, list, show, take a step; who answers for them."""


@group.command("report")
@click.option("--kind", required=True, help="Kind of matter, as in general or emergency.hazard.")
@click.option("--lon", type=float, help="Longitude; without a place the matter is unlocated.")
@click.option("--lat", type=float, help="Latitude.")
@crs_option
@click.option("--title", required=True, help="One line.")
@click.option("--text", default="", help="What there is to say.")
@click.option("--form", type=JsonObject(), default="{}", help="The kind's own fields as a JSON object.")
@click.option("--happened-at", type=click.DateTime(["%Y-%m-%dT%H:%M:%S%z", "%Y-%m-%dT%H:%M%z"]), help="With offset.")
@click.option("--id", "matter_id", type=click.UUID, help="UUIDv7; the same one again gives the same answer.")
@photo_option
@json_option
@with_database
def report(
    kind: str,
    lon: float | None,
    lat: float | None,
    crs: str,
    title: str,
    text: str,
    form: Mapping[str, Any],
    happened_at: dt.datetime | None,
    matter_id: UUID | None,
    photos: tuple[Path, ...],
    as_json: bool,
) -> None:
    """Report a matter; it falls into its grid by itself."""
    with work(operator()) as session:
        command = ReportMatter(
            id=matter_id or new_id(),
            kind=kind,
            title=title,
            text=text,
            place=_place(lon, lat, crs),
            happened_at=happened_at,
            form=form,
            files=_store(session, photos),
            source="cli",
        )
        body = report_matter(session, command).body
    answer(
        {name: body[name] for name in ("id", "number", "grid", "state")},
        as_json,
        lambda values: f"{values['number']}  {values['grid'] or 'unlocated'}  {values['state']}  {values['id']}",
    )


@group.command("list")
@click.option("--tab", type=click.Choice(TABS), default="area", show_default=True)
@click.option("--grid", default="", help="Code of a grid; all below it is meant.")
@click.option("--state", default="", help="A state, or open.")
@click.option("--kind", default="")
@click.option("--q", default="", help="Parts of title, text or number.")
@click.option("--due", default="", help="late, or a number of days: open ones due by then.")
@click.option("--since", default="", help="First day, as 2026-10-01, on which they were reported.")
@click.option("--field", "fields", type=FieldValue(), multiple=True, help="A field of the form; `*` is any value.")
@click.option("--limit", type=click.IntRange(1, MOST), default=PAGE, show_default=True)
@json_option
@with_database
def list_command(fields: tuple[tuple[str, str], ...], limit: int, as_json: bool, **wanted: Any) -> None:
    """List matters, one a line."""
    with reading(operator()) as session:
        page = list_matters(session, MatterFilter(**wanted, form=fields), limit=limit)
    answer_lines((matter_values(view) for view in page.items), as_json, _line)


@group.command("show")
@click.argument("matter")
@json_option
@with_database
def show(matter: str, as_json: bool) -> None:
    """Show one matter, by id or number."""
    with reading(operator()) as session:
        values = detail_values(session, _find(session, matter).id)
    answer(values, as_json, _page)


@group.command("step")
@click.argument("matter")
@click.argument("step")
@click.option("--note", default="", help="The reason, or what is to be said.")
@click.option("--version", type=int, help="The version you saw; without it: the present one.")
@click.option("--lon", type=float, help="New place, for relocate.")
@click.option("--lat", type=float)
@crs_option
@photo_option
@click.option("--done", multiple=True, help="Name of a stage that is done; may be repeated.")
@click.option("--given", type=JsonObject(), default="{}", help='What the step takes, as in {"lead": "CGJ"}.')
@json_option
@with_database
def step_command(
    matter: str,
    step: str,
    note: str,
    version: int | None,
    lon: float | None,
    lat: float | None,
    crs: str,
    photos: tuple[Path, ...],
    done: tuple[str, ...],
    given: Mapping[str, Any],
    as_json: bool,
) -> None:
    """Take a step; what it takes beside a note and photos comes by --given, as the API's body has it."""
    with work(operator()) as session:
        view = _find(session, matter)
        entered = dict(given) | ({"note": note} if note else {})
        if (place := _place(lon, lat, crs)) is not None:
            entered["place"] = place
        if done:
            entered["stages"] = done
        if photos:
            entered["files"] = _store(session, photos)
        command = TakeStep(
            view.id,
            step,
            version=view.version if version is None else version,
            given=read_input(step, entered),
        )
        values = detail_values(session, take_step(session, command))
    answer(values, as_json, _page)


@group.command("responsibility")
@click.option("--check", is_flag=True, help="Prove that every kind of matter has one lead in every leaf.")
@json_option
@with_database
def responsibility_command(check: bool, as_json: bool) -> None:
    """Which department answers for what, where; with --check where nobody does, or two do (exit code 1)."""
    with reading(operator()) as session:
        if not check:
            answer_lines([claim_values(claim) for claim in claims(session)], as_json, _claim_line)
            return
        values = proof_values(prove(session, known_kinds()))
    answer(values, as_json, _proof_text)
    if not values["exact"]:
        raise SystemExit(1)


def _claim_line(row: Mapping[str, Any]) -> str:
    what = row["kind"] or (f"category {row['category']}" if row["category"] else "*")
    return f"{row['grid']:18} {what:24} {row['lead']}  {', '.join(row['assistants'])}  {row['fallback']}".rstrip()


def _proof_text(values: Mapping[str, Any]) -> str:
    head = "{kinds} kinds × {leaves} leaves: {holes} holes, {doubles} double claims".format(**values)
    lines = [
        f"{one['defect']:7} {one['kind']:24} {one['grid']} {one['grid_name']}, leaves: {one['leaves']}"
        f"{'  ' + ' / '.join(one['leads']) if one['leads'] else ''}"
        for one in values["findings"]
    ]
    return "\n".join([head, *lines])


@group.command("life")
@json_option
def life_command(as_json: bool) -> None:
    """The steps from each state to the next, and who may take them."""
    rows = [{"from": row.before, "step": row.step, "to": row.after, "who": list(row.who)} for row in life_rows()]
    answer_lines(rows, as_json, _life_line)


def _life_line(values: Mapping[str, Any]) -> str:
    return f"{values['from']:<9} {values['step']:<9} {values['to']:<9} {', '.join(values['who'])}"


def _place(lon: float | None, lat: float | None, crs: str) -> Place | None:
    if (lon is None) != (lat is None):
        raise click.UsageError("--lon and --lat go together")
    return Place(lon, lat, crs) if lon is not None and lat is not None else None


def _store(session: WorkSession, photos: tuple[Path, ...]) -> tuple[UUID, ...]:
    return tuple(store_photo(session, path.read_bytes(), path.name).id for path in photos)


def _find(session: WorkSession, given: str) -> MatterView:
    try:
        return matter_by_id(session, UUID(given))
    except ValueError:
        return matter_by_number(session, given)


def _line(values: Mapping[str, Any]) -> str:
    due = f"{values['due']:%Y-%m-%d %H:%M}" if values["due"] else "-"
    return f"{values['number']}  {values['state']:<9}  {due}  {values['grid'] or '-':<15}  {values['title']}"


def _page(values: Mapping[str, Any]) -> str:
    lines = [_line(values), f"{values['kind']}  version {values['version']}  {values['id']}"]
    if values["text"]:
        lines.append(values["text"])
    for event in values["events"]:
        lines.append(f"{event['at']:%Y-%m-%d %H:%M}  {event['step']:<9} {event['actor']}  {event['note']}".rstrip())
    for clock in values["clocks"]:
        mark = "  provisional" if clock["provisional"] else ""
        lines.append(f"{clock['due']:%Y-%m-%d %H:%M}  due: {clock['name']}, {clock['state']}{mark}")
    for task in values["tasks"]:
        lines.append(f"{task['role']:<6}  {task['state']:<8}  {task['name'] or '-'}  {task['handler'] or ''}".rstrip())
    lines.append(f"possible now: {', '.join(values['steps']) or '-'}")
    return "\n".join(lines)
