"""Matters as a table for XLSX and CSV: the spine's columns, and those of the form, or one for it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from flask_babel import gettext

from core.matters.forms import field_labels
from core.matters.kinds import kind
from core.matters.views import MatterView
from core.text import noop as _
from web import context
from web.matter_words import kind_title, state_title, step_title


def sheet(
    views: Sequence[MatterView], kind_name: str, fields: Mapping[UUID, Mapping[str, Any]]
) -> tuple[list[str], list[list[Any]]]:
    """Heads and rows.

    :param kind_name: the one kind that is listed; empty for all.
    :param fields: values of the kind's own form by matter.
    """
    columns = [gettext(title) for title in (
        _("Number"), _("Title"), _("Kind"), _("State"), _("Grid code"), _("Grid"), _("Longitude"), _("Latitude"),
        _("Reported at"), _("Due"), _("Closed at"), _("Reporter"), _("Handler"), _("Text"),
        _("Last act"), _("Time of the last act"),
    )]  # fmt: skip
    found = kind(kind_name)
    labels = field_labels(found.form, context.language()) if found and found.form else {}
    if not kind_name:
        return [*columns, gettext("Form")], [[*_row(view), _summary(view)] for view in views]
    own = [title for title, _choices in labels.values()]
    rows = []
    for view in views:
        values = fields.get(view.id, {})
        cells = [_cell(values.get(name), choices) for name, (_title, choices) in labels.items()]
        rows.append(_row(view) + cells)
    return columns + own, rows


def _summary(view: MatterView) -> str:
    """What the kind's form says, in one cell, where matters of several kinds stand in one table."""
    language = context.language()
    told = (
        gettext("%(name)s: %(text)s", name=entry["title"][language], text=entry["text"][language])
        for entry in view.summary
    )
    return str(gettext("; ")).join(told)


def _cell(value: Any, choices: Mapping[str, str]) -> Any:
    if isinstance(value, list):
        return str(gettext(", ")).join(choices.get(str(each), str(each)) for each in value)
    if isinstance(value, bool):
        return choices[str(value).lower()]
    return choices.get(value, value) if isinstance(value, str) else value


def _row(view: MatterView) -> list[Any]:
    grid = view.grid
    return [
        view.number,
        view.title,
        kind_title(view.kind),
        state_title(view.state),
        grid.code if grid else "",
        " / ".join(grid.path_names) if grid else "",
        view.lon,
        view.lat,
        view.reported_at,
        view.due_at,
        view.closed_at,
        view.reporter_name,
        view.handler_name or "",
        view.text,
        step_title(view.last_step),
        view.last_at,
    ]
