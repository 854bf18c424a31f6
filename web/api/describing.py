"""What the OpenAPI document says of every operation: its refusals, and nothing of the pages."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any, Final

from apiflask.fields import UploadFile
from pydantic import BaseModel, ConfigDict, Field

from core.text import noop as _

Responses = dict[int | str, dict[str, Any]]

API: Final = "/api/v1/"
PROBLEM: Final = "#/components/schemas/Problem"
CONTENT: Final = {"application/problem+json": {"schema": {"$ref": PROBLEM}}}
ALWAYS: Final = {
    "400": "The request could not be understood",
    "401": "No token, or one that has ended",
    "default": "Any other refusal or fault",
}
"""What every operation may answer besides its own."""

NO_FILE: Final = _("Not a valid file.")
"""What APIFlask says where a file is missing; it stands here so that it is translated."""


class Fault(BaseModel):
    """One reason of a refusal."""

    pointer: str = Field(description="JSON pointer to what is at fault; empty: the whole.")
    code: str
    detail: str
    mend: str = Field("", description="How to mend it.")


class Problem(BaseModel):
    """A refusal or fault (RFC 9457); `type` is the address of a page that explains it."""

    model_config = ConfigDict(extra="allow")

    type: str
    title: str
    status: int
    detail: str
    instance: str = Field(description="The request's number in the log.")
    errors: list[Fault] = Field(default_factory=list)


class ListFile(BaseModel):
    """A list as a multipart form."""

    model_config = ConfigDict(arbitrary_types_allowed=True)

    file: UploadFile = Field(description="XLSX; the first row holds the heads.")


def problems(*statuses: int) -> Responses:
    """The refusals of an operation, for its description."""
    return {status: {"description": HTTPStatus(status).phrase} for status in statuses}


def complete(spec: Any) -> Any:
    """The document of API v1 alone: every operation needs a token and tells its refusals."""
    spec["security"] = [{"bearer": []}]
    spec["paths"] = {path: item for path, item in spec["paths"].items() if path.startswith(API)}
    schemas = spec["components"]["schemas"]
    for unused in ("HTTPError", "ValidationError"):
        schemas.pop(unused, None)
    for model in (Problem, Fault):
        schema = model.model_json_schema(ref_template="#/components/schemas/{model}")
        schema.pop("$defs", None)
        schemas[model.__name__] = schema
    for item in spec["paths"].values():
        for operation in item.values():
            if isinstance(operation, dict):
                _tell(operation["responses"])
    return spec


def _tell(responses: dict[str, Any]) -> None:
    for status, description in ALWAYS.items():
        responses.setdefault(status, {"description": description})
    for status, answer in responses.items():
        if status[0] not in "23":
            answer["content"] = CONTENT
