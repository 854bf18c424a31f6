"""What the inputs of API v1 share."""

from __future__ import annotations

from typing import Annotated, Final

from pydantic import BaseModel, ConfigDict, Field

MOST: Final = 1000

Line = Annotated[str, Field(max_length=100)]
PageSize = Annotated[int, Field(ge=1, le=MOST)]


class Input(BaseModel):
    """A body or a query: a field that it does not know is a fault."""

    model_config = ConfigDict(extra="forbid")
