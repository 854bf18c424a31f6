"""Databases that begin with a city: it is written once in a run, and each test's own is a copy."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

Fill = Callable[[Path], object]
Grown = Callable[[Fill], str]


def begins_with(fill: Fill) -> Any:
    """The fixture ``template`` of a module or folder whose tests begin with what ``fill`` writes, given a folder."""

    @pytest.fixture(scope="session")
    def template(grown: Grown) -> str:
        return grown(fill)

    return template
