"""A kind's own fields: validated, written to the kind's details table, summed up for the spine."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final
from uuid import UUID

from pydantic import BaseModel, ValidationError
from pydantic.fields import FieldInfo
from pydantic_core import ErrorDetails
from sqlalchemy import JSON, insert, select

from core.db.session import WorkSession
from core.errors import Invalid, Objection
from core.matters.kinds import ID_COLUMN, MatterKind
from core.text import Text
from core.text import noop as _

LANGUAGES: Final = ("zh", "en")
FAULTS: Final[Mapping[str, str]] = {
    "missing": _("This field is needed"),
    "string_too_short": _("At least %(min_length)s characters are needed"),
    "string_too_long": _("At most %(max_length)s characters fit"),
    "string_type": _("A text is needed"),
    "string_pattern_mismatch": _("The text does not have the form that is asked for"),
    "int_parsing": _("A whole number is needed"),
    "int_type": _("A whole number is needed"),
    "int_from_float": _("A whole number is needed"),
    "float_parsing": _("A number is needed"),
    "float_type": _("A number is needed"),
    "decimal_parsing": _("A number is needed"),
    "bool_parsing": _("Yes or no is needed"),
    "bool_type": _("Yes or no is needed"),
    "date_from_datetime_parsing": _("A date is needed, as 2026-11-24"),
    "date_parsing": _("A date is needed, as 2026-11-24"),
    "datetime_parsing": _("A date and time is needed, as 2026-11-24T08:30+08:00"),
    "datetime_from_date_parsing": _("A date and time is needed, as 2026-11-24T08:30+08:00"),
    "greater_than_equal": _("It must be at least %(ge)s"),
    "greater_than": _("It must be more than %(gt)s"),
    "less_than_equal": _("It must be at most %(le)s"),
    "less_than": _("It must be less than %(lt)s"),
    "literal_error": _("Choose one of: %(expected)s"),
    "enum": _("Choose one of: %(expected)s"),
    "extra_forbidden": _("There is no such field"),
    "too_short": _("At least %(min_length)s entries are needed"),
    "too_long": _("At most %(max_length)s entries fit"),
}
"""Pydantic's error types that people meet, in words that can be translated."""


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
        return kind.form.model_validate(values)
    except ValidationError as error:
        raise Invalid(_("The form has faults"), objections=faults_of(error, "/form")) from None


def faults_of(error: ValidationError, prefix: str) -> list[Objection]:
    """A model's faults as objections with JSON pointers."""
    return [
        Objection(_fault_text(detail), pointer=prefix + pointer(detail["loc"]), code=detail["type"])
        for detail in error.errors(include_url=False)
    ]


def pointer(location: Sequence[int | str]) -> str:
    """JSON pointer (RFC 6901) of a place in a document."""
    return "".join("/" + str(part).replace("~", "~0").replace("/", "~1") for part in location)


def _fault_text(detail: ErrorDetails) -> Text:
    message = FAULTS.get(detail["type"])
    if message is None:
        unknown = detail["msg"].replace("%", "%%")
        return Text(unknown)
    return Text(message, detail.get("ctx", {}))


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
    if kind.table is None or kind.form is None:
        return {}
    columns = [kind.table.c[name] for name in kind.form.model_fields]
    row = session.execute(select(*columns).where(kind.table.c[ID_COLUMN] == matter_id)).mappings().first()
    return dict(row) if row else {}


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
        ui = _hints(field)
        titles = {language: str(ui.get(f"title_{language}") or field.title or name) for language in LANGUAGES}
        texts = {language: _value_text(plain[name], _choices(ui, language)) for language in LANGUAGES}
        entries.append({"field": name, "title": titles, "text": texts})
    return entries


def _hints(field: FieldInfo) -> Mapping[str, Any]:
    """The ``ui`` hints that forms are shown by (``web/forms.py``)."""
    extra = field.json_schema_extra
    hints = extra.get("ui", {}) if isinstance(extra, dict) else {}
    return hints if isinstance(hints, Mapping) else {}


def _choices(ui: Mapping[str, Any], language: str) -> Mapping[str, str]:
    found = ui.get(f"options_{language}") or ui.get("options") or {}
    return found if isinstance(found, Mapping) else {}


def _value_text(value: Any, choices: Mapping[str, str]) -> str:
    if isinstance(value, bool):
        return "✓" if value else "✗"
    if isinstance(value, list):
        return "; ".join(_value_text(item, choices) for item in value)
    if isinstance(value, Mapping):
        return ", ".join(f"{key} {_value_text(item, choices)}" for key, item in value.items() if item is not None)
    return str(choices.get(str(value), value))
