"""Asks the plugins' health checks; each stands alone with its answer."""

from __future__ import annotations

from dataclasses import dataclass

from core.actor import job
from core.db.session import reading
from core.plugin.failure import Broken
from core.plugin.hooks import Health, HealthCheck
from core.plugin.manager import Host


@dataclass(frozen=True)
class Answered:
    """A health check and its answer; ``title`` is a message id of the plugin."""

    plugin: str
    name: str
    title: str
    health: Health


def ask(host: Host, plugin: str = "") -> list[Answered]:
    """Every check of the loaded plugins, or of one."""
    answers = []
    for owner, check in host.values("register_health"):
        if plugin in ("", owner):
            try:
                health = host.call(owner, check.name, _run, check)
            except Broken as broken:
                health = Health(False, broken.failure.error)
            answers.append(Answered(owner, check.name, check.title, health))
    return answers


def _run(check: HealthCheck) -> Health:
    with reading(job("health")) as session:
        return check.run(session)
