"""What the operator sets: faults are named, and where to mend them."""

from __future__ import annotations

from pathlib import Path

import pytest

from core.errors import Unusable
from core.settings import FILE_NAME, get_settings


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("WANGGE_HOME", str(tmp_path))
    return tmp_path


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("workerz = 3", "workerz: there is no such setting"),
        ('workers = "many"', "workers: "),
        ("workers = 0", "workers: "),
        ("workers = = 3", FILE_NAME),
        ('timezone = "Asia/Foo"', "timezone: Value error, Asia/Foo is no time zone"),
        ('language = "fr"', "language: "),
        ("[grid_norms.grid]\nfrom_km2 = 5\nto_km2 = 4", "grid_norms.grid: "),
        ("[grid_norms.village]\nfrom_km2 = 5", "grid_norms.village: "),
        ("\udcff", FILE_NAME),
    ],
)
def test_a_wrong_file_names_the_fault_and_itself(home: Path, text: str, named: str) -> None:
    (home / FILE_NAME).write_bytes(text.encode(errors="surrogateescape"))
    with pytest.raises(Unusable) as refused:
        get_settings.__wrapped__()
    assert named in str(refused.value)
    assert str(home / FILE_NAME) in str(refused.value)


def test_the_environment_goes_before_the_file(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (home / FILE_NAME).write_text("workers = 3\nthreads = 5\n")
    monkeypatch.setenv("WANGGE_WORKERS", "7")
    settings = get_settings.__wrapped__()
    assert (settings.workers, settings.threads, settings.home) == (7, 5, home)
