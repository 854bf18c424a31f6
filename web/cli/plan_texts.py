"""Plans as `wangge plan` tells them at the terminal."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from core.grids.plans.views import PlanView
from web.cli.output import answer
from web.plan_values import plan_values


def say_plan(plan: PlanView, as_json: bool) -> None:
    """Print a plan as it stands."""
    answer(plan_values(plan), as_json, plan_text)


def plan_text(row: Mapping[str, Any]) -> str:
    """A plan and its operations; what no longer fitted when it was drawn anew."""
    lines = [f"{row['id']}  {row['state']}  {row['title']}"]
    lines += [f"  {n}. {_json(value)}" for n, value in enumerate(row["operations"], 1)]
    lines += [f"  left out: {_json(left['operation'])}\n    {left['reason']}" for left in row["left_out"]]
    return "\n".join(lines)


def _json(operation: Mapping[str, Any]) -> str:
    return json.dumps(operation, ensure_ascii=False)[:200]


def verdict_text(row: Mapping[str, Any]) -> str:
    """What a plan would do, and what to look at."""
    return "\n".join([_outcome_text(row), *_finding_lines(row)])


def _outcome_text(row: Mapping[str, Any]) -> str:
    return "\n".join(f"{name:9}{_joined(row[name])}" for name in ("born", "retired", "touched"))


def _finding_lines(row: Mapping[str, Any]) -> list[str]:
    return [f"{'!' if found['blocking'] else '?'} {found['text']}" for found in row["findings"]]


def preview_text(row: Mapping[str, Any]) -> str:
    """Who would be moved from where to where."""
    lines = [
        f"{grid['code']:20} {_km2(grid['before_m2']):>14} → {_km2(grid['after_m2']):>14}  {grid['name']}"
        for grid in row["grids"]
    ]
    lines += [f"{move['rows']} of {move['table']}: {move['from']} → {move['to'] or '–'}" for move in row["moves"]]
    following = row["following"]
    if following["grids"]:
        lines.append(f"{following['grids']} grids below follow to another parent")
    lines += [f"{count} of {table} end" for table, count in row["ended"].items() if count]
    lines += [f"{count} of {table} begin in their place" for table, count in row["copied"].items() if count]
    lines += [f"! {objection['text']}" for objection in row["objections"]]
    return "\n".join([*lines, *_finding_lines(row)])


def _km2(area: float | None) -> str:
    return "–" if area is None else f"{area / 1e6:,.3f} km²"


def applied_text(row: Mapping[str, Any]) -> str:
    """What an applied plan did."""
    verdict = "exact" if row["exact"] else "NOT exact"
    return f"{_outcome_text(row)}\nchange   {row['change']}: {verdict}, in {row['seconds']} s"


def _joined(codes: Sequence[str]) -> str:
    return ", ".join(codes) or "–"
