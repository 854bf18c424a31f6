"""JSON schema ⇄ HTML form: what the macro `form` shows, and what comes back from it.

Inputs are named by dotted paths (`form.people.0.name`); faults go by JSON pointer (`/form/people/0/name`).
Supported: strings, numbers, booleans, dates, enums, lists of strings with choices, nested and repeated flat objects.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from flask import Flask
from flask_babel import get_locale
from pydantic import ValidationError
from werkzeug.datastructures import MultiDict

from core.faults import faults_of
from web.i18n import translate_text

Schema = Mapping[str, Any]
KINDS = {"integer": "integer", "number": "number", "boolean": "bool", "object": "object"}
FORMATS = {"date": "date", "date-time": "datetime", "password": "password", "email": "email"}
LIMITS = (("minimum", "min"), ("maximum", "max"), ("maxLength", "maxlength"), ("minLength", "minlength"))
LONG_TEXT = 200


@dataclass(frozen=True)
class Spec:
    """What one property needs to be shown."""

    kind: str
    title: str
    help: str = ""
    unit: str = ""
    placeholder: str = ""
    default: Any = ""
    ask: bool = False
    options: tuple[tuple[str, str], ...] = ()
    attrs: Mapping[str, Any] = field(default_factory=dict)
    schema: Schema = field(default_factory=dict)


def init_app(app: Flask) -> None:
    """Make the filters of the macro library known."""
    app.jinja_env.filters.update(ui_order=ui_order, ui_spec=ui_spec)


def ui_order(properties: Schema) -> dict[str, Schema]:
    """Properties by their hint `order`; those without keep their place after."""
    return dict(sorted(properties.items(), key=lambda item: item[1].get("ui", {}).get("order", 1000)))


def resolve(schema: Schema, definitions: Schema) -> Schema:
    """Follow a reference and drop the `null` of an optional; what stands beside the reference wins."""
    merged = dict(schema)
    variants = [part for part in merged.pop("anyOf", []) if part.get("type") != "null"]
    variants += merged.pop("allOf", [])
    if len(variants) == 1:
        merged = {**resolve(variants[0], definitions), **merged}
    reference = merged.pop("$ref", None)
    if reference:
        target = dict(resolve(definitions[reference.rsplit("/", 1)[-1]], definitions))
        target.pop("description", None)
        merged = {**target, **merged}
    return merged


def ui_spec(schema: Schema, definitions: Schema) -> Spec:
    """How to show one property."""
    flat = resolve(schema, definitions)
    ui = flat.get("ui", {})
    items = resolve(flat.get("items", {}), definitions)
    kind = _kind(flat, items, ui)
    choices = items if kind == "checks" else flat
    return Spec(
        kind=kind,
        title=_localised(ui, "title") or str(flat.get("title", "")),
        help=_localised(ui, "help") or str(flat.get("description", "")),
        unit=_localised(ui, "unit"),
        placeholder=_localised(ui, "placeholder"),
        default="" if ui.get("ask") or flat.get("default") is None else flat["default"],
        ask=bool(ui.get("ask")),
        options=_options(choices, ui),
        attrs={name: flat[key] for key, name in LIMITS if key in flat},
        schema=items if kind == "repeat" else flat,
    )


def _kind(flat: Schema, items: Schema, ui: Schema) -> str:
    if ui.get("widget"):
        return str(ui["widget"])
    if flat.get("type") == "array":
        return "repeat" if items.get("type") == "object" else "checks"
    if "enum" in flat or "const" in flat:
        return "choice"
    if flat.get("format") in FORMATS:
        return FORMATS[flat["format"]]
    if flat.get("type") == "string" and flat.get("maxLength", 0) > LONG_TEXT:
        return "long"
    return KINDS.get(str(flat.get("type")), "text")


def _localised(ui: Schema, name: str) -> str:
    chinese = str(get_locale() or "zh").startswith("zh")
    return str(ui.get(f"{name}_zh" if chinese else f"{name}_en") or ui.get(name) or "")


def _options(flat: Schema, ui: Schema) -> tuple[tuple[str, str], ...]:
    values = flat.get("enum", [flat["const"]] if "const" in flat else [])
    chinese = str(get_locale() or "zh").startswith("zh")
    names: Mapping[str, Any] = ui.get("options_zh" if chinese else "options_en") or ui.get("options") or {}
    return tuple((str(value), str(names.get(value, value))) for value in values)


def read(schema: Schema, form: MultiDict[str, str], prefix: str = "") -> dict[str, Any]:
    """Values of a sent form as the schema names them.

    Empty inputs are left out, an unticked box is False, and a repeated object that is wholly empty is dropped.
    """
    definitions = schema.get("$defs", {})
    return _read_object(schema, definitions, form, prefix)


def _read_object(schema: Schema, definitions: Schema, form: MultiDict[str, str], prefix: str) -> dict[str, Any]:
    values: dict[str, Any] = {}
    for key, part in schema.get("properties", {}).items():
        name = f"{prefix}.{key}" if prefix else key
        flat = resolve(part, definitions)
        items = resolve(flat.get("items", {}), definitions)
        kind = _kind(flat, items, flat.get("ui", {}))
        value: Any
        if kind == "object":
            value = _read_object(flat, definitions, form, name)
        elif kind == "repeat":
            value = _read_repeat(items, definitions, form, name)
        elif kind == "checks":
            value = form.getlist(name)
        elif kind == "bool":
            value = form.get(name) == "true"
        else:
            value = form.get(name, "").strip()
        if value not in ("", {}, []):
            values[key] = value
    return values


def _read_repeat(schema: Schema, definitions: Schema, form: MultiDict[str, str], name: str) -> list[dict[str, Any]]:
    start = f"{name}."
    numbers = {key[len(start) :].split(".", 1)[0] for key in form if key.startswith(start)}
    rows = (
        _read_object(schema, definitions, form, f"{name}.{number}")
        for number in sorted((n for n in numbers if n.isascii() and n.isdigit() and len(n) < 5), key=int)
    )
    return [row for row in rows if any(value not in ("", False) for value in row.values())]


def pointers(error: ValidationError, prefix: str = "") -> dict[str, str]:
    """What is wrong, in the reader's language, by JSON pointer below the prefix."""
    faults = faults_of(error, f"/{prefix}" if prefix else "")
    return {fault.pointer: translate_text(fault.text) for fault in faults}
