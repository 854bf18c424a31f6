"""Photos that no matter took are swept away after a day; those of matters stay."""

from __future__ import annotations

import datetime as dt
import errno
import os
from pathlib import Path

import pytest

from core import clock
from core.db.base import new_id
from core.db.session import reading, work
from core.errors import Invalid, NotFound, Unavailable
from core.files.service import path_of, small_path_of, store_photo
from core.matters.jobs import sweep_files
from core.matters.queries import visible_file
from tests.integration.matters.people import TESTER, jpeg, matter, photo, report


def sweep(hours: float) -> None:
    moment = clock.now() + dt.timedelta(hours=hours)
    with clock.turned(lambda: moment):
        sweep_files(0)


def test_only_old_photos_without_a_matter_go() -> None:
    forgotten, taken = photo(TESTER), photo(TESTER)
    matter(TESTER, files=(taken,))
    sweep(hours=23)
    assert path_of(forgotten).is_file()
    sweep(hours=25)
    assert [path.exists() for path in (path_of(forgotten), small_path_of(forgotten))] == [False, False]
    assert [path.exists() for path in (path_of(taken), small_path_of(taken))] == [True, True]
    with reading(TESTER) as session:
        assert visible_file(session, taken).id == taken
        with pytest.raises(NotFound):
            visible_file(session, forgotten)


def test_a_report_with_a_photo_that_went_is_told_to_send_it_again() -> None:
    forgotten = photo(TESTER)
    sweep(hours=25)
    with pytest.raises(Invalid) as refusal:
        report(TESTER, files=(forgotten,))
    assert [objection.pointer for objection in refusal.value.objections] == ["/files/0"]


def test_bytes_whose_row_was_never_kept_go_too() -> None:
    with pytest.raises(ZeroDivisionError), work(TESTER) as session:
        stray = store_photo(session, jpeg(), "a.jpg").id
        raise ZeroDivisionError
    halfway = path_of(new_id())
    halfway.parent.mkdir(parents=True, exist_ok=True)
    halfway = halfway.with_name(f"{halfway.name}.new")
    halfway.write_bytes(b"half")
    sweep(hours=23)
    assert [path_of(stray).exists(), halfway.exists()] == [True, True]
    sweep(hours=25)
    assert [path_of(stray).exists(), small_path_of(stray).exists(), halfway.exists()] == [False] * 3


def test_a_full_disk_keeps_no_half_photo(monkeypatch: pytest.MonkeyPatch, home: Path) -> None:
    def full(_file: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(Unavailable, match="no room for photos"):
        photo(TESTER)
    assert [path for path in (home / "files").rglob("*") if path.is_file()] == []
