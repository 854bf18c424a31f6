"""Boundary files of a small city, and how tests bring them in by the API and the pages."""

from __future__ import annotations

import io
import json
from collections.abc import Callable
from typing import Any

from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from core.actor import job
from core.db.session import reading
from core.grids.jobs import JOBS
from core.grids.queries import coverage_state
from core.jobs.queue import SCHEMA
from tests.e2e.clients import TESTER
from tests.integration.grids.planting import node

API = "/api/v1/imports"


def square(west: int, south: int, east: int, north: int) -> list[tuple[float, float]]:
    """A ring through every node of the planted net on its way."""
    return [
        *(node(x, south) for x in range(west, east)), *(node(east, y) for y in range(south, north)),
        *(node(x, north) for x in range(east, west, -1)), *(node(west, y) for y in range(north, south, -1)),
        node(west, south),
    ]  # fmt: skip


def layer(*rows: tuple[str, str, list[tuple[float, float]]]) -> bytes:
    features = [
        {
            "type": "Feature",
            "properties": {"区划代码": code, "名称": name},
            "geometry": {"type": "Polygon", "coordinates": [ring]},
        }
        for code, name, ring in rows
    ]
    return json.dumps({"type": "FeatureCollection", "features": features}).encode()


CITY = layer(("139900", "试验市", square(0, 0, 4, 4)))
HALVES = (("139901", "西县", square(0, 0, 2, 4)), ("139902", "东县", square(2, 0, 4, 4)))
COUNTIES = layer(*HALVES)
GAPPED = layer(HALVES[0], ("139902", "东县", square(2, 0, 4, 3)))


def send(client: FlaskClient, content: bytes, name: str = "counties.geojson") -> Any:
    answer = client.post(API, data={"file": (io.BytesIO(content), name)}, content_type="multipart/form-data")
    assert answer.status_code == 201, answer.get_data(as_text=True)
    return answer.get_json()


def approve(client: FlaskClient, key: str, status: int = 200, **said: Any) -> Any:
    answer = client.post(f"{API}/{key}/approve", query_string=said)
    assert answer.status_code == status, answer.get_data(as_text=True)
    return answer.get_json()


def grow_city(client: FlaskClient) -> None:
    assert approve(client, send(client, CITY, "city.geojson")["id"])["state"] == "applied"


def levels() -> dict[str, int]:
    with reading(TESTER) as session:
        return dict(coverage_state(session).levels)


def press(client: FlaskClient, path: str, **values: Any) -> TestResponse:
    return client.post(path, data=values, content_type="multipart/form-data")


def run_jobs() -> None:
    """Do what waits in the queue, as a worker would."""
    runs: dict[str, Callable[..., None]] = {known.name: known.run for known in JOBS}
    sql = f"select id, task_name, args from {SCHEMA}.procrastinate_jobs where status = 'todo' order by id"
    with reading(job("tests")) as session:
        waiting = session.connection().exec_driver_sql(sql).all()
    for _number, name, values in waiting:
        if name.startswith(("grids.import", "grids.diagnose")):
            runs[name](**values)
