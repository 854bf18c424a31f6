"""A planted city for every test of rights."""

from __future__ import annotations

import pytest

from tests.beginning import begins_with
from tests.integration.grids.planting import planted

template = begins_with(planted)


@pytest.fixture(autouse=True)
def city(database: str) -> None:
    """Every test has a city of its own."""
