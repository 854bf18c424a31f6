"""What the inputs of API v1 share."""

from __future__ import annotations

from typing import Annotated, Final

from pydantic import AllowInfNan, BaseModel, ConfigDict, Field, Strict

MOST: Final = 1000

Line = Annotated[str, Field(max_length=100)]
Number = Annotated[float, Strict(), AllowInfNan(False)]
"""A number of a JSON body: neither ``true`` nor ``"116.1"`` nor ``1e400`` is one."""
Whole = Annotated[int, Strict()]
"""A whole number of a JSON body."""
PageSize = Annotated[int, Field(ge=1, le=MOST)]


class Input(BaseModel):
    """A body or a query: a field that it does not know is a fault."""

    model_config = ConfigDict(extra="forbid")
