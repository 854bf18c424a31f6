"""The form of an import's options: what it offers, how it shows them and what it sends."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from typing import Any, Final

from flask_babel import gettext
from werkzeug.datastructures import MultiDict

from core import clock
from core.grids.codes import SCHEMES
from core.grids.imports.uploads import UploadView
from core.grids.imports.waiting import expected_s, step_of
from core.grids.levels import TITLES
from core.intake.refusals import Code
from core.intake.systems import SYSTEMS, system_text
from core.text import Text
from core.text import noop as _
from gis.zones import zones
from web.context import zone
from web.i18n import translate_text

ENCODINGS: Final = ("UTF-8", "GBK", "GB18030", "BIG5")
NEST_ROWS: Final = 3
SCHEME_TITLES: Final = {
    "free": _("as they stand in the file"),
    "S15": _("statistical division code (12 digits), grid 3 more, micro-grid 2 more"),
}
REMEDIES: Final[dict[Code, str]] = {
    "city_first": _("Import the outline of the city first: a file with one polygon, level “city”."),
    "clean": _("Correct the layer at its source, or switch “Mend borders” on below."),
    "clean_names": _("Or switch “Mend borders” on below: then the code stands in for the name."),
    "code_field": _("Choose the field of the codes below."),
    "crs": _("Choose the coordinate system %(crs)s below, or the true one."),
    "decide": _("Or press “Decide on each defect”."),
    "defects": _("List and map show the places; “All defects as GeoPackage” holds every one of them."),
    "encoding": _("Choose the text encoding below."),
    "encoding_as": _("Choose the text encoding below; most likely it is %(encoding)s."),
    "gap_width": _("If they are not meant to be there, let gaps up to %(width)s m wide be closed below."),
    "insist_crs": _("If the file is right all the same, choose %(crs)s below."),
    "layer": _("Choose the layer below."),
    "merge": _("If they belong together, choose “merge into one grid” below; else correct the file."),
    "name_field": _("Choose another field of the names below, or give each grid a name in the file."),
    "nest": _("Choose another field of the coarser level below."),
    "parent": _("Enter the code of the grid under which they go below."),
    "plan": _("Begin a plan for grid %(parent)s and load this file into it; somebody else approves it."),
    "root": _(
        "Or enter code and name of the city below and the level of these polygons: then the city is made from their "
        "outline."
    ),
    "true_crs": _("Or choose the true coordinate system below."),
}
"""What may be done about a refusal, in words of this form."""
STEPS: Final = {
    "waiting": _("waiting for its turn"),
    "reading": _("reading the file"),
    "deciding": _("proving that the polygons tile"),
    "drawing": _("drawing the preview"),
    "writing": _("proving again and writing the grids"),
}
PLAIN: Final = (
    "level", "parent", "layer", "code_field", "name_field", "crs", "encoding", "scheme", "duplicate_codes",
    "gap_width_m", "valid_from", "effective_on", "reason",
)  # fmt: skip
RARE: Final = ("nest_field_0", "valid_from", "effective_on", "reason")
"""Options that are folded away until one of them is set."""

Choices = list[tuple[str, str]]


def of_the_form(report: Mapping[str, Any]) -> dict[str, Any]:
    """The report with what may be done in words of the form, and its defects numbered."""
    remedies = [_worded(one["code"], one["params"]) for one in report.get("remedies", [])]
    defects = [{**defect, "number": number} for number, defect in enumerate(report["defects"])]
    return {**report, "mend": [*report["mend"], *remedies], "defects": defects}


def _worded(code: Code, params: Mapping[str, Any]) -> str:
    named = {"crs": system_text(params["crs"])} if "crs" in params else {}
    return translate_text(Text(REMEDIES[code], {**params, **named}))


def waiting_for(view: UploadView) -> dict[str, Any] | None:
    """The step that runs, how long it has, and about how long such a file takes; ``None`` while nothing runs."""
    step = step_of(view.report) if view.busy else None
    if step is None:
        return None
    name, seconds = step
    expected = expected_s(view.bytes, clean=view.options.clean)
    words = STEPS[name]
    return {"step": gettext(words), "so_far": _span(seconds), "expected": _span(expected)}


def _span(seconds: float) -> str:
    words = Text(_("%(n)s s"), {"n": round(seconds)})
    return translate_text(words if seconds < 90 else Text(_("%(n)s minutes"), {"n": round(seconds / 60)}))


def shown(view: UploadView) -> dict[str, Any]:
    """The options as the form's inputs; what would most likely mend a refusal is chosen already."""
    values = {name: "" if value is None else value for name, value in view.options.as_json().items()}
    values["root_code"], _colon, values["root_name"] = str(values.pop("root")).partition(":")
    values["gap_width_m"] = f"{view.options.gap_width_m:.15g}"
    values["valid_from"] = str(values["valid_from"])[:10]
    for number, (name, level) in enumerate(view.options.nest):
        values[f"nest_field_{number}"], values[f"nest_level_{number}"] = name, level
    values |= suggested(view)
    values["rare"] = any(values.get(name) for name in RARE) or values["scheme"] != "free"
    return values


def suggested(view: UploadView) -> dict[str, Any]:
    """What the last check proposes, as the form's inputs."""
    found: dict[str, Any] = dict(view.report.get("suggested") or {}) if view.state == "refused" else {}
    if "encoding" in found:
        found["encoding"] = next((name for name in ENCODINGS if name.lower() == found["encoding"].lower()), "")
    return found


def choices(report: Mapping[str, Any], values: Mapping[str, Any]) -> dict[str, Choices]:
    """What the selects of the form offer."""
    fields = [
        (part["name"], f"{part['name']} ({', '.join(part['samples'])})" if part["samples"] else part["name"])
        for part in report.get("fields", [])
    ]
    return {
        "layer": [(name, name) for name in report.get("layers", [])],
        "field": fields,
        "level": [(level, gettext(title)) for level, title in TITLES.items()],
        "crs": systems(str(values.get("crs") or "")),
        "encoding": [(name, name) for name in ENCODINGS],
        "scheme": [(name, gettext(SCHEME_TITLES[name])) for name in SCHEMES],
        "duplicate_codes": [("refuse", gettext("refuse")), ("merge", gettext("merge into one grid"))],
    }


def systems(chosen: str) -> Choices:
    """Coordinate systems by the words of an office, and the one chosen whatever it is."""
    values = [*SYSTEMS, *(f"EPSG:{each.code}" for degrees in (3, 6) for each in zones(degrees, prefixed=False))]
    known = {value: translate_text(system_text(value)) for value in values}
    first = {chosen: translate_text(system_text(chosen))} if chosen else {}
    return list({**first, **known}.items())


def sent(form: MultiDict[str, str]) -> dict[str, Any]:
    """The form's inputs as the API's options; empty ones are left out."""
    values: dict[str, Any] = {name: form[name].strip() for name in PLAIN if form.get(name, "").strip()}
    other = form.get("crs_other", "").strip()
    if other:
        values["crs"] = other
    root = (form.get("root_code", "").strip(), form.get("root_name", "").strip())
    if any(root):
        values["root"] = ":".join(root)
    values["clean"] = form.get("clean") == "true"
    pairs = ((form.get(f"nest_field_{n}", ""), form.get(f"nest_level_{n}", "")) for n in range(NEST_ROWS))
    values["nest"] = [{"field": name, "level": level} for name, level in pairs if name and level]
    day = values.get("valid_from", "")
    with suppress(ValueError):  # the model says what is wrong with a day that is none
        values["valid_from"] = clock.start(clock.day(day), zone().key).isoformat()
    return values
