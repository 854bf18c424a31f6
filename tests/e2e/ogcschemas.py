"""The schemas of OGC API – Features, as its authors publish them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import yaml
from jsonschema import Draft202012Validator
from referencing import Registry, Resource
from referencing.jsonschema import DRAFT202012

FOLDER = Path(__file__).parent.parent / "data" / "ogcapi-features"


def check(name: str, document: Any) -> None:
    """Hold a document against a schema by its file name without the ending."""
    registry: Any = Registry().with_resources(
        (path.name, Resource.from_contents(_read(path), default_specification=DRAFT202012))
        for path in FOLDER.glob("*.yaml")
    )
    Draft202012Validator({"$ref": f"{name}.yaml"}, registry=registry).validate(document)


def _read(path: Path) -> Any:
    return _with_null(yaml.safe_load(path.read_text(encoding="utf-8")))


def _with_null(value: Any) -> Any:
    """The files write the type null without quotes, which YAML reads as nothing."""
    if isinstance(value, dict):
        return {key: "null" if key == "type" and part is None else _with_null(part) for key, part in value.items()}
    if isinstance(value, list):
        return ["null" if part is None else _with_null(part) for part in value]
    return value
