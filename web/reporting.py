"""What a person entered in the report form or with a step, read from the browser's form."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

from flask import request

from core.db.base import new_id
from core.errors import DomainError, Invalid, Objection
from core.files.service import store_photo
from core.matters.commands import ReportMatter, TakeStep
from core.matters.inputs import input_of, read_input
from core.matters.kinds import MatterKind
from core.matters.places import Place
from core.text import Text
from core.text import noop as _
from web import context, forms
from web.db import write
from web.i18n import translate_text

VERSION_DIGITS: Final = 9
METRE_DIGITS: Final = 7
NAME_LENGTH: Final = 80
SEVERAL: Final = {"stages": "stage", "assist": "assist"}
"""Fields of a step's input that hold several values, and how the form calls each of them."""


@dataclass(frozen=True)
class SentPhotos:
    """The photos of a form: those that are kept, and what is wrong with the others, each named by its file."""

    kept: tuple[UUID, ...] = ()
    faults: tuple[Objection, ...] = ()

    def sound(self) -> tuple[UUID, ...]:
        """The photos, where all of them could be kept.

        :raises Invalid: for the others, at ``/photos``.
        """
        if self.faults:
            raise Invalid(_("The form has faults"), objections=self.faults)
        return self.kept


def photos_sent() -> SentPhotos:
    """Photos kept before (fields ``file``) and those that came now, each stored at once so that none is lost.

    :raises Invalid: pointing at ``/photos``, when what was kept is no id.
    """
    kept = [_uuid(value, "/photos") for value in request.form.getlist("file")]
    faults = []
    for upload in request.files.getlist("photos"):
        if not upload.filename:
            continue
        try:
            with write() as session:
                kept.append(store_photo(session, upload.read(), upload.filename).id)
        except Invalid as error:
            faults.append(_fault_of_photo(upload.filename, error))
    return SentPhotos(tuple(kept), tuple(faults))


def _fault_of_photo(name: str, error: Invalid) -> Objection:
    """What is wrong with one photo, by the name that the person knows it by."""
    found = error.objections[0]
    shown = name.replace("\\", "/").rsplit("/", 1)[-1][:NAME_LENGTH]
    said = Text(
        _("%(name)s was not kept: %(reason)s (%(mend)s)"), {"name": shown, "reason": error.text, "mend": found.mend}
    )
    return Objection(said, Text(_("Choose it again, or send without it")), "/photos", found.code)


def report_sent(kind: MatterKind | None, photos: SentPhotos) -> ReportMatter:
    """The report of the form.

    :raises Invalid: for numbers and times that are none, without a kind, and without a place unless it was said that
        the place is not known.
    """
    sent = request.form
    place = place_sent()
    faults = list(photos.faults)
    if kind is None:
        missing = Text(_("The kind of matter is missing"))
        faults.append(Objection(missing, Text(_("Choose one of the kinds")), "/kind", "missing"))
    if place is None and "unplaced" not in sent:
        mend = Text(_("Click the map, take the present position, or say that the place is not known"))
        faults.append(Objection(Text(_("The place is missing")), mend, "/place", "missing"))
    if kind is None or faults:
        raise Invalid(_("The form has faults"), objections=faults)
    return ReportMatter(
        id=_uuid(sent.get("id", ""), "/id"),
        kind=kind.name,
        title=sent.get("title", ""),
        text=sent.get("text", "").replace("\r\n", "\n"),
        place=place,
        happened_at=_moment(sent.get("happened_at", "")),
        form=form_sent(kind),
        files=photos.kept,
        source="web",
    )


def form_sent(kind: MatterKind | None) -> Mapping[str, Any]:
    """The kind's own fields as they were entered."""
    return forms.read(kind.form.model_json_schema(), request.form, "form") if kind and kind.form else {}


def step_sent(matter_id: UUID, step: str, photos: SentPhotos) -> TakeStep:
    """The step of the form.

    :raises Invalid: for numbers that are none, and where a photo could not be kept.
    """
    sent = request.form
    version = sent.get("version", "")
    return TakeStep(
        matter_id,
        step,
        version=int(version) if is_version(version) else None,
        given=read_input(step, _given(step, photos)),
        id=_uuid(sent.get("id") or str(new_id()), "/id"),
    )


def _given(step: str, photos: SentPhotos) -> dict[str, Any]:
    """What was entered for a step, by the names of its input; fields that were left empty are left out."""
    sent = request.form
    given: dict[str, Any] = {"note": sent.get("note", "").replace("\r\n", "\n"), "files": photos.sound()}
    for name in input_of(step).model_fields.keys() - given.keys():
        if name in SEVERAL:
            given[name] = [value for value in sent.getlist(SEVERAL[name]) if value]
        elif name == "place":
            given[name] = place_sent()
        elif sent.get(name, "").strip():
            given[name] = sent[name].strip()
    return given


def is_version(text: str) -> bool:
    """Whether a text is a matter's version: a plain whole number of a size that can be."""
    return text.isascii() and text.isdigit() and len(text) <= VERSION_DIGITS


def place_sent() -> Place | None:
    """The pin; ``None`` when both fields are empty.

    :raises Invalid: when a field is empty or no number.
    """
    lon, lat = request.form.get("lon", "").strip(), request.form.get("lat", "").strip()
    if not lon and not lat:
        return None
    try:
        return Place(float(lon), float(lat), accuracy_m=_metres(request.form.get("accuracy_m", "")))
    except ValueError:
        raise _fault("/place", Text(_("Longitude and latitude must be numbers in degrees"))) from None


def _metres(text: str) -> float | None:
    """How exact the device called its position; what is no such number is left out."""
    return float(text) if text.isascii() and text.isdigit() and len(text) <= METRE_DIGITS else None


def messages(error: DomainError) -> dict[str, str]:
    """Faults by JSON pointer in the reader's language; what belongs to no field stands under the empty one.

    Whatever is wrong with a file stands at the field of the photos.
    """
    found: dict[str, str] = {}
    for objection in error.objections:
        text = translate_text(objection.text)
        if objection.mend:
            text = f"{text} · {translate_text(objection.mend)}"
        pointer = "/photos" if objection.pointer.startswith("/files") else objection.pointer
        found[pointer] = f"{found[pointer]}\n{text}" if pointer in found else text
    if not found:
        found[""] = translate_text(error.text)
    return found


def _moment(value: str) -> dt.datetime | None:
    """A local time of the browser's field, meant in the instance's time zone."""
    if not value:
        return None
    try:
        moment = dt.datetime.fromisoformat(value)
    except ValueError:
        raise _fault("/happened_at", Text(_("A date and time is needed"))) from None
    return moment if moment.tzinfo else moment.replace(tzinfo=context.zone())


def _uuid(value: str, pointer: str) -> UUID:
    try:
        return UUID(value)
    except ValueError:
        raise _fault(pointer, Text(_("The page was changed on the way; open it again"))) from None


def _fault(pointer: str, text: Text) -> Invalid:
    return Invalid(_("The form has faults"), objections=[Objection(text, pointer=pointer, code="form")])
