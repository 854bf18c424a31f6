"""The kept list of a large city's defects: whose it is, who may ask for a new one, how long it stays."""

from __future__ import annotations

import datetime as dt
from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context

import pytest

from core import clock
from core.db.session import reading, work
from core.errors import Forbidden, NotFound
from core.grids.repairs.keeping import last_look, look_by_job, request_look
from tests.e2e.folks import acting, person
from tests.integration.grids import planting
from tests.integration.grids.bringing import TESTER, written

OWN, OTHERS = "139902", "139901"


@pytest.fixture
def city(database: str) -> None:
    """A city of two counties."""
    planting.plant()


@pytest.mark.parametrize("under", [OTHERS, None])
def test_a_list_is_neither_read_nor_written_by_who_may_repair_elsewhere_alone(city: None, under: str | None) -> None:
    look_by_job(TESTER, under)
    with reading(TESTER) as session:
        kept = last_look(session, under)
    assert kept is not None
    before = written()
    neighbour = acting(person("neighbour", "gis_admin", OWN))
    with work(neighbour) as session:
        with pytest.raises(Forbidden, match="granted to you"):
            last_look(session, under)
        with pytest.raises(Forbidden, match="granted to you"):
            request_look(session, under)
    with pytest.raises(Forbidden, match="granted to you"):
        look_by_job(neighbour, under)
    assert written()["jobs"] == before["jobs"]
    with reading(TESTER) as session:
        assert last_look(session, under) == kept


def test_several_who_ask_at_once_all_get_their_list(city: None) -> None:
    with ThreadPoolExecutor(8) as threads:
        asked = list(threads.map(lambda _number: copy_context().run(look_by_job, TESTER, OTHERS), range(48)))
    assert len(asked) == 48
    with reading(TESTER) as session:
        found = last_look(session, OTHERS)
    assert found is not None
    assert found["exact"]


def test_who_may_repair_there_asks_and_reads(city: None) -> None:
    own = acting(person("own", "gis_admin", OTHERS))
    with work(own) as session:
        assert last_look(session, OTHERS) is None
        request_look(session, OTHERS)
    with reading(own) as session:
        waiting = last_look(session, OTHERS)
    assert waiting is not None
    assert waiting["waiting"]
    look_by_job(own, OTHERS)
    with reading(own) as session:
        found = last_look(session, OTHERS)
    assert found is not None
    assert (found["exact"], found["root"]) == (True, OTHERS)


def test_there_is_no_list_of_a_grid_that_is_not(city: None) -> None:
    with work(TESTER) as session, pytest.raises(NotFound):
        request_look(session, "no such grid")


def test_lists_of_yesterday_are_dropped(city: None) -> None:
    look_by_job(TESTER, None)
    later = clock.now() + dt.timedelta(hours=25)
    with clock.turned(lambda: later):
        look_by_job(TESTER, OTHERS)
    with reading(TESTER) as session:
        assert last_look(session, None) is None
        assert last_look(session, OTHERS) is not None
