"""What a command says of an error."""

from __future__ import annotations

import pytest
from pydantic import BaseModel, ValidationError
from wangge.forms import field

from core.errors import Invalid
from core.faults import faults_of
from core.matters.forms import summarise
from web.cli.output import explain


class Tree(BaseModel):
    height_m: float = field("树高", "Height", unit="m")
    nests: int = field("鸟巢", "Nests", default=2, unit=("个", ""))


def test_a_fault_of_a_form_begins_with_its_field() -> None:
    with pytest.raises(ValidationError) as wrong:
        Tree.model_validate({})
    error = Invalid("The form has faults", objections=faults_of(wrong.value, "/form"))
    assert explain(error).splitlines()[1] == "- height_m: This field is needed"


def test_a_unit_stands_behind_its_number_in_the_readers_language() -> None:
    height, nests = summarise(Tree(height_m=4.5))
    assert height["text"] == {"zh": "4.5 m", "en": "4.5 m"}
    assert nests["text"] == {"zh": "2 个", "en": "2"}
