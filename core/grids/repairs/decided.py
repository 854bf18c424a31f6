"""The defects of a layer with what was decided of each."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from core.grids.findings import Translate
from core.grids.repairs.proposals import RepairDefect
from core.text import Text


@dataclass(frozen=True)
class Decided:
    """The defects of a layer, and what was decided of each.

    :param token: of the list; numbers of defects belong to it.
    :param chosen: by defect the choice and what it does to areas, as recorded; the proposed one where none was made.
    :param fault: why the decisions cannot be carried out.
    """

    defects: tuple[RepairDefect, ...]
    token: str
    chosen: tuple[Mapping[str, Any], ...]
    fault: Text | None = None

    def as_json(self, names: Mapping[str, str], translate: Translate = str) -> dict[str, Any]:
        """The list with the choices."""
        rows = []
        for each, chosen in zip(self.defects, self.chosen, strict=True):
            called = [names.get(code, "") for code in each.finding.codes]
            rows.append({**each.as_json(translate), "names": called, "choice": chosen["choice"]})
        return {"list": self.token, "defects": rows, "names": dict(names)}

    def as_recorded(self) -> list[dict[str, Any]]:
        """Each defect with what was decided, for the record of the change."""
        pairs = zip(self.defects, self.chosen, strict=True)
        return [{"number": each.number, **each.finding.as_json(), **chosen} for each, chosen in pairs]
