"""Random lives with departments against a model in plain values: whatever they try, tasks and state agree."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, ClassVar
from uuid import UUID

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule, run_state_machine_as_test

from core.actor import Actor
from core.db.session import reading
from core.errors import Forbidden, Invalid, NotFound, Refused
from core.matters.clock_queries import clocks_shown
from core.matters.task_queries import tasks_shown
from tests.integration.matters.people import (
    EAST_STREET,
    OFFICES,
    TESTER,
    make_offices,
    matter,
    officer,
    person,
    read,
    step,
)

CODES = st.sampled_from(sorted(OFFICES))
SOME = st.sets(CODES, max_size=3)
REFUSED = (Refused, Forbidden, Invalid, NotFound)
OPEN = {"offered", "claimed"}


@dataclass
class Task:
    """What the model knows of a task."""

    office: str
    role: str
    state: str = "offered"
    binding: bool = False


@dataclass
class Model:
    """What the model knows of a matter; tasks are those of its round."""

    state: str = "accepted"
    round: int = 1
    tasks: list[Task] = field(default_factory=list)

    def open(self, role: str) -> list[Task]:
        return [task for task in self.tasks if task.role == role and task.state in OPEN]

    def of(self, office: str, *states: str) -> Task | None:
        return next((task for task in self.tasks if task.office == office and task.state in states), None)

    def settle(self) -> None:
        """The state follows from whether somebody leads."""
        led = any(task.role == "lead" and task.state == "claimed" for task in self.tasks)
        self.state = "handling" if led else "whistled"


class Calls(RuleBasedStateMachine):
    """One matter; a desk that may do all that a grid may, and somebody of each department."""

    offices: ClassVar[dict[str, UUID]] = {}

    def __init__(self) -> None:
        super().__init__()
        self.desk, self.checker = person("desk", EAST_STREET), person("grid_head", EAST_STREET)
        self.people = {code: officer(office) for code, office in self.offices.items()}
        self.found, self.model = matter(TESTER), Model()
        step(self.desk, self.found, "accept")

    def attempt(self, actor: Actor, name: str, may: bool, then: Callable[[], None], **given: Any) -> None:
        """Take a step that the model allows or refuses, and let the model follow."""
        if may:
            step(actor, self.found, name, **given)
            then()
            return
        before = read(TESTER, self.found)
        with pytest.raises(REFUSED):
            step(actor, self.found, name, **given)
        assert read(TESTER, self.found) == before

    @rule(lead=CODES, assist=SOME)
    def whistle(self, lead: str, assist: set[str]) -> None:
        def then() -> None:
            self.model.tasks = [Task(lead, "lead"), *(Task(code, "assist") for code in sorted(assist))]
            self.model.settle()

        may = self.model.state == "accepted" and lead not in assist
        self.attempt(self.desk, "whistle", may, then, lead=lead, assist=tuple(sorted(assist)))

    @rule(office=CODES)
    def claim(self, office: str) -> None:
        task = self.model.of(office, "offered")

        def then() -> None:
            assert task is not None
            task.state = "claimed"
            self.model.settle()

        may = self.model.state in {"whistled", "handling"} and task is not None
        self.attempt(self.people[office], "claim", may, then)

    @rule(office=CODES, other=CODES)
    def decline(self, office: str, other: str) -> None:
        task = self.model.of(office, "offered")

        def then() -> None:
            assert task is not None
            task.state = "declined"

        may = self.model.state in {"whistled", "handling"} and task is not None and not task.binding and other != office
        self.attempt(self.people[office], "decline", may, then, note="not ours", department=other)

    @rule(office=CODES)
    def assign(self, office: str) -> None:
        declines = sum(task.state == "declined" for task in self.model.tasks)

        def then() -> None:
            role = "assist" if self.model.open("lead") else "lead"
            self.model.tasks.append(Task(office, role, binding=declines >= 2))
            self.model.settle()

        may = self.model.state in {"whistled", "handling"} and self.model.of(office, *OPEN) is None
        self.attempt(self.desk, "assign", may, then, department=office)

    @precondition(lambda self: self.model.open("lead"))
    @rule(office=CODES)
    def replace_lead(self, office: str) -> None:
        [old] = self.model.open("lead")
        place = [task.role == "lead" and task.state in OPEN for task in self.model.tasks].index(True)

        def then() -> None:
            declines = sum(task.state == "declined" for task in self.model.tasks)
            old.state = "waived"
            self.model.tasks.append(Task(office, "lead", binding=declines >= 2))
            self.model.settle()

        may = self.model.state in {"whistled", "handling"} and self.model.of(office, *OPEN) is None
        self.attempt(self.desk, "assign", may, then, department=office, task=self.ids()[place])

    @rule(office=CODES)
    def waive(self, office: str) -> None:
        assists = self.model.open("assist")
        task = next((each for each in assists if each.office == office), None)
        if task is None:
            return
        place = next(n for n, each in enumerate(self.model.tasks) if each is task)

        def then() -> None:
            task.state = "waived"

        self.attempt(self.desk, "waive", True, then, note="not needed", task=self.ids()[place])

    @rule(office=CODES)
    def feed_back(self, office: str) -> None:
        task = self.model.of(office, "claimed")

        def then() -> None:
            assert task is not None
            task.state = "done"
            if task.role == "lead":
                self.model.state = "fed_back"

        may = self.model.state in {"whistled", "handling"} and task is not None
        if task is not None and task.role == "lead":
            may = may and not self.model.open("assist")
        self.attempt(self.people[office], "feed_back", may, then, note="done")

    @rule()
    def send_back(self) -> None:
        def then() -> None:
            again = [Task(task.office, task.role, "claimed") for task in self.model.tasks if task.state == "done"]
            self.model.tasks, self.model.round = again, self.model.round + 1
            self.model.settle()

        self.attempt(self.checker, "send_back", self.model.state == "fed_back", then, note="not done")

    @rule()
    def verify(self) -> None:
        def then() -> None:
            self.model.state = "closed"

        self.attempt(self.checker, "verify", self.model.state == "fed_back", then, outcome="solved")

    @invariant()
    def agrees(self) -> None:
        view = read(TESTER, self.found)
        assert (view.state, view.round) == (self.model.state, self.model.round)
        with reading(TESTER) as session:
            shown = [task for task in tasks_shown(session, self.found) if task.round == view.round]
            clocks = clocks_shown(session, self.found)
        told = {(task.code, task.role, task.state, task.binding) for task in shown}
        assert told == {(task.office, task.role, task.state, task.binding) for task in self.model.tasks}
        assert len(shown) == len(self.model.tasks)
        running = {each.task for each in clocks if each.task is not None and each.state == "running"}
        assert running == {task.id for task in shown if task.state in OPEN}
        ends = [each.due_at for each in clocks if each.state == "running"]
        if ends:
            assert view.due_at == min(ends)
        assert (view.closed_at is not None) == (self.model.state == "closed") == (not ends)

    def ids(self) -> list[UUID]:
        """The tasks of this round in the order of the model."""
        with reading(TESTER) as session:
            shown = [task for task in tasks_shown(session, self.found) if task.round == self.model.round]
        keys = [(task.code, task.role, task.state) for task in shown]
        return [shown[keys.index((each.office, each.role, each.state))].id for each in self.model.tasks]


def test_random_calls_agree_with_the_model() -> None:
    Calls.offices = make_offices()
    run_state_machine_as_test(
        Calls,
        settings=settings(
            max_examples=12,
            stateful_step_count=16,
            suppress_health_check=list(HealthCheck),
            database=None,
            deadline=None,
        ),
    )
