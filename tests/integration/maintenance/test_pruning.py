"""The nightly job forgets what nothing needs, and nothing else."""

from __future__ import annotations

import datetime as dt
import io
import os
from uuid import UUID

import pytest
from sqlalchemy import select

from core import clock
from core.db.base import new_id
from core.db.models import AnsweredRequest
from core.db.session import reading, work
from core.grids.imports.uploads import SHELF, store_upload
from core.maintenance.pruning import prune
from core.matters.commands import TakeStep
from core.matters.inputs import NoteInput
from core.matters.service import take_step
from tests.beginning import begins_with
from tests.integration.grids.planting import planted
from tests.integration.matters.people import TESTER, matter

DAY = dt.timedelta(days=1)


template = begins_with(planted)
pytestmark = pytest.mark.usefixtures("database")


def answered() -> set[UUID]:
    with reading(TESTER) as session:
        return set(session.scalars(select(AnsweredRequest.key)))


def test_answers_are_kept_for_thirty_days() -> None:
    now = clock.now()
    with clock.turned(lambda: now - DAY * 31):
        old = matter(TESTER)
    with clock.turned(lambda: now - DAY * 29):
        young = matter(TESTER)
    prune(0)
    assert answered() == {young}
    assert old != young


def test_only_steps_with_an_id_of_the_client_leave_an_answer() -> None:
    found, key = matter(TESTER), new_id()
    with work(TESTER) as session:
        take_step(session, TakeStep(found, "accept", version=1))
    assert answered() == {found}
    with work(TESTER) as session:
        take_step(session, TakeStep(found, "note", given=NoteInput(note="seen"), id=key))
    assert answered() == {found, key}


def test_the_files_of_past_imports_go_after_thirty_days() -> None:
    now = clock.now()
    keys = []
    for days in (31, 29):
        with clock.turned(lambda days=days: now - DAY * days), work(TESTER) as session:  # type: ignore[misc]
            keys.append(store_upload(session, "counties.geojson", io.BytesIO(b"{}")))
    prune(0)
    assert [SHELF.folder_of(key).exists() for key in keys] == [False, True]


def test_a_folder_of_which_no_row_was_written_goes_too() -> None:
    old, young = SHELF.folder_of(new_id()), SHELF.folder_of(new_id())
    for folder, days in ((old, 31), (young, 29)):
        folder.mkdir(parents=True)
        at = (clock.now() - DAY * days).timestamp()
        os.utime(folder, (at, at))
    prune(0)
    assert [old.exists(), young.exists()] == [False, True]
