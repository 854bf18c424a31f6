"""What the API takes and gives of matters counted by grid."""

from __future__ import annotations

import datetime as dt
from typing import Final, Literal, get_args

from pydantic import BaseModel, ConfigDict, Field

from core.grids.views import Level
from core.matters.figure_views import FiguresFilter
from web.api.inputs import Input

Side = Literal["then", "now"]
SIDES: Final[tuple[Side, ...]] = get_args(Side)


class FiguresIn(Input):
    """Which matters, by which grids, in which boundaries."""

    since: str = Field("", alias="from", max_length=10, description="First day; without `from` and `to` last month.")
    before: str = Field("", alias="to", max_length=10, description="The day before which the period ends.")
    level: str = Field("", max_length=20, description="Of the grids; without it the next below `under`.")
    under: str = Field("", max_length=64, description="Code of a grid, also of one that ended; without it your own.")
    boundaries: Side = Field(
        "then",
        description="`then`: the grid in which a matter lay when it was reported and what that one lay in on that day; "
        "`now`: the grid in which it lies and what that one lies in.",
    )

    def filter(self) -> FiguresFilter:
        """What is asked for."""
        return FiguresFilter(self.since, self.before, self.level, self.under)


class FigureOut(BaseModel):
    """One grid, by its present code and name, or by its last where it ended."""

    code: str
    name: str
    ended: dt.datetime | None
    matters: int


class FiguresChangeOut(BaseModel):
    """A change of the boundaries since the period began."""

    version: int
    at: dt.datetime
    kind: str
    reason: str
    grid: str = Field(description="Code of a grid that it touched; its history tells the change.")
    grids: int = Field(description="How many it touched.")
    within: bool = Field(description="It fell into the period, not after it.")


class FiguresOut(BaseModel):
    """The figures: those of `items` and `coarser` add up to `inside`; with `elsewhere` and `unlocated` to `total`."""

    model_config = ConfigDict(populate_by_name=True)

    since: dt.date = Field(alias="from")
    before: dt.date = Field(alias="to")
    under: str
    level: Level
    boundaries: Side
    items: list[FigureOut]
    coarser: int = Field(description="Inside, in no grid of the level.")
    inside: int
    elsewhere: int = Field(description="Inside in the other boundaries alone.")
    unlocated: int = Field(description="In no grid; below the city all, else those inside in the other boundaries.")
    total: int = Field(description="The same in both boundaries.")
    partial: bool = Field(description="There may be matters that you may not see; they are not counted.")
    changes: list[FiguresChangeOut]
