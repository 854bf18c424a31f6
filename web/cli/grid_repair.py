"""`wangge grid repair`: the defects of the coverage, what may be done about each, and the decisions carried out."""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final

import click

from core.db.session import work
from core.grids.exporting import write_findings
from core.grids.repairs.diagnosing import Diagnosis
from core.grids.repairs.proposals import LONGEST, PROPOSED
from core.grids.repairs.repairing import Repair, list_defects, repair, try_repair
from web.cli.context import operator, with_database
from web.cli.grid_options import FILE
from web.cli.output import REFUSED, answer, json_option, say
from web.i18n import translate_text
from web.repair_values import repaired_values

SHOWN: Final = 40


@click.command("repair")
@click.option("--under", metavar="CODE", help="Only what lies below this grid; its own outline stays.")
@click.option("--choose", "chosen", multiple=True, metavar="N=CHOICE", help="N=give:CODE, leave, longest or proposed.")
@click.option("--all", "rest", type=click.Choice([PROPOSED, LONGEST]), help="For every defect without a choice.")
@click.option("--list", "token", metavar="LIST", help="The list in which the numbers stand, as it was printed.")
@click.option("--choices", type=click.Path(path_type=Path, exists=True, dir_okay=False), help="Choices from a file.")
@click.option("--save", type=FILE, help="Write list and proposals into this JSON file, to be edited for --choices.")
@click.option("--defects", type=FILE, help="Write the defects as a layer into this GeoPackage.")
@click.option("--write", is_flag=True, help="Carry it out; without it is only tried and told.")
@click.option("--reason", default="", help="Why, for the record; --write needs it.")
@json_option
@with_database
def repair_command(
    under: str | None,
    chosen: tuple[str, ...],
    rest: str | None,
    token: str | None,
    choices: Path | None,
    save: Path | None,
    defects: Path | None,
    write: bool,
    reason: str,
    as_json: bool,
) -> None:
    """Mend a coverage that is not exact: list its defects, try decisions, carry them out as one recorded change.

    Without choices the defects are listed, each with what may be done about it and what that does to areas. With
    choices everything is tried and told, and nothing written; --write writes it, exact, or nothing of it. Exit code 1
    where there are defects, or the decisions are refused.
    """
    numbered = choices_of(chosen)
    if choices is not None:
        kept = kept_choices(choices)
        token, rest, numbered = token or kept[0], rest or kept[1], kept[2] | numbered
    if write and not (numbered or rest):
        raise click.UsageError("--write needs decisions: --choose, --choices or --all")
    command = Repair(numbered, rest, token, under, reason)
    if not (numbered or rest):
        _list(command, save, defects, as_json)
        return
    with work(operator(), statement_timeout_s=0) as session:
        done = repair(session, command) if write else try_repair(session, command)
    answer(repaired_values(done), as_json, lambda row: _done_text(row, written=write))
    for objection in done.objections:
        say(translate_text(objection.text))
    if not done.exact or done.objections:
        sys.exit(REFUSED)


def _list(command: Repair, save: Path | None, layer: Path | None, as_json: bool) -> None:
    with work(operator(), statement_timeout_s=0) as session:
        found = list_defects(session, command.under)
    if save is not None:
        save.write_text(json.dumps(_file(found), ensure_ascii=False, indent=1), encoding="utf-8")
        say(f"{len(found.defects)} defects with the proposed choices written to {save}")
    if layer is not None and found.defects:
        say(f"{write_findings([each.finding for each in found.defects], layer)} defects written to {layer}")
    answer(found.as_json(translate_text), as_json, _list_text)
    if found.defects:
        sys.exit(REFUSED)


def _file(found: Diagnosis) -> dict[str, Any]:
    """What ``--save`` writes and ``--choices`` reads: the list, and of each defect the choice and the others."""
    defects = [
        {**each.as_json(), "choice": each.proposals[0].choice, "proposals": [way.choice for way in each.proposals]}
        for each in found.defects
    ]
    return {"list": found.token, "version": found.standing.version, "all": None, "defects": defects}


def choices_of(chosen: tuple[str, ...]) -> dict[int, str]:
    """The choices of ``--choose N=CHOICE``."""
    found = {}
    for item in chosen:
        number, equals, choice = item.partition("=")
        if not equals or not number.strip().isdecimal():
            raise click.UsageError(f"--choose {item}: write N=CHOICE, as 3=give:131003 or 3=longest")
        found[int(number)] = choice.strip()
    return found


def kept_choices(path: Path) -> tuple[str | None, str | None, dict[int, str]]:
    """List, choice for all others, and choices of a file as ``--save`` writes it."""
    try:
        kept = json.loads(path.read_text(encoding="utf-8"))
        numbered = {int(each["number"]): str(each["choice"]) for each in kept["defects"] if each.get("choice")}
        return kept.get("list"), kept.get("all"), numbered
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise click.UsageError(f"--choices {path}: not a file as --save writes it ({error})") from error


def _list_text(row: Mapping[str, Any]) -> str:
    if row["exact"]:
        return f"exact: there is nothing to repair (version {row['version']})"
    lines = [f"list {row['list']} · version {row['version']} · {len(row['defects'])} defects"]
    lines += defect_lines(row["defects"][:SHOWN])
    if len(row["defects"]) > SHOWN:
        lines.append(f"… {len(row['defects']) - SHOWN} more (--json, --save FILE, --defects FILE.gpkg)")
    lines.append(f"try: --list {row['list']} --choose N=CHOICE … --all proposed; then add --write --reason TEXT")
    return "\n".join(lines)


def defect_lines(defects: Sequence[Mapping[str, Any]]) -> list[str]:
    """Defects with what may be done about each, the proposed way first; the one chosen is marked."""
    lines = []
    for each in defects:
        place = "" if each["lon"] is None else f" · {each['lon']:.6f},{each['lat']:.6f}"
        size = f" · {each['area_m2']:,.1f} m², {each['width_m']:,.2f} m wide" if each["area_m2"] is not None else ""
        rows = "".join(f" · {count} {name}" for name, count in each["rows"].items())
        detail = f" ({each['detail']})" if each["detail"] else ""
        lines.append(f"{each['number']:4} {each['kind']}{detail} {' '.join(each['codes'])}{size}{place}{rows}")
        for n, way in enumerate(each["proposals"]):
            told = ", ".join(f"{effect['code']} {effect['m2']:+,.1f} m²" for effect in way["effects"])
            border = f" · {way['border_m']:,.1f} m of border" if way["border_m"] else ""
            border += f" · leaves out {' '.join(way['left_out'])}" if way["left_out"] else ""
            mark = "→" if way["choice"] == each.get("choice") else " "
            lines.append(f"     {mark} {'proposed' if n == 0 else '      or'} {way['choice']}  {told}{border}")
    return lines


def _done_text(row: Mapping[str, Any], *, written: bool) -> str:
    lines = [
        f"{each['code']:20} {each['name']}  {each['before_m2']:,.1f} → {each['after_m2']:,.1f} m²"
        f" ({each['after_m2'] - each['before_m2']:+,.1f}){' only vertices' if each['noded'] else ''}"
        for each in row["grids"][:SHOWN]
    ]
    if len(row["grids"]) > SHOWN:
        lines.append(f"… {len(row['grids']) - SHOWN} more grids (--json)")
    moved = ", ".join(f"{name} {count}" for name, count in row["rehomed"].items() if count)
    verdict = "exact" if row["exact"] else "NOT exact"
    done = f"repaired: version {row['version']}" if written else "only tried, nothing written"
    lines.append(f"{verdict} · {row['defects']} defects settled · rows re-homed: {moved or 'none'} · {done}")
    return "\n".join(lines)
