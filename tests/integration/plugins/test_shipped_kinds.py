"""The kinds of matter that the four departments ship: examples to fill a demonstration, and a way to an end."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from wangge.testing import place

from core.actor import Actor
from core.matters import life
from core.matters.kinds import MatterKind, kind
from core.plugin.loading import forget_values, load
from core.plugin.wheel import inspect_plugin
from core.settings import CHECKOUT, get_settings
from tests.integration.grids.planting import plant
from tests.integration.matters.people import EAST_STREET, IN_EAST, matter, person, photo, read, step
from web.hooks import SPECS

SHIPPED = {
    "emergency": ("emergency.hazard", "emergency.flash"),
    "party": ("party.visit", "party.station_request"),
    "security": ("security.dispute", "security.hazard_safety"),
    "civil": ("civil.elder_visit", "civil.aid_clue"),
}
WAY = {life.REPORTED: (), life.ACCEPTED: ("accept",), life.SETTLING: ("accept", "settle")}


@pytest.fixture(params=SHIPPED)
def shipped(
    request: pytest.FixtureRequest, database: str, operator: Actor, built: Callable[[Path], Path]
) -> Iterator[list[MatterKind]]:
    """The kinds of one department, switched on in a planted city."""
    plant()
    name: str = request.param
    place(inspect_plugin(built(CHECKOUT / "plugins" / name)), operator)
    load(get_settings(), SPECS, operator)
    found = [kind(each) for each in SHIPPED[name]]
    yield [each for each in found if each is not None]
    forget_values(name)


def test_each_kind_has_examples_that_can_be_reported(shipped: list[MatterKind]) -> None:
    assert len(shipped) == 2
    worker = person("worker", EAST_STREET)
    for each in shipped:
        assert len({sample.title for sample in each.samples}) == len(each.samples) >= 7
        for sample in each.samples:
            form = dict(sample.form)
            known = matter(worker, IN_EAST, kind=each.name, title=sample.title, text=sample.text, form=form)
            assert read(worker, known).state == life.REPORTED


@pytest.mark.parametrize("state", WAY)
def test_one_head_of_the_grid_alone_brings_a_matter_from_each_open_state_to_its_close(
    shipped: list[MatterKind], state: str
) -> None:
    assert len(shipped) == 2
    worker, head = person("worker", EAST_STREET), person("grid_head", EAST_STREET)
    for each in shipped:
        known = matter(worker, IN_EAST, kind=each.name, form=dict(each.samples[0].form))
        steps = ("accept", "settle", "close")
        for name in steps[: len(WAY[state])]:
            step(head, known, name, files=_evidence(each, name, head))
        assert read(head, known).state == state
        for name in steps[len(WAY[state]) :]:
            step(head, known, name, files=_evidence(each, name, head))
        assert read(worker, known).state == life.CLOSED


def _evidence(each: MatterKind, name: str, actor: Actor) -> tuple[object, ...]:
    return tuple(photo(actor) for _number in range(each.evidence.get(name, 0)))
