"""Reports: located, numbered, idempotent; nothing half."""

from __future__ import annotations

import datetime as dt
from concurrent.futures import ThreadPoolExecutor
from uuid import UUID, uuid4

import pytest
from sqlalchemy import func, select, text

from core import clock, once
from core.db.base import new_id
from core.db.session import reading, work
from core.errors import Forbidden, Invalid, KeyReused, NotFound
from core.grids.queries import grid_by_code
from core.matters.commands import TakeStep
from core.matters.inputs import NoteInput
from core.matters.models import Matter, MatterEvent
from core.matters.places import Place
from core.matters.queries import events_of, form_of, matter_by_id, matter_by_number
from core.matters.service import take_step
from gis.gcj import wgs84_to_gcj02
from tests.integration.matters.people import (
    EAST_STREET,
    IN_EAST,
    IN_EAST_CODE,
    IN_SOUTH,
    IN_SOUTH_CODE,
    OUTSIDE,
    SOUTH_STREET,
    TESTER,
    matter,
    person,
    photo,
    read,
    report,
)

FAR_EAST, FAR_WEST = dt.timezone(dt.timedelta(hours=23, minutes=59)), dt.timezone(-dt.timedelta(hours=23, minutes=59))
TUESDAY = dt.datetime(2026, 11, 24, 0, 12, tzinfo=dt.UTC)


def rows(table: type) -> int:
    with reading(TESTER) as session:
        return session.scalar(select(func.count()).select_from(table)) or 0


def test_a_report_falls_into_its_grid_and_gets_a_number() -> None:
    with clock.turned(lambda: TUESDAY):
        body = report(person("worker", EAST_STREET)).body
    assert body["grid"] == IN_EAST_CODE
    assert body["path"] == ["139900", "139901", EAST_STREET, IN_EAST_CODE]
    assert (body["state"], body["version"]) == ("reported", 1)
    assert body["number"] == "20260000001"
    # The general kind has five working days: from Tuesday morning to next Tuesday morning.
    assert body["due"] == "2026-12-01T00:12:00+00:00"


def test_the_year_of_the_number_is_the_local_one() -> None:
    with clock.turned(lambda: dt.datetime(2026, 12, 31, 17, tzinfo=dt.UTC)):
        assert report(TESTER).body["number"].startswith("2027")


def test_the_first_event_is_the_report() -> None:
    worker = person("worker", EAST_STREET)
    found = matter(worker)
    with reading(worker) as session:
        events = events_of(session, found)
    assert [(e.seq, e.step, e.from_state, e.to_state, e.actor) for e in events] == [
        (1, "report", "draft", "reported", worker.id)
    ]


def test_the_place_is_converted_and_rounded_once_and_the_raw_one_kept() -> None:
    import numpy as np

    lon, lat = (float(value) for value in wgs84_to_gcj02(np.array([[116.05, 39.15]]))[0])
    view = read(TESTER, matter(TESTER, Place(lon, lat, "gcj02", 8.0)))
    assert (view.lon, view.lat) == pytest.approx((116.05, 39.15), abs=2e-7)
    assert view.raw_place == {"lon": lon, "lat": lat, "crs": "gcj02", "accuracy_m": 8.0}
    assert view.grid is not None
    assert view.grid.code == IN_EAST_CODE
    assert (view.lon, view.lat) == (round(view.lon or 0, 7), round(view.lat or 0, 7))


@pytest.mark.parametrize("place", [OUTSIDE, None])
def test_outside_the_city_or_without_a_place_it_is_unlocated(place: Place | None) -> None:
    worker = person("worker", EAST_STREET)
    body = report(worker, place).body
    assert (body["grid"], body["path"], body["state"]) == (None, None, "reported")
    found = UUID(body["id"])
    assert read(worker, found).grid is None
    assert read(person("desk", None), found).grid is None
    with pytest.raises(NotFound):
        read(person("desk", EAST_STREET), found)


def test_the_same_again_gives_the_same_answer_and_one_matter() -> None:
    worker, key = person("worker", EAST_STREET), new_id()
    first, second = report(worker, id=key), report(worker, id=key)
    assert (first.again, second.again) == (False, True)
    assert first.body == second.body
    assert rows(Matter) == rows(MatterEvent) == 1


def test_the_answer_stays_the_same_after_the_matter_moved_on() -> None:
    key = new_id()
    first = report(TESTER, id=key)
    with work(TESTER) as session:
        session.execute(text("update core.matter set state = 'accepted', version = 2"))
    assert report(TESTER, id=key).body == first.body


def test_eight_threads_with_one_id_make_one_matter() -> None:
    worker, key = person("worker", EAST_STREET), new_id()
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda _: report(worker, id=key), range(8)))
    assert sum(not answer.again for answer in answers) == 1
    assert len({answer.body["number"] for answer in answers}) == 1
    assert rows(Matter) == rows(MatterEvent) == 1


def test_other_content_under_the_same_id_is_refused() -> None:
    worker, key = person("worker", EAST_STREET), new_id()
    report(worker, id=key)
    with pytest.raises(KeyReused):
        report(worker, id=key, title="something else")
    assert rows(Matter) == 1


def test_the_id_of_a_step_is_no_id_for_a_report() -> None:
    found, step = matter(TESTER), new_id()
    with work(TESTER) as session:
        take_step(session, TakeStep(found, "note", given=NoteInput(note="已到现场"), id=step))
        once.forget(session, clock.now() + dt.timedelta(days=1))
    with pytest.raises(KeyReused):
        report(TESTER, id=step)
    assert rows(Matter) == 1


def test_somebody_elses_id_is_refused_without_telling_the_answer() -> None:
    key = new_id()
    number = report(person("worker", EAST_STREET), id=key).body["number"]
    with pytest.raises(KeyReused) as caught:
        report(person("worker", EAST_STREET), id=key)
    assert number not in str(caught.value)
    assert caught.value.facts() == {}


def test_a_refused_report_leaves_its_id_free() -> None:
    worker, key = person("worker", EAST_STREET), new_id()
    with pytest.raises(Forbidden):
        report(worker, IN_SOUTH, id=key)
    assert report(worker, IN_EAST, id=key).again is False


def test_a_foreign_grid_is_refused_and_nothing_written() -> None:
    with pytest.raises(Forbidden):
        report(person("worker", EAST_STREET), IN_SOUTH)
    with pytest.raises(Forbidden):
        report(person("leader", None))
    assert rows(Matter) == 0


@pytest.mark.parametrize(
    ("fields", "pointer"),
    [
        ({"id": uuid4()}, "/id"),
        ({"title": "  "}, "/title"),
        ({"title": "长" * 101}, "/title"),
        ({"text": "a\0b"}, "/text"),
        ({"kind": "trees.fallen"}, "/kind"),
        ({"form": {"colour": "red"}}, "/form"),
        ({"happened_at": dt.datetime(2099, 1, 1, tzinfo=dt.UTC)}, "/happened_at"),
        ({"title": "\u200b"}, "/title"),
        ({"title": "\u2060\u3164"}, "/title"),
        ({"title": "路灯\u202e不亮"}, "/title"),
        ({"title": "路灯\r\n不亮"}, "/title"),
        ({"happened_at": dt.datetime(1, 1, 1, tzinfo=FAR_EAST)}, "/happened_at"),
        ({"device_at": dt.datetime(9999, 12, 31, 23, 59, tzinfo=FAR_WEST)}, "/device_at"),
        ({"place": Place(float("nan"), 39.0)}, "/place"),
        ({"place": Place(500.0, 39.0)}, "/place"),
        ({"place": Place(116.0, 39.0, "EPSG:4548")}, "/place"),
        ({"place": Place(116.0, 39.0, "mars")}, "/place/crs"),
        ({"files": (new_id(),)}, "/files/0"),
    ],
)
def test_bad_input_names_the_place_of_the_fault(fields: dict[str, object], pointer: str) -> None:
    with pytest.raises(Invalid) as caught:
        report(TESTER, **fields)
    assert [objection.pointer for objection in caught.value.objections] == [pointer]
    assert rows(Matter) == 0


@pytest.mark.usefixtures("check_kind")
def test_a_form_is_kept_in_the_kinds_table_and_summed_up_in_the_spine() -> None:
    found = matter(TESTER, kind="test.check", form={"level": "high", "people": 3})
    with reading(TESTER) as session:
        assert form_of(session, found) == {"level": "high", "people": 3}
        view = matter_by_id(session, found)
    assert [entry["field"] for entry in view.summary] == ["level", "people"]
    assert view.summary[0]["title"] == {"zh": "等级", "en": "Level"}
    assert view.summary[0]["text"] == {"zh": "重大", "en": "high"}


@pytest.mark.usefixtures("check_kind")
@pytest.mark.parametrize(
    ("form", "faults"),
    [
        ({}, {("/form/level", "missing")}),
        (
            {"level": "middle", "people": -1},
            {("/form/level", "literal_error"), ("/form/people", "greater_than_equal")},
        ),
        ({"level": "low", "a/b": 1}, {("/form/a~1b", "extra_forbidden")}),
    ],
)
def test_faults_of_a_form_have_pointers(form: dict[str, object], faults: set[tuple[str, str]]) -> None:
    with pytest.raises(Invalid) as caught:
        report(TESTER, kind="test.check", form=form)
    assert {(o.pointer, o.code) for o in caught.value.objections} == faults
    assert rows(Matter) == 0


def test_photos_belong_to_one_matter_and_to_their_uploader() -> None:
    worker, colleague = person("worker", EAST_STREET), person("worker", EAST_STREET)
    mine, theirs = photo(worker), photo(colleague)
    found = matter(worker, files=(mine,))
    with reading(worker) as session:
        assert [p.id for p in events_of(session, found)[0].photos] == [mine]
    for files in ((mine,), (theirs,)):
        with pytest.raises(Invalid):
            report(worker, files=files)


def test_one_photo_in_many_reports_at_once_belongs_to_one() -> None:
    worker = person("worker", EAST_STREET)
    taken = photo(worker)

    def attempt(_number: int) -> bool:
        try:
            report(worker, files=(taken,))
        except Invalid:
            return False
        return True

    with ThreadPoolExecutor(6) as pool:
        assert sum(pool.map(attempt, range(6))) == 1
    assert rows(Matter) == 1


def test_a_foreign_matter_is_not_found() -> None:
    found = matter(person("worker", EAST_STREET))
    with pytest.raises(NotFound):
        read(person("grid_head", SOUTH_STREET), found)
    assert read(person("grid_head", EAST_STREET), found).title == "井盖缺失"


def test_found_by_number() -> None:
    body = report(TESTER, IN_SOUTH).body
    with reading(person("worker", SOUTH_STREET)) as session:
        view = matter_by_number(session, body["number"])
    assert view.grid is not None
    assert view.grid.code == IN_SOUTH_CODE


def test_a_refusal_names_the_foreign_grid_and_those_of_the_reporter() -> None:
    with pytest.raises(Forbidden) as caught:
        report(person("worker", EAST_STREET), IN_SOUTH)
    (fault,) = caught.value.objections
    assert (fault.pointer, fault.text.params["code"]) == ("/place", IN_SOUTH_CODE)
    with reading(TESTER) as session:
        east = grid_by_code(session, EAST_STREET)
    assert east is not None
    assert fault.text.params["own"] == (east.name,)
