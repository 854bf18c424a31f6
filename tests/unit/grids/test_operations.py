"""Operations as data: the examples that documents show are operations, and every field says what it is."""

from __future__ import annotations

from typing import Any

import pytest

from core.errors import Invalid
from core.grids.plans.operating import Operation
from core.grids.plans.operations import KINDS, parse_operation


@pytest.mark.parametrize("kind", KINDS)
def test_the_example_of_an_operation_is_one(kind: type[Operation]) -> None:
    (example,) = kind.model_json_schema()["examples"]
    found = parse_operation(example)
    assert type(found) is kind
    assert found.as_json() == example


def test_an_operation_that_is_none_names_those_there_are() -> None:
    with pytest.raises(Exception, match="cannot be read") as caught:
        parse_operation({"op": "explode"})
    raised: Any = caught.value
    assert all(word in str(raised.objections) for word in ("subdivide", "split", "carve", "retire"))


RING = [[116.6, 39.5], [116.61, 39.5], [116.61, 39.51], [116.6, 39.5]]
POLYGON = {"type": "Polygon", "coordinates": [RING]}


def carve(polygon: Any, name: str = "大学城") -> Operation:
    return parse_operation({"op": "carve", "from": ["131003001"], "polygon": polygon, "name": name})


def load(polygon: Any) -> Operation:
    return parse_operation({"op": "load", "parent": "131003", "polygons": [{"code": "131003001", "polygon": polygon}]})


@pytest.mark.parametrize("kind", ["Polygon", "MultiPolygon"])
def test_of_a_polygon_type_and_coordinates_are_kept_alone(kind: str) -> None:
    coordinates = [RING] if kind == "Polygon" else [[RING]]
    sent = {"type": kind, "junk": "x", "bbox": [1], "coordinates": coordinates, "crs": {"type": "name"}}
    assert carve(sent).as_json()["polygon"] == {"type": kind, "coordinates": coordinates}
    assert load(sent).as_json()["polygons"][0]["polygon"] == {"type": kind, "coordinates": coordinates}


def nested(depth: int) -> Any:
    coordinates: Any = 1.5
    for _level in range(depth):
        coordinates = [coordinates]
    return {"type": "Polygon", "coordinates": coordinates}


NO_POLYGONS: dict[str, tuple[Any, str]] = {
    **{f"{depth} lists in one another": (nested(depth), "longitude and latitude") for depth in (4, 150, 400, 900)},
    "a number in the place of the rings": (nested(0), "not nested"),
    "rings of a multipolygon": ({**POLYGON, "type": "MultiPolygon"}, "longitude and latitude"),
    "truths": ({**POLYGON, "coordinates": [[[True, False], *RING[1:]]]}, "in numbers"),
    "text": ({**POLYGON, "coordinates": [[["116.6", "39.5"], *RING[1:]]]}, "in numbers"),
    "one number": ({**POLYGON, "coordinates": [[[116.6], *RING[1:]]]}, "in numbers"),
    "an open ring": ({**POLYGON, "coordinates": [RING[:3]]}, "at least four places"),
    "a feature": ({"type": "Feature", "properties": {}, "geometry": POLYGON}, "Polygon or MultiPolygon"),
    "no type": ({"coordinates": [RING]}, "Polygon or MultiPolygon"),
    "a type that is a list": ({**POLYGON, "type": ["Polygon"]}, "Polygon or MultiPolygon"),
    "no coordinates": ({"type": "Polygon"}, "not nested"),
}


@pytest.mark.parametrize("case", NO_POLYGONS)
def test_what_is_no_polygon_is_refused_where_it_stands_and_in_words(case: str) -> None:
    polygon, said = NO_POLYGONS[case]
    for read, pointer in ((carve, "/polygon"), (load, "/polygons/0/polygon")):
        with pytest.raises(Invalid) as refusal:
            read(polygon)
        (fault,) = refusal.value.objections
        assert fault.pointer == pointer
        assert said in str(fault.text)


def test_a_truth_is_no_coordinate_of_a_line() -> None:
    with pytest.raises(Invalid) as refusal:
        parse_operation({"op": "move_vertex", "from": [True, 39.5], "to": [116.601, 39.5]})
    assert [fault.pointer for fault in refusal.value.objections] == ["/from/0"]


def test_blanks_around_a_name_are_dropped() -> None:
    assert carve(POLYGON, " \u3000大学 城\u2028 ").as_json()["name"] == "大学 城"


@pytest.mark.parametrize("name", [" ", "大学\u2028城", "大学\u2029城", "大学\n城", "大学\x85城"])
def test_a_name_is_one_line_and_shows_something(name: str) -> None:
    with pytest.raises(Invalid) as refusal:
        carve(POLYGON, name)
    assert [fault.pointer for fault in refusal.value.objections] == ["/name"]
