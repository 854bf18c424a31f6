"""The form of a schema and the values that come back from it."""

from __future__ import annotations

import datetime as dt
from enum import StrEnum
from typing import Annotated

import pytest
from pydantic import BaseModel, Field, ValidationError
from werkzeug.datastructures import MultiDict

from web import forms


class Colour(StrEnum):
    """Choices."""

    RED = "red"
    BLUE = "blue"


class Person(BaseModel):
    name: str
    age: int | None = None


class Model(BaseModel):
    text: Annotated[str, Field(title="Text", max_length=1000)]
    colour: Colour
    day: dt.date | None = None
    count: Annotated[int, Field(ge=1, le=9, json_schema_extra={"ui": {"unit": "人", "order": 1}})]
    ticked: bool = False
    people: list[Person] = []


SCHEMA = Model.model_json_schema()


def spec(name: str) -> forms.Spec:
    return forms.ui_spec(SCHEMA["properties"][name], SCHEMA["$defs"])


def test_each_type_gets_its_kind_of_field() -> None:
    kinds = {name: spec(name).kind for name in SCHEMA["properties"]}
    assert kinds == {
        "text": "long", "colour": "choice", "day": "date", "count": "integer", "ticked": "bool", "people": "repeat",
    }  # fmt: skip


def test_hints_and_limits_are_carried() -> None:
    assert spec("count").unit == "人"
    assert spec("count").attrs == {"min": 1, "max": 9}
    assert spec("colour").options == (("red", "red"), ("blue", "blue"))
    assert next(iter(forms.ui_order(SCHEMA["properties"]))) == "count"


def test_a_sent_form_becomes_the_models_values() -> None:
    sent = MultiDict(
        [
            ("form.text", " hello "), ("form.colour", "red"), ("form.day", ""), ("form.count", "3"),
            ("form.ticked", "true"), ("form.people.0.name", "王"), ("form.people.0.age", "71"),
            ("form.people.1.name", ""), ("form.people.1.age", ""), ("form.people.10.name", "李"), ("other", "x"),
        ]
    )  # fmt: skip
    values = forms.read(SCHEMA, sent, "form")
    assert values == {
        "text": "hello", "colour": "red", "count": "3", "ticked": True,
        "people": [{"name": "王", "age": "71"}, {"name": "李"}],
    }  # fmt: skip
    assert Model.model_validate(values).people[1].name == "李"


def test_faults_go_by_pointer_below_the_prefix() -> None:
    with pytest.raises(ValidationError) as caught:
        Model.model_validate({"text": "x", "colour": "green", "count": 0})
    assert set(forms.pointers(caught.value, "form")) == {"/form/colour", "/form/count"}
