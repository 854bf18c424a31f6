"""A planted city for every test of rights."""

from __future__ import annotations

import pytest

from tests.integration.grids.planting import plant


@pytest.fixture(autouse=True)
def city(database: str) -> None:
    plant()
