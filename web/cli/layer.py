"""`wangge layer …`: reference layers under the grids: import, list, show, set, remove."""

from __future__ import annotations

import sys
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

import click

from core.db.session import reading, work
from core.intake.refusals import Code, Refusal
from core.layers import queries, service
from core.layers.reading import opened
from core.layers.taken import Taken
from core.layers.views import KINDS, LayerOptions
from core.text import Text
from core.text import noop as _
from web.cli.context import operator, with_database
from web.cli.grid_options import crs_option
from web.cli.output import REFUSED, answer, answer_lines, json_option, refuse, said_with, say
from web.i18n import translate_text
from web.layer_values import brought_values, layer_values

REMEDIES: Final[dict[Code, str]] = {
    "crs": _("State it with --crs %(crs)s, or the true one"),
    "encoding": _("State it with --encoding"),
    "encoding_as": _("Use --encoding %(encoding)s"),
    "layer": _("Choose it with --layer"),
    "true_crs": _(
        "If it is of this city, state its true coordinate system with --crs; else take the file of this city"
    ),
}
"""What may be done about a refusal, in options of the command."""
TAKEN: Final = _(
    "Let it replace them with --replace, or keep both with another --code, such as %(code)s, "
    "and no title or another one"
)
ZOOM: Final = click.IntRange(0, 16)


@click.group("layer")
def group() -> None:
    """Reference layers under the grids: roads, water, buildings, house numbers."""


@group.command("import")
@click.argument("file", type=click.Path(path_type=Path, exists=True))
@click.option("--kind", required=True, type=click.Choice(KINDS), help="What it shows: this gives its drawing.")
@click.option(
    "--code",
    help="Of the layer whose content it becomes; unset: the layer of the title given, else of the kind; or a new one.",
)
@click.option("--replace", is_flag=True, help="Let the file take the place of what that layer holds.")
@click.option("--title-zh", help="Chinese title; unset: that of the kind.")
@click.option("--title-en", help="English title; unset: that of the kind.")
@click.option("--source", help="Where the data come from, shown on the map.")
@click.option("--licence", help="Under which terms they may be shown, shown on the map.")
@click.option("--min-zoom", type=ZOOM, help="From which zoom the map draws it; unset: as the kind needs.")
@click.option("--shown/--hidden", "shown", default=None, help="Whether maps show it at first.")
@click.option("--layer", help="Layer of a file that has several.")
@click.option("--name-field", help="Field of names or house numbers; unset: recognised by usual names.")
@click.option("--class-field", help="Field of classes, as of roads; unset: recognised by usual names.")
@click.option("--attribute", "attributes", multiple=True, help="A further field to keep with each feature.")
@crs_option
@click.option("--encoding", help="Encoding of the texts, as gbk.")
@json_option
@with_database
def import_command(file: Path, as_json: bool, **values: Any) -> None:
    """Bring a file in as a reference layer; exit code 1 when it is refused.

    Where that layer is there it is refused with both counts: say --replace, or another --code for a second layer. A
    title that no layer has makes a new one; no two layers get the same title. Source and licence are those of the new
    file; what is not given is empty.

    Features that lie far from the city, have no shape or one that the kind does not draw are left out and counted.
    """
    started = time.monotonic()
    options = LayerOptions(**values)
    try:
        with opened(file, options) as found, work(operator(), statement_timeout_s=0) as session:
            brought = service.import_layer(session, found, options, file.name, _progress)
    except Taken as question:
        reason = f"{translate_text(question.text)}. {translate_text(Text(TAKEN, {'code': question.free}))}"
        if as_json:
            answer({"refused": True, "reason": reason, "asked": question.as_json()}, as_json, str)
            sys.exit(REFUSED)
        refuse(reason)
    except Refusal as refusal:
        reason = said_with(REMEDIES, refusal.text, refusal.remedies)
        if as_json:
            answer({"refused": True, "reason": reason}, as_json, str)
            sys.exit(REFUSED)
        refuse(reason)
    result = {"refused": False, **brought_values(brought), "seconds": round(time.monotonic() - started, 3)}
    answer(result, as_json, _import_text)


@group.command("list")
@json_option
@with_database
def list_command(as_json: bool) -> None:
    """All layers, the lowest on the map first."""
    with reading(operator()) as session:
        answer_lines([layer_values(view) for view in queries.layers(session)], as_json, _line)


@group.command()
@click.argument("code")
@json_option
@with_database
def show(code: str, as_json: bool) -> None:
    """One layer: kind, titles, source, features, extent, zoom."""
    with reading(operator()) as session:
        row = layer_values(queries.layer_by_code(session, code))
    answer(row, as_json, lambda each: "\n".join(f"{name:16} {value}" for name, value in each.items()))


@group.command("set")
@click.argument("code")
@click.option("--title-zh", help="Chinese title.")
@click.option("--title-en", help="English title.")
@click.option("--source", help="Where the data come from.")
@click.option("--licence", help="Under which terms they may be shown.")
@click.option("--min-zoom", type=ZOOM, help="From which zoom the map draws it.")
@click.option("--shown/--hidden", "shown", default=None, help="Whether maps show it at first.")
@click.option("--position", type=click.IntRange(0, 10_000), help="The lower, the deeper under the others.")
@json_option
@with_database
def set_command(code: str, as_json: bool, **values: Any) -> None:
    """Change how a layer is named and shown."""
    with work(operator()) as session:
        row = layer_values(service.set_layer(session, code, service.LayerChange(**values)))
    answer(row, as_json, _line)


@group.command()
@click.argument("code")
@click.option("--yes", is_flag=True, help="Do not ask.")
@json_option
@with_database
def remove(code: str, yes: bool, as_json: bool) -> None:
    """Remove a layer with all its features."""
    with reading(operator()) as session:
        view = queries.layer_by_code(session, code)
    if not yes:
        click.confirm(f"Remove {view.code} ({view.title_zh}) with {view.features:,} features?", abort=True, err=True)
    with work(operator(), statement_timeout_s=0) as session:
        view = service.remove_layer(session, code)
    answer({"code": view.code, "features": view.features}, as_json, lambda row: f"{row['code']} removed")


def _progress(number: int) -> None:
    say(f"{number:,} features …")


def _line(row: Mapping[str, Any]) -> str:
    shown = "shown" if row["shown"] else "hidden"
    return (
        f"{row['code']:16} {row['kind']:12} {row['features']:>9,} {shown:6} from zoom {row['min_zoom']:<2}"
        f" {row['title_zh']}"
    )


def _import_text(row: Mapping[str, Any]) -> str:
    fields = ", ".join(f"{role}: {name}" for role, name in row["fields"].items()) or "none"
    lines = [*row["warnings"], f"fields: {fields}", f"{row['features']:,} of {row['read']:,} rows came in"]
    if row["replaced"] is not None:
        lines.append(f"{row['replaced']:,} features went for them")
    return "\n".join([*lines, f"layer {row['code']}, version {row['version']} ({row['seconds']} s)"])
