"""`wangge grid import`: a boundary file becomes grids, or the reasons why it does not."""

from __future__ import annotations

import datetime as dt
import json
import sys
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

import click

from core import clock
from core.db.session import reading, work
from core.errors import DomainError
from core.grids.exporting import write_findings
from core.grids.imports.draft import ImportOptions, Prepared
from core.grids.imports.importing import apply, prepare
from core.instance import instance_values
from core.intake.reading import read
from core.intake.refusals import Code, refusal_of
from core.text import noop as _
from gis.errors import GisError
from web.cli.context import operator, with_database
from web.cli.grid_options import FILE, Day, Moment, crs_option
from web.cli.grid_repair import choices_of, defect_lines, kept_choices
from web.cli.output import REFUSED, answer, json_option, refuse, said_with, say
from web.i18n import translate_text

SHOWN_DEFECTS = 20
CHOICE: Final = "N=give:CODE, only:CODE (others are left out), leave, longest or proposed."
REPAIR: Final = "Decide on each defect; this for the rest. The code stands in for a missing name."
CHOICES: Final = click.Path(path_type=Path, exists=True, dir_okay=False)
REMEDIES: Final[dict[Code, str]] = {
    "city_first": _("Import the city's outline first (one polygon, --level city)"),
    "clean": _("Correct the layer at its source, or import it with --clean"),
    "clean_names": _("Or import with --clean, which lets the code stand in"),
    "code_field": _("Name the field of the codes with --code-field"),
    "crs": _("State it with --crs %(crs)s, or the true one"),
    "decide": _("Or decide on each defect with --repair proposed"),
    "defects": _("--defects FILE.gpkg writes the places"),
    "encoding": _("State it with --encoding"),
    "encoding_as": _("Use --encoding %(encoding)s"),
    "gap_width": _("If they are not meant, give --gap-width-m %(width)s"),
    "insist_crs": _("If the file is right all the same, insist with --crs %(crs)s"),
    "layer": _("Choose it with --layer"),
    "merge": _("Correct the file, or put the rows of one code together with --duplicate-codes merge"),
    "name_field": _("Give each a name, or name another field with --name-field"),
    "nest": _("Name another field with --nest"),
    "parent": _("Name the grid under which they go with --parent; `wangge grid tree` lists them"),
    "plan": _(
        "Begin a plan with `wangge plan new --parent %(parent)s --title TITLE`, then give it this file with "
        "`wangge plan add ID --file FILE`"
    ),
    "root": _("Let the root be made from this layer with --root CODE:NAME, as in 131000:Langfang"),
    "true_crs": _("Or state the true coordinate system with --crs"),
}
"""What may be done about a refusal, in options of the command."""


@click.command("import")
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
@click.option("--repair", type=click.Choice(["proposed", "longest"]), help=REPAIR)
@click.option("--choose", "chosen", multiple=True, metavar="N=CHOICE", help=CHOICE)
@click.option("--list", "repair_list", metavar="LIST", help="The list in which the numbers of --choose stand.")
@click.option("--choices", "decided", type=CHOICES, help="Choices from a file that --save wrote.")
@click.option("--save", type=FILE, help="Write the list of --repair with its choices into this JSON file.")
@click.option("--defects", type=FILE, help="Write the defects as a layer into this GeoPackage.")
@click.option("--valid-from", type=Moment(), help="From when the grids hold; a date means its start; unset: now.")
@click.option("--effective-on", type=Day(), help="The legal date, for the record: 2026-11-24.")
@click.option("--reason", default="", help="Why, for the record.")
@click.option("--dry-run", is_flag=True, help="Say everything, write nothing.")
@json_option
@with_database
def import_command(
    file: Path, as_json: bool, nest: tuple[str, ...], defects: Path | None, save: Path | None, **values: Any
) -> None:
    """Bring a boundary file in as grids, proven; exit code 1 when it is refused.

    With --repair each defect is listed with what may be done about it, and decided on: look with --dry-run first,
    and name that list with the choices. The code stands in for a missing name, which a warning tells.

    What --clean moved is printed grid by grid; nobody is asked to confirm it as on the page: look with --dry-run first.
    """
    started = time.monotonic()
    if defects is not None and defects.suffix.lower() not in (".gpkg", ".geojson"):
        raise click.UsageError("--defects FILE must end in .gpkg or .geojson")
    values["valid_from"] = _begin(values["valid_from"])
    values |= _decisions(values.pop("chosen"), values.pop("decided"), values["repair"], values["repair_list"])
    options = ImportOptions(nest=tuple(_pair(item) for item in nest), **values)
    try:
        layer = read(file, options)
    except GisError as error:
        refusal = refusal_of(error)
        _answer_unreadable(said_with(REMEDIES, refusal.text, refusal.remedies), as_json, started)
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
    if save is not None and prepared.decided is not None:
        kept = prepared.decided.as_json(prepared.names, translate_text)
        save.write_text(json.dumps(kept, ensure_ascii=False, indent=1), encoding="utf-8")
    report = prepared.report(change=change, seconds=time.monotonic() - started, translate=translate_text)
    if prepared.reason is not None:
        report["reason"] = said_with(REMEDIES, prepared.reason, prepared.remedies)
    answer(report, as_json, lambda _report: _import_text(prepared, report))
    if prepared.refused:
        sys.exit(REFUSED)


def _decisions(chosen: tuple[str, ...], path: Path | None, repair: str | None, token: str | None) -> dict[str, Any]:
    """The options of a repair; choices ask for one."""
    numbered = choices_of(chosen)
    if path is not None:
        of_file, rest, others = kept_choices(path)
        token, repair, numbered = token or of_file, repair or rest or "proposed", others | numbered
    if numbered and repair is None:
        raise click.UsageError("--choose needs --repair proposed or longest, for the defects without a choice")
    return {"repair": repair, "repair_list": token, "choices": tuple(sorted(numbered.items()))}


def _begin(valid_from: dt.date | None) -> dt.datetime | None:
    """The moment meant; a date is its start where the instance stands."""
    if valid_from is None:
        return None
    with reading(operator()) as session:
        return clock.start(valid_from, instance_values(session).timezone)


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
    if report["repair"]:
        lines.append(f"list {report['repair']['list']} · {len(report['repair']['defects'])} defects")
        lines += defect_lines(report["repair"]["defects"][:SHOWN_DEFECTS])
    for finding in () if report["repair"] else report["defects"][:SHOWN_DEFECTS]:
        place = f"{finding['lon']:.6f},{finding['lat']:.6f}" if finding["lon"] is not None else ""
        area = f"{finding['area_m2']:,.1f} m²" if finding["area_m2"] is not None else ""
        lines.append(f"{finding['kind']:12} {area:>18}  {place:24} {' '.join(finding['codes'])}")
    if len(report["defects"]) > SHOWN_DEFECTS:
        lines.append(f"… {len(report['defects']) - SHOWN_DEFECTS} more (--json, --defects FILE.gpkg)")
    for changed in report["changes"][:SHOWN_DEFECTS]:
        lines.append(f"{changed['code']}: +{changed['gained_m2']:,.1f} m² −{changed['lost_m2']:,.1f} m²")
    if len(report["changes"]) > SHOWN_DEFECTS:
        lines.append(f"… {len(report['changes']) - SHOWN_DEFECTS} more grids changed (--json)")
    if report["changes"]:
        shift, area = report["max_shift_m"], report["changed_area_m2"]
        moved = "took or gave whole parts" if shift is None else f"reached up to {shift:,.1f} m from borders"
        lines.append(f"mending {moved}; {area:,.0f} m² changed hands")
    if report["nobody_m2"]:
        lines.append(f"{report['nobody_m2']:,.0f} m² that the grids enclose would belong to none of them")
    if prepared.refused:
        lines.append(str(report["reason"]))
    else:
        verb = "would come in" if report["change"] is None else "came in"
        lines.append(f"exact; {verb}: {levels} ({report['seconds']} s)")
    return "\n".join(lines)
