"""Areas that stand beside each other: one unit, and digits enough to see what lies between them."""

from __future__ import annotations

from types import SimpleNamespace

import pytest

from tests.unit.web.scripts import run
from web.app import create_app
from web.areas import compared_areas

TOLD = {
    (89_021.0, 92_821.4): ("89,021 m²", "92,821 m²", "+3,800 m²"),
    (58_551.2, 118_269.0): ("58,551 m²", "118,269 m²", "+59,718 m²"),
    (130_000.0, 126_200.0): ("130,000 m²", "126,200 m²", "−3,800 m²"),
    (12_345_678.0, 12_349_478.0): ("12.3457 km²", "12.3495 km²", "+0.0038 km²"),
    (382_123_456.0, 282_123_456.0): ("382.1 km²", "282.1 km²", "−100.0 km²"),
    (950_000.0, 2_000_000.0): ("0.95 km²", "2.00 km²", "+1.05 km²"),
    (382_123_456.0, 382_123_457.0): ("382.123456 km²", "382.123457 km²", "+0.000001 km²"),
    (89_021.0, 89_021.2): ("89,021 m²", "89,021 m²", ""),
}


@pytest.mark.parametrize(("sides", "told"), TOLD.items())
def test_two_areas_and_their_difference_are_told_in_one_unit_and_add_up(
    sides: tuple[float, float], told: tuple[str, str, str]
) -> None:
    with create_app().test_request_context():
        assert compared_areas(*sides) == told


def test_the_editor_tells_them_as_the_pages_do() -> None:
    calls = [["comparedAreas", *sides] for sides in TOLD]
    assert [tuple(told) for told in run(["../editor/areas"], calls)] == list(TOLD.values())
    born, ended = run(["../editor/areas"], [["comparedAreas", None, 500], ["comparedAreas", 500, None]])
    assert (born, ended) == (["—", "500 m²", ""], ["500 m²", "—", ""])


def test_the_table_of_a_plan_tells_them_so() -> None:
    code = "990102002001"
    grid = {"code": code, "old_code": code, "name": "第1网格05", "old_name": "第1网格05", "level": "grid"}
    effect = SimpleNamespace(**grid, before_m2=130_000.0, after_m2=126_200.0, before={}, after={})
    app = create_app()
    with app.test_request_context():
        table = app.jinja_env.get_template("plans/parts.html").module.effects(SimpleNamespace(grids=[effect]), [], str)  # type: ignore[attr-defined]
    for told in ("130,000 m²", "126,200 m²", "−3,800 m²"):
        assert told in table
