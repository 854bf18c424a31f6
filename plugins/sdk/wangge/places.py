"""Lists of places that an office keeps: loaded from a table, known by their names, located, shown on a page."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from itertools import cycle
from pathlib import Path
from typing import Any, Final, Generic, TypeVar

import click
from apiflask import APIBlueprint
from flask import Response, flash, redirect, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from geoalchemy2.shape import to_shape
from pydantic import BaseModel
from sqlalchemy import Text, func, select
from sqlalchemy.orm import Mapped, mapped_column

from core.access.actions import Action
from core.access.policy import may, require
from core.audit.recorder import record
from core.clock import now
from core.db.session import WorkSession, work
from core.errors import Invalid
from core.matters.forms import field_labels, hints
from core.plugin.hooks import DemoPlace, Health, HealthCheck
from core.text import noop as _
from wangge import forms
from wangge.cli import answer, json_option, operator
from wangge.grids import locate, point
from wangge.importing import read_csv
from wangge.tables import Located, UuidKey
from wangge.web import actor, pages, read, render_template, takes_upload, write
from web import context, tables
from web.hooks import Feature, MapLayer, Shape

__all__ = ["Imported", "Place", "PlaceList", "PlaceRow", "address", "office_phone", "opening_hours", "save_places"]

COORDINATES: Final = ("lon", "lat")


class PlaceRow(BaseModel):
    """One line of such a table; coordinates are CGCS2000 degrees. A plugin's row adds fields by ``wangge.forms.field``.

    Their labels head the columns of the page and of the file, in the reader's language.
    """

    name: str = forms.field("名称", "Name", min_length=1, max_length=100, headings=("场所名称",))
    lon: float = forms.field("经度", "Longitude", ge=-180, le=180)
    lat: float = forms.field("纬度", "Latitude", ge=-90, le=90)


def address() -> Any:
    """The field of a place's address."""
    return forms.field("地址", "Address", default="", max_length=200)


def opening_hours() -> Any:
    """The field of when a place is open."""
    return forms.field("开放时间", "Hours", default="", max_length=100, headings=["服务时间"])


def office_phone() -> Any:
    """The field of the telephone that a place's office answers."""
    return forms.field("联系电话", "Office phone", default="", max_length=40, headings=["值班电话"])


class Place(Located):
    """Mixin of such a table: a row with a place that is known by its name.

    ``wangge.revisions.place_columns`` makes its columns.
    """

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
    """One list of places as a whole: its table, its file, its page, its layers, and who may load it.

    :param plugin: name of the plugin; the page of the list is ``/p/<plugin>/``.
    :param title: message id of the page's heading.
    :param table: class with the mixin ``Place`` that keeps them, with an attribute for each field of ``row``.
    :param row: model of one line of the CSV file.
    :param action: who may do this may load the list.
    :param told: fields whose values stand in a place's bubble on the map.
    """

    plugin: str
    title: str
    table: type[Kept]
    row: type[PlaceRow]
    action: Action
    told: tuple[str, ...] = ()

    def load(self, session: WorkSession, data: bytes, *, dry_run: bool = False) -> Imported:
        """Add the places of a CSV file, or change those of the same name; nothing when a line has a fault.

        :raises Invalid: when the file is no such table, or lines have faults (each is listed).
        """
        require(session.actor, self.action.name)
        return save_places(session, self.table, read_csv(data, self.row).all_good(), dry_run=dry_run)

    def all(self, session: WorkSession, **only: Any) -> list[Kept]:
        """Every place by name; ``only`` are fields and the values they must have."""
        return list(session.scalars(select(self.table).filter_by(**only).order_by(self.table.name)))

    def plant(self, session: WorkSession, spots: Sequence[DemoPlace], examples: Sequence[Mapping[str, Any]]) -> None:
        """Save a made-up place at each spot, unless there are places already; for the hook ``load_demo``.

        :param examples: fields of the row, taken in turn; ``name`` comes after the spot's name, and an address says
            that it is made up.
        """
        if not self.all(session):
            rows = [self._made_up(spot, example) for spot, example in zip(spots, cycle(examples), strict=False)]
            save_places(session, self.table, rows)

    def _made_up(self, spot: DemoPlace, example: Mapping[str, Any]) -> PlaceRow:
        address = {"address": f"示范数据·{spot.name}"} if "address" in self.row.model_fields else {}
        own = {"name": f"{spot.name}{example['name']}", "lon": spot.lon, "lat": spot.lat}
        return self.row.model_validate({**example, **address, **own})

    def layer(
        self, name: str, title: str, *, colour: str = "#1b5fae", shape: Shape = "circle", **only: Any
    ) -> MapLayer:
        """A layer of the places, or of those whose fields have the values in ``only``."""

        def features(session: WorkSession) -> Iterable[Feature]:
            for kept in self.all(session, **only):
                values = {field: getattr(kept, field) for field in self.told if getattr(kept, field) not in ("", None)}
                yield Feature(
                    point(kept.place), kept.name, " · ".join(map(str, values.values())), f"/p/{self.plugin}/", values
                )

        return MapLayer(name, title, features, colour=colour, shape=shape)

    def health(self, name: str, title: str) -> HealthCheck:
        """The check that every place lies in the city."""

        def check(session: WorkSession) -> Health:
            total = session.scalar(select(func.count()).select_from(self.table)) or 0
            outside = session.scalar(select(func.count()).where(self.table.grid_id.is_(None))) or 0
            return Health(outside == 0, f"{total - outside} / {total}")

        return HealthCheck(name, title, check)

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

    def pages(self, import_name: str) -> APIBlueprint:
        """The page of the list, the list as a file, and the address that the page's form sends a file to."""
        bp = pages(import_name)

        @bp.get("/")
        def index() -> ResponseReturnValue:
            require(actor(), "grid.see")
            with read() as session:
                kept = self.all(session)
            may_import = bool(may(actor(), self.action.name))
            return render_template("plugins/places.html", may_import=may_import, **self._shown(kept))

        @bp.get("/list.<any(xlsx, csv):ending>")
        def export(ending: str) -> Response:
            with write() as session:
                require(session.actor, "grid.see")
                kept = self.all(session)
                after = {"rows": len(kept), "format": ending}
                record(session, "places.export", f"{self.plugin}.places", "*", after=after)
            titles = [title for title, _choices in self._labels().values()]
            return tables.write(
                ending, titles, [self._cells(each) for each in kept], f"{self.plugin}-places", gettext("Places")
            )

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

    def _labels(self) -> dict[str, tuple[str, Mapping[str, str]]]:
        """Title and titles of the choices of each field, in the reader's language."""
        return field_labels(self.row, "zh" if context.language() == "zh" else "en")

    def _cells(self, kept: Kept) -> list[Any]:
        """A place as the file that is loaded has it, choices by their labels."""
        own = dict(zip(COORDINATES, to_shape(kept.place).coords[0], strict=True))
        return [
            own[field] if field in own else _told(getattr(kept, field), choices)
            for field, (_title, choices) in self._labels().items()
        ]

    def _shown(self, kept: Sequence[Kept]) -> dict[str, Any]:
        """What the page shows: figures, columns and rows."""
        labels = {field: label for field, label in self._labels().items() if field not in COORDINATES}
        figures, columns = [], []
        for field, (title, choices) in labels.items():
            values = [getattr(each, field) for each in kept]
            counted = self.row.model_fields[field].annotation is int
            columns.append({"key": field, "title": title, "kind": "number" if counted else ""})
            if counted:
                figures.append({"title": title, "value": sum(values)})
            figures += [{"title": choices[each], "value": values.count(each)} for each in _choices(self.row, field)]
        rows = [
            {field: _told(getattr(each, field), choices) for field, (_title, choices) in labels.items()}
            for each in kept
        ]
        headings = [self._heading(field, *label) for field, label in self._labels().items()]
        return {
            "title": self.title, "address": f"/p/{self.plugin}/", "headings": headings,
            "figures": figures, "columns": columns, "rows": rows,
        }  # fmt: skip

    def _heading(self, field: str, title: str, choices: Mapping[str, str]) -> str:
        """Title of a field, and what may stand below it."""
        offered = " / ".join(choices[each] for each in _choices(self.row, field))
        return f"{title} ({offered})" if offered else title


def _choices(row: type[PlaceRow], field: str) -> list[str]:
    """The choices that a field offers, in their order."""
    return list(hints(row.model_fields[field]).get("options_en", ()))


def _told(value: Any, choices: Mapping[str, str]) -> Any:
    """A value as people read it: a choice by its label."""
    return choices.get(value, value) if isinstance(value, str) else value
