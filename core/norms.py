"""How large a grid of each level shall be: judged where boundaries are drawn, never where they were loaded."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator

from core.text import noop as _

Area = Annotated[float, Field(gt=0, allow_inf_nan=False)]


class SizeNorm(BaseModel):
    """From and up to which area, in km², a grid may have; unset: any."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    from_km2: Area | None = None
    to_km2: Area | None = None

    @field_validator("from_km2", "to_km2", mode="before")
    @classmethod
    def _left_empty(cls, value: Any) -> Any:
        """An empty field of a form sets no limit."""
        return None if value == "" else value

    @model_validator(mode="after")
    def _in_order(self) -> SizeNorm:
        if self.from_km2 is not None and self.to_km2 is not None and self.from_km2 >= self.to_km2:
            raise ValueError(_("The largest area must be larger than the smallest"))
        return self


class GridNorms(BaseModel):
    """The norm of each level below the city's."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    county: SizeNorm = SizeNorm()
    street: SizeNorm = SizeNorm()
    community: SizeNorm = SizeNorm()
    grid: SizeNorm = SizeNorm()
    micro: SizeNorm = SizeNorm()

    def of(self, level: str) -> SizeNorm:
        """The norm of a level; the city has none."""
        norm: SizeNorm = getattr(self, level, None) or SizeNorm()
        return norm
