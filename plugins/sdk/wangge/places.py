"""Lists of places that an office keeps: loaded from a table, known by their names, located, shown on a page."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Final, Generic, TypeVar

import click
from apiflask import APIBlueprint
from flask import Response, flash, redirect, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from geoalchemy2.shape import to_shape
from pydantic import BaseModel, Field
from sqlalchemy import Text, func, select
from sqlalchemy.orm import Mapped, mapped_column

from core.access.actions import Action
from core.access.policy import may, require
from core.audit.recorder import record
from core.clock import now
from core.db.session import WorkSession, work
from core.errors import Invalid
from core.plugin.hooks import Health
from core.text import noop as _
from wangge.cli import answer, json_option, operator
from wangge.grids import locate
from wangge.importing import read_csv
from wangge.tables import Located, UuidKey
from wangge.web import actor, pages, read, render_template, takes_upload, write
from web import context, tables

__all__ = ["HEADINGS", "Imported", "Place", "PlaceList", "PlaceRow", "save_places"]

HEADINGS: Final[Mapping[str, tuple[str, ...]]] = {
    "name": ("名称", "场所名称"),
    "lon": ("经度", "longitude"),
    "lat": ("纬度", "latitude"),
}
"""Other names that the columns of a ``PlaceRow`` may have."""


class PlaceRow(BaseModel):
    """One line of such a table; coordinates are CGCS2000 degrees. A plugin's row adds its own fields."""

    name: str = Field(min_length=1, max_length=100)
    lon: float = Field(ge=-180, le=180)
    lat: float = Field(ge=-90, le=90)


class Place(Located):
    """Mixin of such a table: a row with a place that is known by its name."""

    id: Mapped[UuidKey]
    name: Mapped[str] = mapped_column(Text, unique=True)
    changed_at: Mapped[dt.datetime]


Kept = TypeVar("Kept", bound=Place)


@dataclass(frozen=True)
class Imported:
    """What an import did."""

    added: int
    changed: int
    outside: int


def save_places(
    session: WorkSession, table: type[Kept], lines: Sequence[PlaceRow], *, dry_run: bool = False
) -> Imported:
    """Add the places, or change those of the same name; of two lines with one name the last holds.

    :param table: a class with the mixin ``Place`` and an attribute for each further field of the lines.
    """
    rows = {row.name: row for row in lines}
    places = locate(session, [(row.lon, row.lat) for row in rows.values()])
    known = {kept.name: kept for kept in session.scalars(select(table).where(table.name.in_(rows)))}
    outside = sum(grid_id is None for _place, grid_id in places)
    if not dry_run:
        for row, (place, grid_id) in zip(rows.values(), places, strict=True):
            values = row.model_dump(exclude={"lon", "lat"}) | {"place": place, "grid_id": grid_id, "changed_at": now()}
            kept = known.get(row.name)
            if kept is None:
                session.add(table(**values))
            else:
                for name, value in values.items():
                    setattr(kept, name, value)
    return Imported(len(rows) - len(known), len(known), outside)


@dataclass(frozen=True)
class PlaceList(Generic[Kept]):
    """One list of places as a whole: its table, its file, and who may load it.

    :param plugin: name of the plugin; the page of the list is ``/p/<plugin>/``, from ``<plugin>/index.html``.
    :param table: class with the mixin ``Place`` that keeps them.
    :param row: model of one line of the CSV file.
    :param columns: field → other names of its column, beside ``HEADINGS``.
    :param action: who may do this may load the list.
    """

    plugin: str
    table: type[Kept]
    row: type[PlaceRow]
    columns: Mapping[str, tuple[str, ...]]
    action: Action

    def load(self, session: WorkSession, data: bytes, *, dry_run: bool = False) -> Imported:
        """Add the places of a CSV file, or change those of the same name; nothing when a line has a fault.

        :raises Invalid: when the file is no such table, or lines have faults (each is listed).
        """
        require(session.actor, self.action.name)
        rows = read_csv(data, self.row, {**HEADINGS, **self.columns}).all_good()
        return save_places(session, self.table, rows, dry_run=dry_run)

    def all(self, session: WorkSession) -> list[Kept]:
        """Every place by name."""
        return list(session.scalars(select(self.table).order_by(self.table.name)))

    def _heads(self) -> list[str]:
        """Names of the columns as the file that is loaded has them: in Chinese for a Chinese reader."""
        names = {**HEADINGS, **self.columns}
        chinese = context.language() == "zh"
        return [names[field][0] if chinese and names.get(field) else field for field in self.row.model_fields]

    def _cells(self, kept: Kept) -> list[Any]:
        lon, lat = to_shape(kept.place).coords[0]
        own = {"lon": lon, "lat": lat}
        return [own.get(field, getattr(kept, field, None)) for field in self.row.model_fields]

    def plant(self, session: WorkSession, rows: Sequence[PlaceRow]) -> None:
        """Save made-up places, unless there are places already."""
        if not self.all(session):
            save_places(session, self.table, rows)

    def check_located(self, session: WorkSession) -> Health:
        """Whether every place lies in the city."""
        total = session.scalar(select(func.count()).select_from(self.table)) or 0
        outside = session.scalar(select(func.count()).where(self.table.grid_id.is_(None))) or 0
        return Health(outside == 0, f"{total - outside} / {total}")

    def command(self, name: str, title: str) -> click.Command:
        """``wangge <plugin> <name> FILE [--dry-run]``, which loads the list; ``title`` is its help in English."""

        @click.command(
            name, help=f"{title}\n\nFILE is a CSV table with the columns {', '.join(self.row.model_fields)}."
        )
        @click.argument("file", type=click.Path(path_type=Path, exists=True, dir_okay=False))
        @click.option("--dry-run", is_flag=True, help="Say what would be done and write nothing.")
        @json_option
        def load(file: Path, dry_run: bool, as_json: bool) -> None:
            with work(operator()) as session:
                done = self.load(session, file.read_bytes(), dry_run=dry_run)
            answer(asdict(done), as_json, lambda row: ", ".join(f"{number} {what}" for what, number in row.items()))

        return load

    def pages(
        self, import_name: str, facts: Callable[[Sequence[Kept]], Mapping[str, Any]] = lambda _places: {}
    ) -> APIBlueprint:
        """The page of the list, and the address ``places`` that its form sends the field ``file`` to.

        :param facts: what the template gets beside ``places`` and ``may_import``.
        """
        bp = pages(import_name)

        @bp.get("/")
        def index() -> ResponseReturnValue:
            require(actor(), "grid.see")
            with read() as session:
                kept = self.all(session)
            may_import = bool(may(actor(), self.action.name))
            return render_template(f"{self.plugin}/index.html", places=kept, may_import=may_import, **facts(kept))

        @bp.get("/list.<any(xlsx, csv):ending>")
        def export(ending: str) -> Response:
            with write() as session:
                require(session.actor, "grid.see")
                kept = self.all(session)
                after = {"rows": len(kept), "format": ending}
                record(session, "places.export", f"{self.plugin}.places", "*", after=after)
            cells = [self._cells(each) for each in kept]
            return tables.write(ending, self._heads(), cells, f"{self.plugin}-places", gettext("Places"))

        @bp.post("/places")
        @takes_upload
        def load() -> ResponseReturnValue:
            upload = request.files.get("file")
            if upload is None or not upload.filename:
                raise Invalid(_("Choose a CSV file first"))
            with write() as session:
                done = self.load(session, upload.read())
            told = gettext("%(added)s places added, %(changed)s changed, %(outside)s outside the city", **asdict(done))
            flash(told, "warn" if done.outside else "ok")
            return redirect(f"/p/{self.plugin}/")

        return bp
