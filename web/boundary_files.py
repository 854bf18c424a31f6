"""What the API and the pages of the import share: the options, starting the work, and reports to be read."""

from __future__ import annotations

import datetime as dt
from typing import Annotated, Any, Literal
from uuid import UUID

from flask import Response
from pydantic import BaseModel, ConfigDict, Field

from core.grids.codes import DEFAULT_SCHEME
from core.grids.imports import uploads
from core.grids.imports.draft import MOST_GAP_M, ImportOptions
from core.grids.imports.previews import preview_file
from core.grids.imports.uploads import UploadView
from core.grids.imports.uploadwork import apply_upload, check_upload
from core.grids.views import Level
from web.db import actor, read, write
from web.i18n import translate_kept
from web.media import send_boundaries
from web.offsets import OffsetTime

Name = Annotated[str, Field(max_length=100)]


class NestIn(BaseModel):
    """A coarser level made by dissolving on a field."""

    model_config = ConfigDict(extra="forbid")

    field: Name
    level: Level


class OptionsIn(BaseModel):
    """How the layer shall become grids; the names are those of `wangge grid import`."""

    model_config = ConfigDict(extra="forbid")

    level: Level
    parent: Name | None = None
    root: str | None = Field(None, max_length=200, pattern=r"^[^:]+:.+$", description="`CODE:NAME`, on an empty tree.")
    nest: list[NestIn] = Field([], max_length=5, description="Coarsest first.")
    layer: Name | None = None
    code_field: Name | None = None
    name_field: Name | None = None
    crs: str | None = Field(None, max_length=40)
    encoding: str | None = Field(None, max_length=40)
    scheme: str = Field(DEFAULT_SCHEME, max_length=40)
    duplicate_codes: Literal["refuse", "merge"] = "refuse"
    clean: bool = False
    gap_width_m: float = Field(0.0, ge=0, le=MOST_GAP_M, allow_inf_nan=False)
    repair: Literal["proposed", "longest"] | None = Field(
        None, description="Decide on each defect instead of cleaning as a whole; this is for those without a choice."
    )
    choices: dict[int, Annotated[str, Field(max_length=210)]] = Field(
        {},
        max_length=20_000,
        description="By number of a defect `give:CODE`, `only:CODE`, `leave`, `longest`, `proposed`.",
    )
    repair_list: str | None = Field(None, max_length=16, description="Token of the list in which the numbers stand.")
    valid_from: OffsetTime | None = Field(None, description="From when the grids hold; not later than now.")
    effective_on: dt.date | None = Field(None, description="The legal date, for the record.")
    reason: str = Field("", max_length=500)

    def to_options(self) -> ImportOptions:
        """The options as the core takes them."""
        values = self.model_dump(exclude={"nest", "choices"})
        nest = tuple((part.field, part.level) for part in self.nest)
        return ImportOptions(**values, nest=nest, choices=tuple(sorted(self.choices.items())))


def start_check(key: UUID, options: ImportOptions) -> UploadView:
    """Check now, or let a job do it; the upload as it then stands."""
    with write() as session:
        view = uploads.request_check(session, key, options)
    if not view.large:
        check_upload(actor(), key)
    return _as_it_stands(key)


def start_apply(key: UUID, *, seen: bool) -> UploadView:
    """Apply now, or let a job do it; the upload as it then stands."""
    with write() as session:
        view = uploads.request_apply(session, key, seen=seen)
    if not view.large:
        apply_upload(actor(), key)
    return _as_it_stands(key)


def _as_it_stands(key: UUID) -> UploadView:
    with read() as session:
        return uploads.upload_view(session, key)


def send_preview(key: UUID, name: str) -> Response:
    """Outlines, changes or defects of the last check."""
    with read() as session:
        path = preview_file(session, key, name)
    return send_boundaries(path)


def readable(report: dict[str, Any]) -> dict[str, Any]:
    """A kept report with its texts in the reader's language."""
    shown = dict(report)
    if shown.get("reason"):
        shown["reason"] = translate_kept(shown["reason"])
    for name in ("warnings", "mend"):
        shown[name] = [translate_kept(text) for text in shown.get(name, [])]
    shown["defects"] = [
        {**defect, "detail": translate_kept(defect["detail"]) if defect.get("detail") else ""}
        for defect in shown.get("defects", [])
    ]
    return shown
