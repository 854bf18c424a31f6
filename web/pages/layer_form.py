"""The form of a layer's import: what it offers, how it shows options and reports, and what it sends."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

from flask_babel import gettext
from werkzeug.datastructures import MultiDict

from core.intake.systems import system_text
from core.layers.kinds import ABOUT
from core.layers.service import check_options
from core.layers.uploads import LayerUploadView
from core.layers.views import LayerOptions, LayerView
from core.text import Text
from core.text import noop as _
from web.i18n import translate_kept, translate_text
from web.pages.import_form import ENCODINGS, systems

TEXTS: Final = (
    "code", "title_zh", "title_en", "source", "licence", "layer", "name_field", "class_field", "crs", "encoding",
)  # fmt: skip
RARE: Final = ("code", "title_en", "layer", "name_field", "class_field", "attributes", "encoding", "min_zoom")
KEEP: Final = "keep"
"""The fields to be kept, where they are ticked and not written."""
REMEDIES: Final = {
    "crs": _("Choose the coordinate system %(crs)s below, or the true one."),
    "encoding": _("Choose the text encoding below."),
    "encoding_as": _("Choose the text encoding below; most likely it is %(encoding)s."),
    "layer": _("Choose the layer below."),
    "true_crs": _("If it is of this city, choose its true coordinate system below; else upload the file of this city."),
}
"""What may be done about a refusal, in words of the form."""


def kinds() -> list[tuple[str, str]]:
    """The kinds of layers in the reader's language."""
    return [(kind, gettext(about.title)) for kind, about in ABOUT.items()]


def choices(report: Mapping[str, Any], crs: str) -> dict[str, list[tuple[str, str]]]:
    """What the form offers: of the file's layers and fields once they are known."""
    fields = report.get("fields", [])
    return {
        "layer": [(name, name) for name in report.get("layers", [])],
        "field": [(each["name"], " · ".join([each["name"], *each["samples"]])) for each in fields],
        "keep": [(each["name"], each["name"]) for each in fields],
        "crs": systems(crs),
        "encoding": [(name, name) for name in ENCODINGS],
    }


def of_layer(layer: LayerView, kept: Sequence[str]) -> dict[str, Any]:
    """The form's inputs for another file in the place of a layer: all that is said of it by now."""
    names = ("kind", "code", "title_zh", "title_en", "source", "licence", "min_zoom", "shown")
    return {**{name: getattr(layer, name) for name in names}, "attributes": ", ".join(kept)}


def of_upload(view: LayerUploadView, report: Mapping[str, Any]) -> dict[str, Any]:
    """The options of an import as the form's inputs, with what would most likely mend a refusal."""
    kept = list(view.options.attributes)
    shown = {name: "" if value is None else value for name, value in view.options.as_json().items()}
    return {**shown, "attributes": ", ".join(kept), KEEP: kept, **_suggested(report)}


def again(form: MultiDict[str, str]) -> dict[str, Any]:
    """What was sent, as the form's inputs."""
    kept = list(_kept(form))
    return {**form.to_dict(), "attributes": ", ".join(kept), KEEP: kept}


def sent(form: MultiDict[str, str]) -> LayerOptions:
    """The form's inputs; empty ones are left out.

    :raises Invalid: where an option is wrong.
    """
    texts: dict[str, Any] = {name: form.get(name, "").strip() or None for name in TEXTS}
    texts["crs"] = form.get("crs_other", "").strip() or texts["crs"]
    kind: Any = form.get("kind", "")
    shown = {"true": True, "false": False}.get(form.get("shown", ""))
    options = LayerOptions(kind, **texts, attributes=tuple(_kept(form)), min_zoom=zoom(form), shown=shown)
    check_options(options)
    return options


def zoom(form: MultiDict[str, str]) -> int | None:
    """The zoom that was written; one that is none of them where it is no number."""
    text = form.get("min_zoom", "").strip()
    if not text:
        return None
    return int(text) if text.isdecimal() and len(text) < 4 else -1


def readable(view: LayerUploadView) -> dict[str, Any]:
    """The report with its texts, and with what may be done, in the reader's language."""
    report = dict(view.report)
    if report.get("reason"):
        report["reason"] = translate_kept(report["reason"])
    report["warnings"] = [translate_kept(text) for text in report.get("warnings", [])]
    mends = [translate_kept(text) for text in report.get("mend", [])]
    for remedy in report.get("remedies", []):
        words, params = REMEDIES.get(remedy["code"]), remedy["params"]
        if words is not None:
            named = {"crs": system_text(params["crs"])} if "crs" in params else {}
            mends.append(translate_text(Text(words, {**params, **named})))
    return {**report, "mend": mends}


def _kept(form: MultiDict[str, str]) -> Iterable[str]:
    written = (part.strip() for part in form.get("attributes", "").split(","))
    return dict.fromkeys([*form.getlist(KEEP), *filter(None, written)])


def _suggested(report: Mapping[str, Any]) -> dict[str, Any]:
    found = dict(report.get("suggested") or {})
    likely = (remedy["params"].get("encoding") for remedy in report.get("remedies", []))
    encoding = next(filter(None, likely), "")
    known = next((name for name in ENCODINGS if name.lower() == str(encoding).lower()), "")
    return {**found, **({"encoding": known} if known else {})}
