"""Reads a CSV file into checked rows: any usual encoding, Chinese or English headings, every fault with its line."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Generic, TypeVar

from pydantic import BaseModel, ValidationError

from core.errors import Invalid, Objection
from core.faults import fault_text
from core.matters.forms import LANGUAGES, YES_NO, field_labels, hints
from core.text import Text
from core.text import noop as _

if TYPE_CHECKING:
    import _csv

__all__ = ["Rows", "read_csv"]

Row = TypeVar("Row", bound=BaseModel)
ENCODINGS: Final = ("utf-8-sig", "gb18030")
MOST_ROWS: Final = 200_000
MOST_FAULTS: Final = 50


@dataclass(frozen=True)
class Rows(Generic[Row]):
    """Rows that are in order, and what is wrong with the others (pointer ``/<line>/<field>``)."""

    rows: tuple[Row, ...]
    faults: tuple[Objection, ...]

    def all_good(self) -> tuple[Row, ...]:
        """The rows; refuses when any line has a fault.

        :raises Invalid: listing the faults.
        """
        if self.faults:
            raise Invalid(_("The table has faults, nothing was written"), objections=self.faults)
        return self.rows


def read_csv(data: bytes, model: type[Row]) -> Rows[Row]:
    """Rows of a CSV file.

    A column bears the field's name, one of its labels, or another of its ``headings`` (``wangge.forms.field``); a
    cell of a field with choices holds the value or one of its labels, yes-or-no 是 or 否 too.

    :param model: one line of the table.
    :raises Invalid: when the file is no table, or lacks a column that the model requires.
    """
    reader = csv.reader(io.StringIO(_decoded(data), newline=""))
    faults: list[Objection] = []
    head = next(_lines(reader, faults), [])
    columns = _columns(head, model)
    labels = {field: _values_by_label(field, model) for field in columns}
    rows: list[Row] = []
    for cells in _lines(reader, faults):
        if not any(cell.strip() for cell in cells):
            continue
        if len(rows) >= MOST_ROWS or len(faults) >= MOST_FAULTS:
            faults.append(_fault(reader.line_num, "", _("Reading stopped here"), {}))
            break
        given = {field: cells[index].strip() for field, index in columns.items() if index < len(cells)}
        try:
            values = {field: labels[field].get(cell, cell) for field, cell in given.items() if cell}
            rows.append(model.model_validate(values))
        except ValidationError as error:
            for detail in error.errors():
                field = str(detail["loc"][0]) if detail["loc"] else ""
                faults.append(
                    _fault(
                        reader.line_num,
                        field,
                        _("Line %(line)s, %(column)s: %(error)s"),
                        {"column": head[columns[field]] if field in columns else field, "error": fault_text(detail)},
                    )
                )
    return Rows(tuple(rows), tuple(faults))


def _lines(reader: _csv.Reader, faults: list[Objection]) -> Iterator[list[str]]:
    """The lines of a table; where it breaks off, a fault is added."""
    try:
        yield from reader
    except csv.Error as error:
        said = {"error": str(error)}
        faults.append(_fault(reader.line_num, "", _("Line %(line)s cannot be read: %(error)s"), said))


def _decoded(data: bytes) -> str:
    for encoding in ENCODINGS:
        try:
            text = data.decode(encoding)
        except UnicodeDecodeError:
            continue
        if "\0" not in text and text.strip():
            return text
    raise Invalid(_("The file is empty or is no CSV text; save it as CSV in UTF-8 or GBK"))


def _columns(head: list[str], model: type[BaseModel]) -> dict[str, int]:
    places = {name.strip().lower(): index for index, name in enumerate(head)}
    names = {field: _headings(field, model) for field in model.model_fields}
    found = {}
    for field, known in names.items():
        for name in known:
            if name.lower() in places:
                found[field] = places[name.lower()]
                break
    lacking = [name for name, info in model.model_fields.items() if info.is_required() and name not in found]
    if lacking:
        wanted = ", ".join("/".join(names[field]) for field in lacking)
        raise Invalid(_("The table lacks the columns %(columns)s"), columns=wanted)
    return found


def _headings(field: str, model: type[BaseModel]) -> list[str]:
    """What a field's column may be called."""
    labels = [field_labels(model, language)[field][0] for language in LANGUAGES]
    return list(dict.fromkeys([field, *labels, *hints(model.model_fields[field]).get("headings", ())]))


def _values_by_label(field: str, model: type[BaseModel]) -> dict[str, str]:
    """Label → value of a field's choices, in all languages; of yes and no where the field is one or the other."""
    told = [field_labels(model, language)[field][1] for language in LANGUAGES]
    own = model.model_fields[field].annotation is bool
    return {label: value for choices in told for value, label in choices.items() if own or value not in YES_NO["zh"]}


def _fault(line: int, field: str, message: str, params: Mapping[str, object]) -> Objection:
    return Objection(Text(message, {"line": line, **params}), pointer=f"/{line}/{field}".rstrip("/"), code="row")
