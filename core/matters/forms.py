"""A kind's own fields: validated, written to the kind's details table, summed up for the spine."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Mapping
from typing import Any, Final
from uuid import UUID

from pydantic import BaseModel, ValidationError
from pydantic.fields import FieldInfo
from sqlalchemy import JSON, insert, select

from core.calendars.limits import YEARS
from core.db.session import WorkSession
from core.errors import Invalid, Objection
from core.faults import faults_of
from core.matters.kinds import ID_COLUMN, MatterKind
from core.text import Text
from core.text import noop as _

LANGUAGES: Final = ("zh", "en")
YES_NO: Final = {"zh": {"true": "是", "false": "否"}, "en": {"true": "yes", "false": "no"}}


def validate_form(kind: MatterKind, values: Mapping[str, Any]) -> BaseModel | None:
    """The kind's fields as its model; ``None`` for a kind without a form.

    :raises Invalid: one objection for each fault, with a pointer below ``/form``.
    """
    if kind.form is None:
        if values:
            fault = Objection(Text(_("This kind has no fields of its own")), pointer="/form", code="extra_forbidden")
            raise Invalid(_("The form has faults"), objections=[fault])
        return None
    try:
        form = kind.form.model_validate(values)
    except ValidationError as error:
        raise Invalid(_("The form has faults"), objections=faults_of(error, "/form")) from None
    faults = _date_faults(form)
    if faults:
        raise Invalid(_("The form has faults"), objections=faults)
    return form


def _date_faults(form: BaseModel) -> list[Objection]:
    """Days and moments that no calendar in use holds: deadlines are counted from them."""
    return [
        Objection(
            Text(_("%(moment)s is no plausible time"), {"moment": value.isoformat()}), None, f"/form/{name}", "moment"
        )
        for name, value in form
        if isinstance(value, dt.date) and value.year not in YEARS
    ]


def write_details(session: WorkSession, kind: MatterKind, matter_id: UUID, form: BaseModel | None) -> None:
    """The host writes the row of the kind's details table."""
    if form is None or kind.table is None:
        return
    plain = form.model_dump(mode="json")
    values = {
        column.name: plain[column.name] if isinstance(column.type, JSON) else getattr(form, column.name)
        for column in kind.table.columns
        if column.name in type(form).model_fields
    }
    session.execute(insert(kind.table).values({ID_COLUMN: matter_id, **values}))


def read_details(session: WorkSession, kind: MatterKind, matter_id: UUID) -> dict[str, Any]:
    """The kind's own fields of one matter; empty for a kind without a form."""
    return read_all_details(session, kind, [matter_id]).get(matter_id, {})


def read_all_details(
    session: WorkSession, kind: MatterKind, matter_ids: Collection[UUID]
) -> dict[UUID, dict[str, Any]]:
    """The kind's own fields of several matters."""
    if kind.table is None or kind.form is None:
        return {}
    key = kind.table.c[ID_COLUMN]
    columns = [kind.table.c[name] for name in kind.form.model_fields]
    statement = select(key, *columns).where(key.in_(list(matter_ids)))
    found = {}
    for row in session.execute(statement).mappings():
        fields = dict(row)
        found[fields.pop(ID_COLUMN)] = fields
    return found


def summarise(form: BaseModel | None) -> list[dict[str, Any]]:
    """What the spine keeps of a form for people to read, when its plugin is gone too.

    One entry for each field that has a value: ``field``, ``title`` and ``text``, both by language.
    """
    if form is None:
        return []
    plain = form.model_dump(mode="json")
    entries = []
    for name, field in type(form).model_fields.items():
        if plain[name] in (None, "", [], {}):
            continue
        ui = hints(field)
        titles = {language: str(ui.get(f"title_{language}") or field.title or name) for language in LANGUAGES}
        texts = {
            language: _value_text(plain[name], _choices(ui, language), _unit(ui, language)) for language in LANGUAGES
        }
        entries.append({"field": name, "title": titles, "text": texts})
    return entries


def field_labels(form: type[BaseModel], language: str) -> dict[str, tuple[str, Mapping[str, str]]]:
    """Title and titles of the choices of each field, in ``zh`` or ``en``; yes and no are among them."""
    return {
        name: (
            str(hints(field).get(f"title_{language}") or field.title or name),
            _choices(hints(field), language),
        )
        for name, field in form.model_fields.items()
    }


def hints(field: FieldInfo) -> Mapping[str, Any]:
    """The ``ui`` hints of a field, by which forms are shown (``web/forms.py``)."""
    extra = field.json_schema_extra
    hints = extra.get("ui", {}) if isinstance(extra, dict) else {}
    return hints if isinstance(hints, Mapping) else {}


def _choices(ui: Mapping[str, Any], language: str) -> Mapping[str, str]:
    found = ui.get(f"options_{language}") or ui.get("options") or {}
    return {**YES_NO[language], **(found if isinstance(found, Mapping) else {})}


def _unit(ui: Mapping[str, Any], language: str) -> str:
    unit = ui.get(f"unit_{language}") or ui.get("unit")
    return f" {unit}" if unit else ""


def _value_text(value: Any, choices: Mapping[str, str], unit: str = "") -> str:
    if isinstance(value, bool):
        return choices[str(value).lower()]
    if isinstance(value, int | float):
        return f"{choices.get(str(value), value)}{unit}"
    if isinstance(value, list):
        return "; ".join(_value_text(item, choices) for item in value)
    if isinstance(value, Mapping):
        return ", ".join(f"{key} {_value_text(item, choices)}" for key, item in value.items() if item is not None)
    return str(choices.get(str(value), value))
