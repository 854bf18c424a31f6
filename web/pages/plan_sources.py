"""Drafts that are not drawn in the editor: read from a file, or the inverse of an applied plan."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final
from uuid import UUID

from apiflask import APIBlueprint
from flask import flash, redirect, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from core.db.base import new_id
from core.errors import DomainError, Invalid, Refused
from core.gistext import explain
from core.grids.called import called
from core.grids.plans import drafts, queries
from core.grids.plans.files import FileOptions
from core.grids.plans.results import Mended
from core.grids.plans.wording import LONGEST_TITLE
from core.text import listed
from core.text import noop as _
from gis.errors import GisError
from web.auth import takes_upload
from web.db import write
from web.i18n import said, translate_text
from web.plan_facts import plan_facts
from web.plan_layers import TakenLayer, take_layer

NAMED: Final = 5
"""Of how many mended grids it is told what became of each."""

bp = APIBlueprint("plan_sources", __name__, enable_openapi=False, url_prefix="/grids/plans")


@bp.get("/<uuid:plan_id>/layer")
def layer_form(plan_id: UUID) -> ResponseReturnValue:
    """Where a refused file is told of, asked for anew: the plan's page with the form open."""
    return redirect(f"/grids/plans/{plan_id}?dialog=layer#layer", 303)


@bp.post("/<uuid:plan_id>/layer")
@takes_upload
def load_layer(plan_id: UUID) -> ResponseReturnValue:
    """Draw a file's leaves into a plan, as they were drawn in another program."""
    file = request.files.get("file")

    def take() -> TakenLayer:
        if file is None or not file.filename:
            raise Invalid(_("No file was chosen"))
        return take_layer(plan_id, request.form.get("version", 0, type=int), file, FileOptions())

    return page_with(plan_id, take)


def page_with(plan_id: UUID, take: Callable[[], TakenLayer]) -> ResponseReturnValue:
    """The page of a plan once a file's leaves were drawn into it, or with why they were not.

    :param take: draws them.
    """
    try:
        taken = take()
    except GisError as error:
        flash(translate_text(explain(error)), "bad")
    except DomainError as error:
        if error.objections:
            return render_template("plans/plan.html", **{**plan_facts(plan_id), "refused": error}), error.status
        flash(said(error), "bad")
    else:
        flash(gettext(_("The file was drawn into the plan.")), "ok")
        for warning in taken.made.warnings:
            flash(translate_text(warning), "warn")
        if taken.mended:
            flash(_told_of(taken.mended), "warn")
    return redirect(f"/grids/plans/{plan_id}", 303)


def _told_of(mended: Sequence[Mended]) -> str:
    """What the mending of slivers did, of the first grids one by one."""
    told = [
        gettext(
            _("%(grid)s (+%(gained)s m², −%(lost)s m²)"),
            grid=called(one.code, one.name),
            gained=f"{one.gained_m2:,.2f}",
            lost=f"{one.lost_m2:,.2f}",
        )
        for one in mended[:NAMED]
    ]
    message = (
        _("Slivers were mended, which changed %(count)s grids: %(grids)s …")
        if len(mended) > NAMED
        else _("Slivers were mended, which changed %(count)s grids: %(grids)s")
    )
    return str(gettext(message, count=len(mended), grids=translate_text(listed(told))))


@bp.post("/<uuid:plan_id>/revert")
def revert(plan_id: UUID) -> ResponseReturnValue:
    """Begin a plan that takes the change of an applied one back."""
    try:
        with write() as session:
            old = queries.plan_by_id(session, plan_id)
            if old.change_id is None:
                raise Refused(_("Only a plan that is in force can be taken back"))
            title = gettext(_("Take back: %(title)s"), title=old.title)
            command = drafts.NewPlan(new_id(), queries.place_of_change(session, old.change_id), title[:LONGEST_TITLE])
            plan, unfit = drafts.revert_change(session, command, old.change_id)
    except DomainError as error:
        flash(said(error), "bad")
        return redirect(f"/grids/plans/{plan_id}", 303)
    for text in unfit:
        flash(translate_text(text), "warn")
    return redirect(f"/grids/plans/{plan.id}", 303)
