"""An import that is stopped while it runs: it writes nothing, or says at once that it is too late."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from threading import Event
from typing import Any
from uuid import UUID

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from core.db.session import work
from core.grids.imports import importing, uploads, uploadwork
from tests.e2e.boundaries import API, CITY, approve, levels, run_jobs, send
from tests.e2e.clients import TESTER, admin_client
from tests.integration.waiting import somebody_waits


@pytest.fixture
def client(database: str, monkeypatch: pytest.MonkeyPatch) -> FlaskClient:
    """An administrator; every file is large enough for a job."""
    monkeypatch.setattr("core.intake.uploads.AT_ONCE_BYTES", 10)
    return admin_client()


def state(client: FlaskClient, key: str) -> str:
    return str(client.get(f"{API}/{key}").get_json()["state"])


def stop(client: FlaskClient, key: str) -> TestResponse:
    return client.post(f"{API}/{key}/stop")


def test_a_stop_while_it_is_decided_again_writes_nothing(client: FlaskClient, monkeypatch: pytest.MonkeyPatch) -> None:
    key = send(client, CITY)["id"]
    run_jobs()
    approve(client, key)
    prepare, answers = importing.prepare, []

    def stopped_meanwhile(*values: Any) -> Any:
        answers.append(stop(client, key).status_code)
        return prepare(*values)

    monkeypatch.setattr(importing, "prepare", stopped_meanwhile)
    run_jobs()
    assert answers == [200]
    assert (state(client, key), levels()) == ("failed", {})


def test_a_stop_while_the_grids_are_written_is_refused_at_once(
    client: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    key = send(client, CITY)["id"]
    run_jobs()
    approve(client, key)
    apply, answers = importing.apply, []

    def asked_meanwhile(*values: Any) -> Any:
        change = apply(*values)
        answers.append(stop(client, key))
        answers.append(client.put(f"{API}/{key}/options", json={"level": "city"}))
        return change

    monkeypatch.setattr(importing, "apply", asked_meanwhile)
    run_jobs()
    assert [answer.status_code for answer in answers] == [409, 409]
    assert "不能再停止" in answers[0].get_json()["detail"]
    assert (state(client, key), levels()) == ("applied", {"city": 1})


def test_a_stop_that_comes_with_the_outcome_of_the_check_holds(
    client: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    key = UUID(send(client, CITY)["id"])
    draw, drawn, go_on = uploadwork.write_previews, Event(), Event()

    def draw_and_wait(*values: Any) -> None:
        draw(*values)
        drawn.set()
        assert go_on.wait(60)

    monkeypatch.setattr(uploadwork, "write_previews", draw_and_wait)
    with ThreadPoolExecutor(1) as pool:
        check = pool.submit(uploadwork.check_upload, TESTER, key)
        assert drawn.wait(60)
        with work(TESTER) as session:
            uploads.stop_upload(session, key)
            go_on.set()
            while not (check.done() or somebody_waits()):
                pass
        check.result(60)
    assert state(client, str(key)) == "failed"
