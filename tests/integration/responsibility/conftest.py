"""Two counties and four departments for every test of the matrix."""

from __future__ import annotations

from pathlib import Path

import pytest

from core.org.service import SaveDepartment, save_department
from tests.integration.access.making import TESTER, do
from tests.integration.grids.plans import two_counties

OFFICES = {"urban": "城管局", "police": "公安局", "civil": "民政局", "town": "街道办"}


@pytest.fixture(autouse=True)
def city(database: str, tmp_path: Path) -> None:
    two_counties(tmp_path)
    for code, name in OFFICES.items():
        do(TESTER, save_department, SaveDepartment(code, name))
