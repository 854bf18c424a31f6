"""`/settings`: the organisation's name and logo, time zone, shown coordinates, language; and each person's view."""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final

from apiflask import APIBlueprint
from flask import flash, make_response, redirect, render_template, request, send_from_directory
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from pydantic import ValidationError

from core.access.policy import require
from core.errors import Invalid
from core.files.photos import clean_photo
from core.grids.levels import TITLES
from core.instance import SHOWN_CRS, InstanceValues, instance_values, save_instance_values
from core.norms import GridNorms, SizeNorm
from core.settings import get_settings
from core.text import noop as _
from gis.zones import zone_of
from web import auth, forms
from web.db import read, write
from web.i18n import translate_text

bp = APIBlueprint("settings", __name__, enable_openapi=False)

YEAR: Final = int(dt.timedelta(days=365).total_seconds())
LOGO_BYTES: Final = 2_000_001
LOGO_MEGAPIXELS: Final = 16
ZONES: Final = ("Asia/Shanghai", "Asia/Urumqi", "UTC")
SHIFTED: Final = {"gcj02": "GCJ-02", "bd09": "BD-09"}
"""Systems of the big web maps."""


def crs_choices() -> list[tuple[str, str]]:
    """Systems in which coordinates can be shown, as (code, name)."""
    return [(code, _long_name(code)) for code in SHOWN_CRS]


def _long_name(code: str) -> str:
    if zone := zone_of(code):
        words = _("CGCS2000 Gauss–Krüger 3°, zone %(zone)s (%(meridian)s°E)")
        return str(gettext(words, zone=zone.number, meridian=zone.meridian))
    return SHIFTED.get(code) or str(gettext("CGCS2000 longitude, latitude"))


def crs_name(code: str) -> str:
    """A short name of a shown system: `CGCS2000`, `GCJ-02`, `BD-09`, or with the zone, `CGCS2000 3° 39`."""
    zone = zone_of(code)
    return f"CGCS2000 3° {zone.number}" if zone else SHIFTED.get(code, "CGCS2000")


@bp.get("/settings")
def show() -> str:
    """The form with the values that hold now."""
    with read() as session:
        require(session.actor, "setting.manage")
        values = instance_values(session)
    return _page(values.model_dump(), {})


@bp.post("/settings")
def save() -> ResponseReturnValue:
    """Keep the values; a fault leaves everything as it was."""
    sent = {name: request.form.get(name, "").strip() for name in ("organisation", "timezone", "shown_crs", "language")}
    with write() as session:
        before = instance_values(session)
        require(session.actor, "setting.manage")
        try:
            values = InstanceValues.model_validate(before.model_dump() | sent)
        except ValidationError as error:
            return _page({**before.model_dump(), **sent}, forms.pointers(error)), 422
        save_instance_values(session, values)
    flash(gettext(_("The settings were saved.")), "ok")
    return redirect("/settings")


@bp.post("/settings/norms")
def save_norms() -> ResponseReturnValue:
    """Keep the norms of grids; a fault leaves everything as it was."""
    sent = {
        level: {bound: request.form.get(f"{level}.{bound}", "").strip() for bound in SizeNorm.model_fields}
        for level in GridNorms.model_fields
    }
    with write() as session:
        before = instance_values(session)
        require(session.actor, "setting.manage")
        try:
            norms = GridNorms.model_validate(sent)
        except ValidationError as error:
            return _page({**before.model_dump(), "grid_norms": sent}, {}, forms.pointers(error)), 422
        save_instance_values(session, before.model_copy(update={"grid_norms": norms}))
    flash(gettext(_("The settings were saved.")), "ok")
    return redirect("/settings")


@bp.post("/settings/logo")
@auth.takes_upload
def save_logo() -> ResponseReturnValue:
    """Keep a picture as the logo, encoded anew; the old one stays on disk."""
    picture = request.files.get("logo")
    with write() as session:
        require(session.actor, "setting.manage")
        try:
            clean = clean_photo(picture.read(LOGO_BYTES) if picture else b"", megapixels=LOGO_MEGAPIXELS)
        except Invalid as fault:
            return _page(instance_values(session).model_dump(), {"logo": translate_text(fault.text)}), fault.status
        name = f"{hashlib.sha256(clean.data).hexdigest()[:32]}.jpg"
        target = _logos() / name
        fresh = target.with_suffix(".new")
        fresh.write_bytes(clean.data)
        fresh.replace(target)
        save_instance_values(session, instance_values(session).model_copy(update={"logo_file": name}))
    flash(gettext(_("The logo was saved.")), "ok")
    return redirect("/settings")


@bp.get("/settings/logo/<name>")
def logo(name: str) -> ResponseReturnValue:
    """The logo; its name changes with its content."""
    return send_from_directory(_logos(), name, mimetype="image/jpeg", max_age=YEAR)


@bp.post("/settings/view")
def view() -> ResponseReturnValue:
    """Language and text size of this browser, kept in cookies."""
    answer = make_response(redirect(_without_language(request.form.get("next", "/map"))))
    for name, allowed in (("lang", {"zh", "en"}), ("elder", {"0", "1"})):
        value = request.form.get(name)
        if value in allowed:
            answer.set_cookie(name, value, max_age=YEAR, samesite="Lax", httponly=True, secure=request.is_secure)
    return answer


def _logos() -> Path:
    folder = get_settings().folder("files") / "logo"
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def _without_language(address: str) -> str:
    """The address without a language given in it, which would outweigh the choice just made."""
    path, _mark, query = auth.local_path(address).partition("?")
    rest = "&".join(part for part in query.split("&") if part and not part.startswith("lang="))
    return f"{path}?{rest}" if rest else path


def _page(
    values: Mapping[str, Any], errors: dict[str, str], norm_errors: Mapping[str, str] = MappingProxyType({})
) -> str:
    zones = [(zone, zone) for zone in ZONES]
    if values.get("timezone") not in ZONES:
        zones.append((values["timezone"], values["timezone"]))
    languages = [("zh", "中文"), ("en", "English")]
    levels = [(level, gettext(TITLES[level])) for level in GridNorms.model_fields]
    return render_template(
        "settings/settings.html", values=values, errors=errors, zones=zones, crs=crs_choices(), languages=languages,
        levels=levels, norm_errors=norm_errors,
    )  # fmt: skip
