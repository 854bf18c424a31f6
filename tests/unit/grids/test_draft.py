"""Options and reports of an import as JSON."""

from __future__ import annotations

import datetime as dt
import json

import pytest
import shapely

from core.gistext import counted
from core.grids.acts import Birth
from core.grids.findings import Finding
from core.grids.imports.draft import AreaChange, ImportOptions, Prepared
from core.text import Text

KEYS = [
    "change",
    "grids",
    "cleaned",
    "max_shift_m",
    "changed_area_m2",
    "defects",
    "exact",
    "refused",
    "reason",
    "seconds",
]


def test_options_come_back_from_their_json() -> None:
    options = ImportOptions(
        level="street", nest=(("a", "county"),), clean=True, gap_width_m=1.5, crs="gcj02", root="1:x",
        valid_from=dt.datetime(2026, 1, 1, tzinfo=dt.UTC),
    )  # fmt: skip
    assert ImportOptions.from_json(json.loads(json.dumps(options.as_json()))) == options


def test_the_report_has_the_keys_that_scripts_rely_on() -> None:
    square = shapely.box(0, 0, 1, 1)
    prepared = Prepared(
        ImportOptions(level="county"), 1,
        births=(Birth("1", "a", "county", None, square), Birth("2", "b", "county", None, square)),
        findings=(Finding("gap", ("1", "2"), 2.34567, 1.5, 116.0, 39.0, square),),
        method="fitted", max_shift_m=1.23456,
        area_changes=(AreaChange("1", 2.0, 0.5), AreaChange("2", 0.0, 1.0)), exact=True,
    )  # fmt: skip
    report = prepared.report(change="c", seconds=0.12345)
    assert set(KEYS) <= set(report)
    assert (report["grids"], report["cleaned"], report["refused"], report["reason"]) == (
        {"county": 2},
        True,
        False,
        None,
    )
    assert report["changed_area_m2"] == pytest.approx(3.5)
    (defect,) = report["defects"]
    assert {"kind", "codes", "area_m2", "lon", "lat"} <= set(defect)
    assert (defect["kind"], defect["codes"], defect["area_m2"]) == ("gap", ["1", "2"], 2.346)
    assert json.loads(json.dumps(report)) == report


def test_a_report_speaks_the_readers_language() -> None:
    prepared = Prepared(ImportOptions(level="county"), 1, refused=True, reason=Text("no %(a)s", {"a": 1}))
    assert prepared.report(translate=lambda text: f"<{text.message}>")["reason"] == "<no %(a)s>"
    assert prepared.report()["reason"] == "no 1"


def test_defects_are_counted_by_kind() -> None:
    assert str(counted(["overlap", "gap", "gap"])) == "gap 2, overlap 1"
