"""Where the map writes names: inside their area wherever they fit, off what lies there, apart from each other."""

from __future__ import annotations

from typing import Any

from tests.unit.web.scripts import run

Cells = list[float]


def box(west: float, north: float, east: float, south: float) -> list[Cells]:
    return [[west, north, east, north, east, south, west, south, west, north]]


def shape(text: str, width: int, height: int, cost: int = 0) -> dict[str, Any]:
    return {"text": text, "width": width, "height": height, "cost": cost}


def area(*rings: Cells, shapes: list[dict[str, Any]], anchor: list[float] | None = None) -> dict[str, Any]:
    return {"pieces": [list(rings)], "shapes": shapes, "anchor": anchor, "room": 1}


def place(areas: list[dict[str, Any]], things: list[dict[str, float]] | None = None) -> list[dict[str, Any]]:
    call = ["placeNames", 100, 60, [list(range(len(areas)))], areas, things or []]
    return run(["places"], [call])[0]  # type: ignore[no-any-return]


def test_a_name_stands_at_its_anchor_where_it_fits() -> None:
    [found] = place([area(*box(10, 10, 60, 40), shapes=[shape("东湖", 12, 6)], anchor=[30, 20])])
    assert (found["x"], found["y"]) == (30, 20)


def test_a_name_leaves_its_anchor_for_the_wide_part_of_its_area() -> None:
    narrow_then_wide = [10, 2, 14, 2, 14, 30, 50, 30, 50, 50, 10, 50, 10, 2]
    [found] = place([area(narrow_then_wide, shapes=[shape("永清县", 14, 6)], anchor=[12, 10])])
    assert 17 <= found["x"] <= 43
    assert 33 <= found["y"] <= 47


def test_in_a_narrow_area_the_name_is_written_as_a_column() -> None:
    ways = [shape("白杨镇", 14, 6), shape("白\n杨\n镇", 5, 16, 40)]
    [found] = place([area(*box(20, 10, 27, 40), shapes=ways)])
    assert found["shape"]["text"] == "白\n杨\n镇"


def test_a_name_keeps_off_a_hole_and_off_the_things_on_the_map() -> None:
    outer, hole = box(0, 0, 60, 30)[0], box(20, 0, 60, 20)[0]
    [found] = place([area(outer, hole, shapes=[shape("三河市", 14, 6)], anchor=[40, 10])])
    assert found["y"] >= 23 or found["x"] <= 13
    disc = {"x": 6, "y": 10, "width": 8, "height": 6}
    [moved] = place([area(*box(0, 0, 40, 40), shapes=[shape("三河市", 14, 6)], anchor=[10, 13])], [disc])
    assert abs(moved["y"] - 13) >= 6 or abs(moved["x"] - 10) >= 11


def test_of_names_that_fit_nowhere_no_two_touch() -> None:
    small = [area(*box(x, 20, x + 6, 24), shapes=[shape(f"网格{x}", 14, 6)]) for x in (20, 26, 60)]
    found = place(small)
    assert {one["area"] for one in found} >= {2}
    assert len(found) == 2


def test_a_thing_goes_the_short_way_off_a_name() -> None:
    name = {"area": 0, "x": 20, "y": 20, "shape": shape("柳林镇", 14, 6)}
    over, beside = ({"x": 18, "y": y, "width": 4, "height": 4} for y in (21, 40))
    assert run(["places"], [["wayOff", over, [name]], ["wayOff", beside, [name]]]) == [[0, 2], None]
