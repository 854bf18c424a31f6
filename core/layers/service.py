"""What people do with reference layers: bring a file in, change how a layer is shown, remove it."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import delete, func, select

from core import clock
from core.access.policy import EVERYWHERE, require
from core.audit.recorder import record
from core.db.copying import copy_rows
from core.db.session import WorkSession, take_turn
from core.errors import Invalid, Objection, Refused
from core.gistext import explain
from core.grids.queries import coverage_state
from core.intake.refusals import Refusal, Remedy
from core.layers.kinds import ABOUT, REASONS
from core.layers.models import LayerFeature, LayerTile, ReferenceLayer
from core.layers.naming import TITLES, free_code, is_titled, named_layer, new_code, new_titles, title_faults
from core.layers.queries import drawn_rows, row_by_code, view_of
from core.layers.reading import Opened, rows
from core.layers.shapes import Counts
from core.layers.taken import Taken, gives_way
from core.layers.views import KINDS, MOST_ZOOM, LayerOptions, LayerView
from core.text import Text, is_blank, is_one_line, listed
from core.text import noop as _

MANAGE: Final = "grid.import"
TURN: Final = "core.layers"
CODE: Final = re.compile(r"[a-z][a-z0-9-]{0,39}")
RESERVED: Final = ("imports", "order")
"""Words that stand where codes do in the addresses of pages."""
COLUMNS: Final = 'layer_feature(layer_id, zoom, name, "class", attributes, geom)'
LONGEST: Final = {"title_zh": 40, "title_en": 40, "source": 200, "licence": 200}

Progress = Callable[[int], None]


@dataclass(frozen=True)
class Brought:
    """A layer that came in.

    :param read: rows of the file, ``mended`` of them were invalid and are drawn mended.
    :param found: the field that became the name and the class.
    :param replaced: features that went for it; ``None`` where there was no such layer.
    """

    layer: LayerView
    read: int
    mended: int
    found: dict[str, str]
    warnings: tuple[Text, ...]
    replaced: int | None = None


@dataclass(frozen=True)
class LayerChange:
    """How a layer shall be shown; ``None`` leaves it as it is."""

    title_zh: str | None = None
    title_en: str | None = None
    source: str | None = None
    licence: str | None = None
    min_zoom: int | None = None
    shown: bool | None = None
    position: int | None = None


def import_layer(
    session: WorkSession, found: Opened, options: LayerOptions, file_name: str, progress: Progress = lambda _rows: None
) -> Brought:
    """Make the rows of an opened file the content of a layer, new or known, in this transaction.

    :param progress: is told how many features were written so far.
    :raises Refusal: where the coordinate system is missing or wrong, or no row can be drawn.
    :raises Taken: where the layer is there and the options do not let it go as it stands; nothing is written.
    :raises Invalid: where an option is wrong, or another layer has the title.
    """
    require(session.actor, MANAGE, EVERYWHERE)
    check_options(options)
    take_turn(session, TURN)
    counts, near = Counts(), coverage_state(session).extent
    known = named_layer(session, options)
    if known is not None and not gives_way(view_of(known), options):
        raise _taken(session, known, rows(found, options, near, known.id, counts), counts)
    _refuse_faults(title_faults(session, known, vars(options)))
    gone = known.features if known is not None else None
    before = {"file": known.file_name, "features": gone} if known is not None else None
    row = _new(session, options) if known is None else known
    _take_over(session, row, options)
    for some in rows(found, options, near, row.id, counts):
        copy_rows(session, COLUMNS, some)
        progress(counts.kept)
    if not counts.kept:
        raise _nothing(counts)
    row.features, row.left_out = counts.kept, {name: n for name, n in counts.left_out.items() if n}
    row.extent = counts.extent
    row.geometry_type = next(iter(counts.families)) if len(counts.families) == 1 else "mixed"
    row.crs, row.file_name = str(options.crs or found.about.crs), file_name
    row.imported_at, row.imported_by = clock.now(), session.actor.id
    row.imported_by_name, row.version = session.actor.name, _next_version(row)
    after = {"code": row.code, "file": file_name, "features": counts.kept, "left_out": row.left_out}
    record(session, "layer.import", "core.layer", str(row.id), before=before, after=after)
    session.flush()
    return Brought(view_of(row), counts.read, counts.mended, found.about.found, _warnings(found, counts), gone)


def set_layer(session: WorkSession, code: str, change: LayerChange) -> LayerView:
    """Change how a layer is named and shown.

    :raises NotFound: there is no such layer.
    :raises Invalid: a value is wrong, or another layer has the title.
    """
    require(session.actor, MANAGE, EVERYWHERE)
    values = {name: value for name, value in vars(change).items() if value is not None}
    _refuse_faults(_faults(values))
    row = row_by_code(session, code, lock=True)
    _refuse_faults(title_faults(session, row, values))
    for name, value in values.items():
        setattr(row, name, value.strip() if isinstance(value, str) else value)
    session.flush()
    return view_of(row)


def order_layers(session: WorkSession, codes: Sequence[str]) -> None:
    """Draw the layers in this order, the first lowest; those not named come above them, in the order they had.

    :raises NotFound: there is no such layer.
    """
    require(session.actor, MANAGE, EVERYWHERE)
    take_turn(session, TURN)
    named = [row_by_code(session, code) for code in codes]
    rest = [row for row in drawn_rows(session) if row not in named]
    for position, row in enumerate([*named, *rest]):
        row.position = position
    session.flush()


def remove_layer(session: WorkSession, code: str) -> LayerView:
    """Remove a layer with all its features.

    :raises NotFound: there is no such layer.
    """
    require(session.actor, MANAGE, EVERYWHERE)
    view = view_of(row_by_code(session, code, lock=True))
    session.execute(delete(ReferenceLayer).where(ReferenceLayer.id == view.id))
    before = {"code": view.code, "kind": view.kind, "title": view.title_zh, "features": view.features}
    record(session, "layer.remove", "core.layer", str(view.id), before=before)
    return view


def _taken(session: WorkSession, known: ReferenceLayer, read: Iterable[object], counts: Counts) -> Refused:
    """What is asked where a layer is there, once the file was read as if it came in."""
    for _part in read:
        pass
    if not counts.kept:
        return _nothing(counts)
    return Taken(view_of(known), counts.kept, free_code(session, known.code))


def _new(session: WorkSession, options: LayerOptions) -> ReferenceLayer:
    about = ABOUT[options.kind]
    title_zh, title_en = new_titles(session, options)
    last = session.scalar(select(func.max(ReferenceLayer.position)).where(ReferenceLayer.kind == options.kind))
    row = ReferenceLayer(
        code=new_code(session, options), kind=options.kind, version=0, features=0, left_out={}, geometry_type="",
        extent=[0, 0, 0, 0], crs="", file_name="", imported_at=clock.now(), imported_by="", imported_by_name="",
        position=10 * KINDS.index(options.kind) if last is None else last + 1,
        title_zh=title_zh, title_en=title_en, source="", licence="",
        min_zoom=about.min_zoom, shown=about.shown,
    )  # fmt: skip
    session.add(row)
    session.flush()
    return row


def _take_over(session: WorkSession, row: ReferenceLayer, options: LayerOptions) -> None:
    """Empty a layer for a file and give it what the options say."""
    session.execute(delete(LayerFeature).where(LayerFeature.layer_id == row.id))
    session.execute(delete(LayerTile).where(LayerTile.layer_id == row.id))
    row.kind = options.kind
    row.source, row.licence = (options.source or "").strip(), (options.licence or "").strip()
    for name in (*TITLES, "min_zoom", "shown"):
        value = getattr(options, name)
        if value is not None and not (name in TITLES and is_titled(row, value)):
            setattr(row, name, value.strip() if isinstance(value, str) else value)
    session.flush()


def _next_version(row: ReferenceLayer) -> int:
    """A number that no tile of any layer of this code ever had, one that was removed included."""
    return max(row.version + 1, int(clock.now().timestamp() * 1000))


def _nothing(counts: Counts) -> Refusal:
    reasons = listed(
        Text("%(reason)s: %(count)s", {"reason": Text(REASONS[name]), "count": count})
        for name, count in counts.left_out.items()
        if count
    )
    return Refusal(
        _("None of the %(read)s rows can be drawn (%(reasons)s)"),
        remedies=[Remedy("true_crs")] if counts.left_out.get("outside") else [],
        read=counts.read,
        reasons=reasons,
    )


def _warnings(found: Opened, counts: Counts) -> tuple[Text, ...]:
    said = [explain(note) for note in found.about.notes]
    for name, count in counts.left_out.items():
        if count:
            values = {"count": count, "reason": Text(REASONS[name])}
            said.append(Text(_("%(count)s rows were left out: %(reason)s"), values))
    if counts.mended:
        said.append(Text(_("%(count)s invalid shapes were mended"), {"count": counts.mended}))
    return tuple(said)


def check_options(options: LayerOptions) -> None:
    """Refuse options that no layer can have.

    :raises Invalid: each fault with its field.
    """
    faults = _faults({name: getattr(options, name) for name in (*LONGEST, "min_zoom")})
    if options.kind not in KINDS:
        faults.append(_fault("kind", _("Choose one of the kinds of layers")))
    if options.code is not None and not CODE.fullmatch(options.code):
        faults.append(
            _fault("code", _("A code has small Latin letters, digits and hyphens, begins with a letter, at most 40"))
        )
    if options.code in RESERVED:
        faults.append(_fault("code", _("Addresses have this word in another sense: take another code")))
    _refuse_faults(faults)


def check_titles(session: WorkSession, options: LayerOptions) -> None:
    """Refuse titles of a new layer that another one has.

    :raises Invalid: each fault with its field.
    """
    require(session.actor, MANAGE, EVERYWHERE)
    _refuse_faults(title_faults(session, None, vars(options)))


def _faults(values: dict[str, Any]) -> list[Objection]:
    faults = []
    for name, longest in LONGEST.items():
        text = values.get(name)
        if text is None:
            continue
        if name == "title_zh" and is_blank(text):
            faults.append(_fault(name, _("Give the layer a title")))
        if len(text) > longest or not is_one_line(text):
            faults.append(_fault(name, _("One line of at most %(longest)s characters"), longest=longest))
    zoom = values.get("min_zoom")
    if zoom is not None and not 0 <= zoom <= MOST_ZOOM:
        faults.append(_fault("min_zoom", _("A zoom from 0 to %(most)s"), most=MOST_ZOOM))
    return faults


def _fault(name: str, message: str, **params: Any) -> Objection:
    return Objection(Text(message, params), pointer=f"/{name}", code="invalid")


def _refuse_faults(faults: Sequence[Objection]) -> None:
    if faults:
        raise Invalid(_("Some options of the layer are wrong"), objections=faults)
