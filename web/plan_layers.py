"""A layer drawn in another program, taken into a plan: what the API and the pages share."""

from __future__ import annotations

import tempfile
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import Final
from uuid import UUID

from werkzeug.datastructures import FileStorage

from core.grids.imports.uploads import file_of, upload_view
from core.grids.plans import drafts, queries
from core.grids.plans.files import FileOperation, FileOptions, operation_of, read_leaves
from core.grids.plans.results import Mended
from core.grids.plans.verdict import mended_in
from core.grids.plans.views import PlanView
from core.grids.queries import grid_by_id
from core.intake.options import ReadOptions
from gis.formats import Layer
from web.db import read, write

READ_SECONDS: Final = 30


@dataclass(frozen=True)
class TakenLayer:
    """The plan with the layer drawn, the operation made of the file, and what its mending did."""

    plan: PlanView
    made: FileOperation
    mended: tuple[Mended, ...]


def take_layer(plan_id: UUID, version: int, file: FileStorage, options: FileOptions, parent: str = "") -> TakenLayer:
    """Draw a file's leaves into a plan.

    :param parent: code of the grid whose leaves they are; empty: the plan's.
    :raises Refused: where they do not tile it, with the places.
    """
    with read() as session:
        plan = queries.plan_by_id(session, plan_id)
        place = grid_by_id(session, plan.parent_id)
    with tempfile.TemporaryDirectory(prefix="plan-") as folder:
        path = Path(folder) / "layer"
        file.save(path)
        layer = read_leaves(path, options, within_s=READ_SECONDS)
    return _drawn(plan_id, version, layer, options, parent or (place.code if place else ""))


def take_upload(plan_id: UUID, version: int, upload_id: UUID, parent: str) -> TakenLayer:
    """Draw the leaves of a file into a plan that was brought to be imported, read as it was chosen there.

    :param parent: code of the grid whose leaves they are.
    :raises NotFound: where this person brought no such file, or it was cleared away.
    :raises Refused: where they do not tile it, with the places.
    """
    with read() as session:
        chosen = asdict(upload_view(session, upload_id).options)
        path = file_of(session, upload_id)
    options = FileOptions(**{field.name: chosen[field.name] for field in fields(ReadOptions)})
    layer = read_leaves(path, options, within_s=READ_SECONDS)
    return _drawn(plan_id, version, layer, options, parent)


def _drawn(plan_id: UUID, version: int, layer: Layer, options: FileOptions, parent: str) -> TakenLayer:
    with write() as session:
        made = operation_of(session, parent, layer, options)
        plan = drafts.add_operations(session, plan_id, version, [made.value])
        return TakenLayer(plan, made, mended_in(session, plan_id))
