"""What passes between reading a boundary file, deciding on it, and applying it: values, never rows."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from typing import Any, Final, Literal

from core.grids.acts import Birth, Renewal
from core.grids.codes import DEFAULT_SCHEME
from core.grids.findings import Finding, Translate
from core.grids.repairs.decided import Decided
from core.grids.repairs.proposals import LEAVE
from core.intake.options import ReadOptions
from core.intake.refusals import Remedy
from core.text import Text

MOST_GAP_M: Final = 100_000
"""No gap between grids is wider than a city; a larger figure is a slip of the pen."""


@dataclass(frozen=True, kw_only=True)
class ImportOptions(ReadOptions):
    """How a layer shall become grids.

    :param level: level of the layer's own polygons.
    :param parent: code of the grid they go under; unset on a tree with a root: the root.
    :param root: ``CODE:NAME`` of a root to be made from the layer's outline, on an empty tree.
    :param nest: (field, level) of each coarser level made by dissolving, coarsest first.
    :param gap_width_m: gaps up to this width are given to a neighbour when cleaning.
    :param repair: decide on each defect instead of cleaning as a whole; this is for those without a choice.
    :param choices: (number of a defect, ``give:CODE``, ``only:CODE``, ``leave``, ``longest`` or ``proposed``).
    :param repair_list: token of the list in which the numbers stand; needed where there are choices.
    :param valid_from: the moment from which the grids hold; unset: now.
    :param effective_on: the legal date, as the decision names it; kept for the record.
    :param scheme: name of a code scheme (``core.grids.codes``).
    """

    level: str
    parent: str | None = None
    root: str | None = None
    nest: tuple[tuple[str, str], ...] = ()
    duplicate_codes: Literal["refuse", "merge"] = "refuse"
    clean: bool = False
    gap_width_m: float = 0.0
    repair: Literal["proposed", "longest"] | None = None
    choices: tuple[tuple[int, str], ...] = ()
    repair_list: str | None = None
    valid_from: dt.datetime | None = None
    effective_on: dt.date | None = None
    reason: str = ""
    scheme: str = DEFAULT_SCHEME
    dry_run: bool = False

    def as_json(self) -> dict[str, Any]:
        """JSON values, as kept in ``grid_import.options``."""
        values = asdict(self)
        values["nest"] = [list(pair) for pair in self.nest]
        values["choices"] = [list(pair) for pair in self.choices]
        for name in ("valid_from", "effective_on"):
            values[name] = values[name].isoformat() if values[name] else None
        return values

    @classmethod
    def from_json(cls, values: Mapping[str, Any]) -> ImportOptions:
        """The options that ``as_json`` gave."""
        options = cls(**values)
        moment, day = values.get("valid_from"), values.get("effective_on")
        return replace(
            options,
            nest=tuple((str(name), str(level)) for name, level in values.get("nest") or ()),
            choices=tuple((int(number), str(choice)) for number, choice in values.get("choices") or ()),
            valid_from=dt.datetime.fromisoformat(moment) if moment else None,
            effective_on=dt.date.fromisoformat(day) if day else None,
        )


@dataclass(frozen=True)
class AreaChange:
    """What cleaning did to one grid's area.

    :param moved: lattice polygon of what it gained and lost together.
    """

    code: str
    gained_m2: float
    lost_m2: float
    moved: Any = None


@dataclass(frozen=True)
class Prepared:
    """A decided import: what would be written, or why not.

    :param births: parents before children.
    :param parent_id: the living leaf under which the births go; ``None`` on an empty tree.
    :param base_version: coverage version the decision was made on.
    :param max_shift_m: how far from a border what changed hands lies at most, half the width of a strip; ``None`` where
        mending took or gave whole parts and moved no border.
    :param names: names of the layer's grids by code.
    :param decided: its defects with what was decided of each, where that was asked for.
    :param refused: nothing may be applied; ``reason`` says why, ``suggested`` names the options that most likely mend
        it.
    :param remedies: what may be done about a refusal, or about what hinders nothing and may not be meant.
    """

    options: ImportOptions
    base_version: int
    births: tuple[Birth, ...] = ()
    renewals: tuple[Renewal, ...] = ()
    parent_id: int | None = None
    findings: tuple[Finding, ...] = ()
    warnings: tuple[Text, ...] = ()
    method: str = "none"
    max_shift_m: float | None = 0.0
    area_changes: tuple[AreaChange, ...] = ()
    exact: bool = False
    refused: bool = False
    reason: Text | None = None
    remedies: tuple[Remedy, ...] = ()
    crs: str | None = None
    encoding: str | None = None
    rows: int = 0
    sample: tuple[tuple[str, str], ...] = field(default=())
    names: Mapping[str, str] = field(default_factory=dict)
    suggested: Mapping[str, Any] = field(default_factory=dict)
    decided: Decided | None = None

    @property
    def cleaned(self) -> bool:
        """Whether anything was mended, cleaned or fitted."""
        return self.method != "none"

    @property
    def nobody_m2(self) -> float:
        """Area that the grids enclose and that would belong to none of them: holes in the outline that they make."""
        if self.refused or not self.exact or self.parent_id is not None:
            return 0.0
        if self.decided is None:
            holes = [finding for finding in self.findings if finding.kind == "gap"]
        else:
            taken = zip(self.decided.defects, self.decided.chosen, strict=True)
            holes = [each.finding for each, way in taken if way.choice == LEAVE]
        return sum(finding.area_m2 or 0.0 for finding in holes)

    def levels(self) -> dict[str, int]:
        """Grids to be born, by level, from the top."""
        counts: dict[str, int] = {}
        for birth in self.births:
            counts[birth.level] = counts.get(birth.level, 0) + 1
        return counts

    def named(self, finding: Finding) -> list[str]:
        """The names of a defect's grids, code by code; empty where there is none."""
        return [self.names.get(code, "") for code in finding.codes]

    def report(self, *, change: str | None = None, seconds: float = 0.0, translate: Translate = str) -> dict[str, Any]:
        """The answer of ``wangge grid import --json``; ``translate`` gives the reader's language."""
        return {
            "change": change,
            "grids": self.levels(),
            "cleaned": self.cleaned,
            "method": self.method,
            "max_shift_m": None if self.max_shift_m is None else round(self.max_shift_m, 4),
            "changed_area_m2": round(sum(c.gained_m2 + c.lost_m2 for c in self.area_changes), 3),
            "nobody_m2": round(self.nobody_m2, 3),
            "changes": [
                {"code": c.code, "gained_m2": round(c.gained_m2, 3), "lost_m2": round(c.lost_m2, 3)}
                for c in self.area_changes
            ],
            "renewed": len(self.renewals),
            "defects": [{**finding.as_json(translate), "names": self.named(finding)} for finding in self.findings],
            "exact": self.exact,
            "refused": self.refused,
            "reason": translate(self.reason) if self.reason else None,
            "remedies": [remedy.as_json() for remedy in self.remedies],
            "suggested": dict(self.suggested),
            "warnings": [translate(warning) for warning in self.warnings],
            "crs": self.crs,
            "encoding": self.encoding,
            "rows": self.rows,
            "sample": [{"code": code, "name": name} for code, name in self.sample],
            "repair": self.decided.as_json(self.names, translate) if self.decided else None,
            "seconds": round(seconds, 3),
        }
