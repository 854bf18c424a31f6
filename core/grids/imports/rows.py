"""Rows of a delivered layer: which field is what, codes and names made clean, doubles found."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from core.grids.codes import Scheme
from core.grids.findings import Finding
from core.grids.imports.draft import ImportOptions
from core.intake.refusals import Code, Refusal, Remedy
from core.text import Text, is_blank, is_one_line, storable
from core.text import noop as _

if TYPE_CHECKING:
    from gis.formats import Layer

CODE_FIELDS: Final = (
    "code", "区划代码", "代码", "网格编码", "网格代码", "编码", "行政区划代码", "grid_code", "gridcode", "adcode",
    "nc_id", "beat_num", "geoid", "insee_com", "id",
)  # fmt: skip
NAME_FIELDS: Final = ("name", "名称", "网格名称", "区划名称", "行政区划名称", "grid_name", "gridname", "nom", "mc")
NAMED_AT_MOST: Final = 20
LONGEST_NAME: Final = 200
EXACT: Final = 2.0**53
"""From here on a double leaves whole numbers out."""
EMPTY_NAME: Final = "empty_name"
BLANKS_IN_NAME: Final = "blanks_in_name"

BROKEN_TEXT: Final = re.compile(r"[\ufffd\u0080-\u009f]")
"""What text read in a wrong encoding leaves: the sign of the unreadable, control characters beyond ASCII."""


@dataclass(frozen=True)
class Rows:
    """The layer's rows, in its order.

    :param units: which grid each row belongs to, int; rows of one code share it.
    :param codes: one code a unit; ``names`` one name a unit.
    :param groups: of each unit its own values of the nest fields, coarsest first.
    :param row_codes: the code of each row, for naming defects.
    :param doubles: codes that stand in several rows, with how many.
    :param bare: codes of which no row came with a shape.
    :param findings: what is wrong with the names: empty, or with blanks around them.
    """

    units: tuple[int, ...]
    codes: tuple[str, ...]
    names: tuple[str, ...]
    groups: tuple[tuple[str, ...], ...]
    row_codes: tuple[str, ...]
    doubles: dict[str, int]
    bare: frozenset[str]
    findings: tuple[Finding, ...]
    warnings: tuple[Text, ...]
    code_field: str
    name_field: str | None

    @property
    def nameless(self) -> tuple[str, ...]:
        """Codes of rows whose name is empty though the layer has names."""
        return tuple(code for found in self.findings if found.kind == EMPTY_NAME for code in found.codes)


def read_rows(layer: Layer, options: ImportOptions, scheme: Scheme) -> Rows:
    """Recognise the fields and make the rows clean; :class:`Refusal` where that cannot be done."""
    code_field = code_field_of(layer, options.code_field)
    name_field = field_of(layer, options.name_field, NAME_FIELDS, "name_field")
    findings: list[Finding] = []
    warnings: list[Text] = []
    row_codes = _codes(layer.fields[code_field], options.level, scheme)
    row_names = _names(layer.fields[name_field] if name_field else None, row_codes, findings, warnings)
    row_groups = _groups(layer, options, row_codes)
    place: dict[str, int] = {}
    units = tuple(place.setdefault(code, len(place)) for code in row_codes)
    first: dict[int, int] = {}
    for row, unit in enumerate(units):
        first.setdefault(unit, row)
    counts: dict[str, int] = {}
    for code in row_codes:
        counts[code] = counts.get(code, 0) + 1
    called = dict(zip(row_codes, row_names, strict=True))
    torn = sorted({code for code, name in zip(row_codes, row_names, strict=True) if name != called[code]})
    if torn and options.duplicate_codes == "merge":
        message = _("Rows of one code have different names, of which the first is kept: %(codes)s")
        warnings.append(Text(message, {"codes": shortened(torn)}))
    rows = Rows(
        units=units,
        codes=tuple(place),
        names=tuple(row_names[row] for row in first.values()),
        groups=tuple(row_groups[row] for row in first.values()),
        row_codes=tuple(row_codes),
        doubles={code: count for code, count in counts.items() if count > 1},
        bare=frozenset(row_codes) - {code for code, shape in zip(row_codes, layer.geometries, strict=True) if shape},
        findings=tuple(findings),
        warnings=tuple(warnings),
        code_field=code_field,
        name_field=name_field,
    )
    _refuse_torn(rows, row_groups, options)
    return rows


def shortened(codes: Sequence[str]) -> str:
    """Codes as one text, shortened when there are many."""
    shown = ", ".join(codes[:NAMED_AT_MOST])
    return f"{shown} … ({len(codes)})" if len(codes) > NAMED_AT_MOST else shown


def code_field_of(layer: Layer, wanted: str | None) -> str:
    """The field of the codes, wanted or usual; :class:`Refusal` where there is none."""
    found = field_of(layer, wanted, CODE_FIELDS, "code_field")
    if found is None:
        raise Refusal(
            _("No field of the layer is known to hold codes. Its fields are: %(fields)s"),
            remedies=[Remedy("code_field")],
            fields=", ".join(layer.fields) or "–",
        )
    return found


def field_of(layer: Layer, wanted: str | None, usual: Sequence[str], remedy: Code) -> str | None:
    """The field that is wanted, else the first of the usual names that the layer has; :class:`Refusal` otherwise."""
    if wanted is not None:
        if wanted in layer.fields:
            return wanted
        raise Refusal(
            _("The layer has no field %(field)s; its fields are: %(fields)s"),
            remedies=[Remedy(remedy)],
            field=wanted,
            fields=", ".join(layer.fields) or "–",
        )
    known = {name.strip().casefold(): name for name in reversed(list(layer.fields))}
    return next((known[name] for name in usual if name in known), None)


def plain_text(value: Any) -> str:
    """A field's value as text without blanks around it, U+3000 included; whole numbers without a point."""
    if value is None:
        return ""
    if isinstance(value, float):
        if value != value:
            return ""
        return str(int(value)) if value.is_integer() else str(value)
    return storable(str(value)).strip("\ufeff\u200b").strip()


def _codes(values: Sequence[Any], level: str, scheme: Scheme) -> list[str]:
    refuse_inexact_codes(values)
    codes = [scheme.parse(plain_text(value), level) for value in values]
    empty = [str(row + 1) for row, code in enumerate(codes) if not code]
    if empty:
        raise Refusal(
            _("Rows without a code: %(rows)s; give every row a code"),
            remedies=[Remedy("code_field")],
            rows=shortened(empty),
        )
    return codes


def refuse_inexact_codes(values: Sequence[Any]) -> None:
    """:class:`Refusal` of codes that came as numbers which a double cannot hold."""
    inexact = [str(row + 1) for row, value in enumerate(values) if isinstance(value, float) and abs(value) >= EXACT]
    if inexact:
        raise Refusal(
            _("Rows whose code is a number too long to be read exactly: %(rows)s; store the codes as text"),
            remedies=[Remedy("code_field")],
            rows=shortened(inexact),
        )


def _names(
    values: Sequence[Any] | None, codes: Sequence[str], findings: list[Finding], warnings: list[Text]
) -> list[str]:
    """Names of the rows; where there is none the code is the name."""
    if values is None:
        warnings.append(Text(_("The layer has no field of names; the codes are the names")))
        return list(codes)
    names = ["" if is_blank(name) else name for name in map(plain_text, values)]
    refuse_bad_names(codes, names)
    findings += [Finding(EMPTY_NAME, (code,)) for code, name in zip(codes, names, strict=True) if not name]
    blanks = [
        code
        for code, name, value in zip(codes, names, values, strict=True)
        if name and isinstance(value, str) and value != name
    ]
    findings += [Finding(BLANKS_IN_NAME, (code,)) for code in blanks]
    if blanks:
        warnings.append(Text(_("Blanks around names were dropped: %(codes)s"), {"codes": shortened(blanks)}))
    return [name or code for code, name in zip(codes, names, strict=True)]


def refuse_bad_names(codes: Sequence[str], names: Sequence[str]) -> None:
    """:class:`Refusal` of names read in a wrong encoding, too long, or of several lines."""
    broken = [code for code, name in zip(codes, names, strict=True) if BROKEN_TEXT.search(name)]
    if broken:
        raise Refusal(
            _("Names read in a wrong encoding, or damaged in the file: %(codes)s"),
            remedies=[Remedy("encoding")],
            codes=shortened(broken),
        )
    odd = [code for code, name in zip(codes, names, strict=True) if len(name) > LONGEST_NAME or not is_one_line(name)]
    if odd:
        raise Refusal(
            _("Names that are longer than %(most)s characters, or break or turn the line: %(codes)s; correct them"),
            most=LONGEST_NAME,
            codes=shortened(odd),
        )


def _groups(layer: Layer, options: ImportOptions, codes: Sequence[str]) -> list[tuple[str, ...]]:
    columns = []
    for name, _level in options.nest:
        field = field_of(layer, name, (), "nest")
        assert field is not None
        column = [plain_text(value) for value in layer.fields[field]]
        empty = [code for code, value in zip(codes, column, strict=True) if not value]
        if empty:
            raise Refusal(
                _("Field %(field)s is empty for: %(codes)s; every row needs it to be nested"),
                field=field,
                codes=shortened(empty),
            )
        columns.append(column)
    return list(zip(*columns, strict=True)) if columns else [()] * len(codes)


def _refuse_torn(rows: Rows, row_groups: Sequence[tuple[str, ...]], options: ImportOptions) -> None:
    """Rows that are merged into one grid must agree on the grids above it."""
    if not rows.doubles or not options.nest:
        return
    torn = sorted(
        {
            code
            for unit, code, groups in zip(rows.units, rows.row_codes, row_groups, strict=True)
            if groups != rows.groups[unit]
        }
    )
    if torn and options.duplicate_codes == "merge":
        raise Refusal(
            _("Rows of one code lie in different coarser grids: %(codes)s; correct the nest fields"),
            codes=shortened(torn),
        )
