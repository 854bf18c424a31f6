"""Operations as data: the examples that documents show are operations, and every field says what it is."""

from __future__ import annotations

from typing import Any

import pytest

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
