"""The OpenAPI document: valid, complete, of the API alone, and true to what is answered."""

from __future__ import annotations

import re
from typing import Any

import pytest
from apiflask import APIFlask
from flask.testing import FlaskClient
from jsonschema import Draft202012Validator
from openapi_spec_validator import validate

from tests.e2e.clients import admin_client, found, stranger_of
from tests.integration.grids.planting import plant

NOTHING = "00000000-0000-7000-8000-000000000000"
UNTOLD = {"/api/v1/openapi.json"}


@pytest.fixture
def client(database: str) -> FlaskClient:
    plant()
    return admin_client()


@pytest.fixture
def document(client: FlaskClient) -> Any:
    return found(client, "/api/v1/openapi.json")


def test_the_document_is_valid_and_tells_every_route_of_the_api_and_no_other(
    client: FlaskClient, document: Any
) -> None:
    validate(document)
    app = client.application
    assert isinstance(app, APIFlask)
    routes = {
        (re.sub(r"<(?:[^<>]*:)?(\w+)>", r"{\1}", rule.rule), method.lower())
        for rule in app.url_map.iter_rules()
        if rule.rule.startswith("/api/v1/") and rule.rule not in UNTOLD
        for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}
    }
    told = {
        (path, method)
        for path, item in document["paths"].items()
        for method in item
        if method in {"get", "post", "put", "patch", "delete"}
    }
    assert told == routes
    assert not [path for path, method in told if method == "delete"]


def test_every_reference_of_the_document_leads_to_a_schema_and_no_two_models_share_a_name(document: Any) -> None:
    schemas = document["components"]["schemas"]
    told = set(re.findall(r"'#/components/schemas/([^']+)'", repr(document)))
    assert sorted(told - set(schemas)) == []
    assert not [name for name in schemas if re.sub(r"\d+(\.|$)", r"\1", name) != name]


def test_the_document_tells_every_operation_of_a_plan_with_its_fields(document: Any) -> None:
    schemas = document["components"]["schemas"]
    any_of_them = schemas["OperationsIn"]["properties"]["operations"]["items"]
    told = {op: schemas[ref.rpartition("/")[2]] for op, ref in any_of_them["discriminator"]["mapping"].items()}
    assert sorted(told) == [
        "carve", "delete_vertex", "insert_vertex", "load", "merge", "move", "move_vertex", "recode", "rename",
        "reshape", "retire", "split", "subdivide",
    ]  # fmt: skip
    assert {"from", "polygon", "kind", "name"} <= set(told["carve"]["properties"])


def test_every_operation_names_itself_its_answer_and_its_refusals(document: Any) -> None:
    names = []
    for item in document["paths"].values():
        for operation in (one for method, one in item.items() if method in {"get", "post", "put"}):
            names.append(operation["operationId"])
            assert operation["summary"]
            answers = operation["responses"]
            assert {"400", "401", "default"} <= set(answers), operation["operationId"]
            assert any(status.startswith("2") for status in answers), operation["operationId"]
            for status, answer in answers.items():
                if not status.startswith("2"):
                    assert answer["content"]["application/problem+json"]["schema"], operation["operationId"]
    assert len(names) == len(set(names))


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("get", "/matters", None),
        ("get", "/matter-kinds", None),
        ("get", "/users", None),
        ("get", "/grants", None),
        ("get", "/departments", None),
        ("get", "/posts", None),
        ("get", "/plugins", None),
        ("get", "/me", None),
        ("get", "/grids/tree", None),
        ("get", "/grids/coverage", None),
        ("get", "/grids/139901001", None),
        ("get", "/matters?limit=none", None),
        ("get", f"/matters/{NOTHING}", None),
        ("post", "/matters", {"id": 1}),
        ("post", "/users", {"login": "fresh", "name": "新人"}),
    ],
)
def test_what_is_answered_fits_what_is_told(
    client: FlaskClient, document: Any, method: str, path: str, body: Any
) -> None:
    answer = client.open(f"/api/v1{path}", method=method, json=body)
    told = template(document, f"/api/v1{path.partition('?')[0]}")[method]["responses"]
    said = told.get(str(answer.status_code)) or told["default"]
    schema = said["content"][answer.mimetype]["schema"]
    Draft202012Validator({**schema, "components": document["components"]}).validate(answer.get_json())


def test_who_shows_no_token_gets_a_problem(client: FlaskClient, document: Any) -> None:
    problem = found(stranger_of(client), "/api/v1/me", 401)
    schema = document["paths"]["/api/v1/me"]["get"]["responses"]["401"]["content"]["application/problem+json"]["schema"]
    Draft202012Validator({**schema, "components": document["components"]}).validate(problem)


def template(document: Any, path: str) -> Any:
    """The path item that an address belongs to, the most literal first."""
    fitting = [
        item
        for name, item in sorted(document["paths"].items(), key=lambda pair: pair[0].count("{"))
        if re.fullmatch(re.sub(r"\{\w+\}", "[^/]+", name), path)
    ]
    return fitting[0]
