"""A planted city for every test of this room."""

from __future__ import annotations

from collections.abc import Iterator
from uuid import UUID

import pytest
from apiflask import APIFlask

from core.matters.kinds import register_kind, unregister
from tests.beginning import begins_with
from tests.integration.grids.planting import planted
from tests.integration.matters.doors import Person
from tests.integration.matters.people import CHECK, EAST_STREET, make_details, make_offices

template = begins_with(planted)


@pytest.fixture(autouse=True)
def city(database: str) -> None:
    """Every test has a city of its own."""


@pytest.fixture
def offices(database: str) -> dict[str, UUID]:
    """Ids of departments by their codes."""
    return make_offices()


@pytest.fixture
def check_kind(database: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A plugin's kind with a form, and its details table."""
    import os

    make_details(os.environ["WANGGE_OWNER_URL"])
    register_kind(CHECK, "test")
    yield
    unregister("test")


@pytest.fixture
def worker(app: APIFlask) -> Person:
    return Person(app, "worker", "worker", EAST_STREET)
