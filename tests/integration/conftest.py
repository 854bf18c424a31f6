"""Who comes by the API and by the pages, for every room whose tests ask so."""

from __future__ import annotations

import pytest
from apiflask import APIFlask

from tests.integration.matters.doors import Person
from tests.integration.matters.people import EAST_STREET
from web.app import create_app


@pytest.fixture
def app(database: str) -> APIFlask:
    return create_app()


@pytest.fixture
def head(app: APIFlask) -> Person:
    return Person(app, "head", "grid_head", EAST_STREET)
