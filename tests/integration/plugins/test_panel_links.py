"""Each figure of the departments' panels leads to a list with exactly so many rows."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable
from pathlib import Path

import pytest
from wangge.testing import place

from core import clock
from core.actor import Actor
from core.db.session import reading
from core.grids.queries import grid_by_code
from core.matters.kinds import kinds
from core.plugin.loading import forget_values, load
from core.plugin.wheel import inspect_plugin
from core.settings import CHECKOUT, get_settings
from tests.e2e.clients import admin_client
from tests.integration.grids.planting import plant
from tests.integration.matters.people import EAST_STREET, IN_EAST, IN_SOUTH, TESTER, matter, photo, step
from web.hooks import SPECS, Figure, GridPanel

NOW = dt.datetime(2026, 11, 20, 1, tzinfo=dt.UTC)
REPORTED = tuple(NOW - dt.timedelta(days=days) for days in (1, 6, 20, 60))
DATED = {
    "emergency.hazard": ({"level": "major", "deadline": "2026-11-19"}, {"level": "larger", "deadline": "2026-12-31"}),
    "party.visit": ({"household": "2-501", "promise": "mend the lamp", "promise_due": "2026-11-19"},),
    "civil.elder_visit": tuple(
        {"dwelling": "6-102", "next_date": day} for day in ("2026-11-19", "2026-11-20", "2026-11-27", "2026-11-28")
    ),
    "security.dispute": ({"dispute_type": "land", "risk": "high"},),
}
"""Beside the samples: what is late, due soon or later, and grave."""
ROW = re.compile(r'<td[^>]*><a href="/matters/[0-9a-f-]{36}">')


@pytest.mark.parametrize(
    "name", ["emergency", *(pytest.param(name, marks=pytest.mark.long) for name in ("party", "security", "civil"))]
)
def test_each_figure_is_the_number_of_rows_behind_its_link(
    name: str, database: str, operator: Actor, built: Callable[[Path], Path]
) -> None:
    plant()
    place(inspect_plugin(built(CHECKOUT / "plugins" / name)), operator)
    ((_owner, panel),) = load(get_settings(), SPECS, operator).values("register_panels")
    assert isinstance(panel, GridPanel)
    _fill()
    try:
        with clock.turned(lambda: NOW):
            figures = [figure for code in (EAST_STREET, "139900") for figure in _figures(panel, code)]
            forget_values(name)
            client = admin_client(accept="text/html")
            counted = {}
            for figure in figures:
                answer = client.get(figure.href)
                assert answer.status_code == 200
                counted[figure.href] = len(ROW.findall(answer.get_data(as_text=True)))
    finally:
        forget_values(name)
    assert counted == {figure.href: figure.value for figure in figures}
    assert len(counted) == len(figures) > 4
    assert sum(value > 0 for value in counted.values()) > 4


def _fill() -> None:
    """Matters of the department's kinds in two streets, of several ages, each fourth brought to its close."""
    made = 0
    for each in kinds():
        if each.name == "general":
            continue
        forms = [*(dict(sample.form) for sample in each.samples[:3]), *DATED.get(each.name, ())]
        for form in forms:
            for spot in (IN_EAST, IN_SOUTH):
                made += 1
                with clock.turned(lambda at=REPORTED[made % len(REPORTED)]: at):  # type: ignore[misc]
                    known = matter(TESTER, spot, kind=each.name, form=form)
                    for act in ("accept", "settle", "close") if made % 4 == 0 else ():
                        photos = tuple(photo(TESTER) for _number in range(each.evidence.get(act, 0)))
                        step(TESTER, known, act, files=photos)


def _figures(panel: GridPanel, code: str) -> list[Figure]:
    """All figures of the panel in a grid: large ones, bars, cells of the table."""
    with reading(TESTER) as session:
        here = grid_by_code(session, code)
        assert here is not None
        body = panel.render(session, [here])[here.id]
    cells = [cell for row in body.rows for cell in row if isinstance(cell, Figure)]
    assert all(isinstance(cell, Figure) for row in body.rows for cell in row[1:])
    return [*body.figures, *body.bars, *cells]
