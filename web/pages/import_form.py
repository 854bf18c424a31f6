"""The form of an import's options: what it offers, how it shows them and what it sends."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Mapping
from contextlib import suppress
from typing import Any, Final

from flask_babel import gettext
from werkzeug.datastructures import MultiDict

from core import clock
from core.grids.codes import SCHEMES
from core.grids.levels import TITLES
from core.grids.uploads import UploadView
from core.text import noop as _
from gis.zones import zone_of
from web.context import zone

ENCODINGS: Final = ("UTF-8", "GBK", "GB18030", "BIG5")
NEST_ROWS: Final = 3
THREE_DEGREES: Final = range(4534, 4555)
SIX_DEGREES: Final = range(4502, 4513)
SYSTEMS: Final = {
    "EPSG:4490": _("CGCS2000, longitude and latitude"),
    "EPSG:4326": _("WGS 84, longitude and latitude (GPS)"),
    "gcj02": _("Amap, Tencent (GCJ-02)"),
    "bd09": _("Baidu (BD-09)"),
    "EPSG:3857": _("Web Mercator"),
}
SCHEME_TITLES: Final = {
    "free": _("as they stand in the file"),
    "S15": _("statistical division code (12 digits), grid 3 more, micro-grid 2 more"),
}
LABELS: Final = {
    "--clean": _("Mend borders"),
    "--code-field": _("Field of the codes"),
    "--crs": _("Coordinate system"),
    "--defects FILE.gpkg": _("All defects as GeoPackage"),
    "--duplicate-codes merge": _("Several polygons of one code: merge into one grid"),
    "--encoding": _("Text encoding"),
    "--gap-width-m": _("Close gaps up to"),
    "--layer": _("Layer"),
    "--level city": _("Level of the polygons: city"),
    "--name-field": _("Field of the names"),
    "--nest": _("Coarser level"),
    "--parent": _("Code of the parent"),
    "--root CODE:NAME": _("Code of the city, name of the city"),
    "--root": _("Code of the city"),
    "--valid-from": _("Valid from"),
    "`wangge grid tree`": _("Grid tree"),
}
"""Options of the command line as the form names them."""
OPTION: Final = re.compile("|".join(re.escape(name) for name in LABELS))
PLAIN: Final = (
    "level", "parent", "layer", "code_field", "name_field", "crs", "encoding", "scheme", "duplicate_codes",
    "gap_width_m", "valid_from", "reason",
)  # fmt: skip
RARE: Final = ("nest_field_0", "valid_from", "reason")
"""Options that are folded away until one of them is set."""

Choices = list[tuple[str, str]]


def of_the_form(report: Mapping[str, Any]) -> dict[str, Any]:
    """The report with the options of the command line named as the form names them."""
    shown = dict(report)
    if shown.get("reason"):
        shown["reason"] = _named(shown["reason"])
    for name in ("warnings", "mend"):
        shown[name] = [_named(text) for text in shown[name]]
    shown["defects"] = [{**defect, "number": number} for number, defect in enumerate(shown["defects"])]
    return shown


def _named(text: str) -> str:
    return OPTION.sub(lambda found: f"“{gettext(LABELS[found[0]])}”", text)


def shown(view: UploadView) -> dict[str, Any]:
    """The options as the form's inputs; what would most likely mend a refusal is chosen already."""
    values = {name: "" if value is None else value for name, value in view.options.as_json().items()}
    values["root_code"], _colon, values["root_name"] = str(values.pop("root")).partition(":")
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
        "crs": _systems(str(values.get("crs") or "")),
        "encoding": [(name, name) for name in ENCODINGS],
        "scheme": [(name, gettext(SCHEME_TITLES[name])) for name in SCHEMES],
        "duplicate_codes": [("refuse", gettext("refuse")), ("merge", gettext("merge into one grid"))],
    }


def _systems(chosen: str) -> Choices:
    """Coordinate systems by the words of an office, and the one chosen whatever it is."""
    known = {name: f"{gettext(title)} · {name}" for name, title in SYSTEMS.items()}
    for degrees, codes in ((3, THREE_DEGREES), (6, SIX_DEGREES)):
        for code in codes:
            found = zone_of(f"EPSG:{code}")
            assert found is not None
            known[f"EPSG:{code}"] = gettext(
                "CGCS2000, %(degrees)s° zone, central meridian %(meridian)s° · EPSG:%(code)s",
                degrees=degrees,
                meridian=found.meridian,
                code=code,
            )
    return list({**({chosen: known.get(chosen, chosen)} if chosen else {}), **known}.items())


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
        values["valid_from"] = clock.start(dt.date.fromisoformat(day), zone().key).isoformat()
    return values
