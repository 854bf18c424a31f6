"""`wangge grid …`: boundaries in and out, the proof, points to grids."""

from __future__ import annotations

import datetime as dt
import sys
from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

import click

from core.db.session import reading, work
from core.errors import NotFound
from core.grids.proof import check_coverage, keep_verdict
from core.grids.queries import NO_SUCH_GRID, children, history, known_grid, known_last_bearer, tree
from core.grids.views import GridView, StateView
from web.cli.context import operator, with_database
from web.cli.grid_export import export_command
from web.cli.grid_import import import_command
from web.cli.grid_locate import locate_command
from web.cli.grid_options import as_of_option
from web.cli.grid_repair import repair_command
from web.cli.output import REFUSED, answer, answer_lines, json_option


@click.group("grid")
def group() -> None:
    """Boundaries: import, check, repair, locate, show, tree, export, history."""


group.add_command(import_command)
group.add_command(export_command)
group.add_command(locate_command)
group.add_command(repair_command)


@group.command()
@click.argument("code", required=False)
@as_of_option
@json_option
@with_database
def check(code: str | None, as_of: dt.date | None, as_json: bool) -> None:
    """Prove the coverage: every set of siblings against its parent; exit code 1 when it is not exact."""
    with work(operator()) as session:
        found = check_coverage(session, code, as_of)
        keep_verdict(session, found)
    result = found.as_json()
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


@group.command()
@click.argument("code")
@as_of_option
@json_option
@with_database
def show(code: str, as_of: dt.date | None, as_json: bool) -> None:
    """One grid: code, name, level, area, parent, children."""
    with reading(operator()) as session:
        found = known_grid(session, code, as_of)
        row = _row(found)
        row["children"] = [child.code for child in children(session, code, as_of)]
    answer(row, as_json, lambda r: "\n".join(f"{name:10} {_said(value)}" for name, value in r.items()))


def _said(value: Any) -> str:
    if isinstance(value, list):
        value = ", ".join(value)
    return "–" if value in (None, "") else str(value)


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
    return {name: value.isoformat() if isinstance(value, dt.date) else value for name, value in facts}


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
            raise NotFound(NO_SUCH_GRID, code=code)
    lines = [{"code": r.code, "name": r.name, "level": r.level, "parent": r.parent, "leaves": r.leaves} for r in rows]
    answer_lines(lines, as_json, lambda r: f"{r['level']:10} {r['code']:20} {r['name']}  {r['leaves']}")


@group.command("history")
@click.argument("code")
@json_option
@with_database
def history_command(code: str, as_json: bool) -> None:
    """Every period of a grid's life, newest first; also of a retired one."""
    with reading(operator()) as session:
        rows = [_period(state) for state in history(session, known_last_bearer(session, code))]
    answer_lines(rows, as_json, lambda r: "  ".join(f"{value}" for value in r.values()))
