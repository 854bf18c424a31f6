"""Whatever a body or a query has against it is said in the reader's language, beside the field it concerns."""

from __future__ import annotations

import importlib
import pkgutil
import re
from collections.abc import Iterator
from typing import Any

import pytest
from flask.testing import FlaskClient
from pydantic import BaseModel, ValidationError

import web.api
from core.faults import faults_of
from tests.e2e.clients import admin_client
from web.i18n import translate_text

HAN = re.compile("[\u4e00-\u9fff]")
WRONG = (
    None, True, 1.5, -1, 1e308, float("nan"), float("inf"), 10**30, "", "x", "x" * 5000, "\ud800", "2026-13-01",
    "2026-11-24T08:12:00", "999", [], [1], [None], {}, {"x": 1}, b"x", object(),
)  # fmt: skip


def inputs() -> Iterator[type[BaseModel]]:
    """Every model of something that the API takes."""
    for module in pkgutil.iter_modules(web.api.__path__):
        for value in vars(importlib.import_module(f"web.api.{module.name}")).values():
            if isinstance(value, type) and issubclass(value, BaseModel) and value.__name__.endswith("In"):
                yield value


@pytest.fixture
def client(database: str) -> FlaskClient:
    return admin_client()


def test_there_is_a_chinese_word_for_everything_that_can_be_wrong(client: FlaskClient) -> None:
    models = set(inputs())
    assert len(models) > 10
    foreign = set()
    with client.application.test_request_context():
        for model in models:
            for name in (*model.model_fields, "no_such_field"):
                for value in WRONG:
                    try:
                        model.model_validate({name: value})
                    except ValidationError as error:
                        said = [(fault.code, translate_text(fault.text)) for fault in faults_of(error)]
                        foreign |= {(model.__name__, name, *one) for one in said if not HAN.search(one[1])}
    assert foreign == set()


@pytest.mark.parametrize(
    ("body", "pointer", "code", "words"),
    [
        ({"kind": "general", "title": "x"}, "/id", "missing", "必填"),
        ({"id": "x", "kind": "general", "title": "x"}, "/id", "uuid_parsing", "编号"),
        ({"id": 1, "kind": "general", "title": "x", "more": 1}, "/more", "extra_forbidden", "没有"),
        ({"happened_at": "2026-11-24T08:12:00"}, "/happened_at", "value_error", "时区"),
        ({"place": {"lon": "east", "lat": 1}}, "/place/lon", "float_type", "数字"),
        ({"place": {"lon": "116.1", "lat": 1}}, "/place/lon", "float_type", "数字"),
        ({"place": {"lon": 1, "lat": 1, "accuracy_m": -1}}, "/place/accuracy_m", "greater_than_equal", "0"),
    ],
)
def test_a_fault_stands_at_its_field(
    client: FlaskClient, body: dict[str, Any], pointer: str, code: str, words: str
) -> None:
    answer = client.post("/api/v1/matters", json=body)
    assert answer.status_code == 422
    problem = answer.get_json()
    (fault,) = [fault for fault in problem["errors"] if fault["pointer"] == pointer]
    assert fault["code"] == code
    assert words in fault["detail"]
    assert HAN.search(fault["detail"])
