"""`wangge db …`: the database itself."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time

import click

from core.db import cluster as private
from core.db.migrate import upgrade_host
from core.errors import DomainError, Unusable
from core.settings import get_settings
from web.cli.context import database_url, explain
from web.cli.output import answer, json_option, refuse, say


@click.group("db")
def group() -> None:
    """The database: start, stop, status, upgrade, url, shell."""


def _cluster() -> private.Cluster:
    settings = get_settings()
    if settings.database_url:
        raise Unusable("WANGGE_DATABASE_URL names an outside server; Wangge does not start or stop it")
    return private.Cluster(settings.folder("pg"))


@group.command()
def start() -> None:
    """Keep the private cluster running until Ctrl-C or `wangge db stop`."""
    try:
        cluster = _cluster()
        stop: list[int] = []
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, lambda received, _frame: stop.append(received))
        with cluster.running(patient=False, own=True):
            cluster.claim()
            private.prepare(cluster)
            upgrade_host(cluster.url("wangge_owner"))
            click.echo("ready")
            while not stop:
                cluster.restart_if_dead()
                time.sleep(0.2)
    except DomainError as error:
        refuse(explain(error))


@group.command()
def stop() -> None:
    """End the process that keeps the private cluster (`wangge up` or `wangge db start`)."""
    try:
        pid = _cluster().supervisor()
    except DomainError as error:
        refuse(explain(error))
    if pid is None:
        say("nothing runs on this data folder")
        return
    os.kill(pid, signal.SIGTERM)


@group.command()
@json_option
def status(as_json: bool) -> None:
    """Whether the database answers; exit code 1 when it does not."""
    try:
        alive = _cluster().alive()
    except DomainError as error:
        refuse(explain(error))
    answer({"alive": alive}, as_json, lambda row: "running" if row["alive"] else "stopped")
    if not alive:
        sys.exit(1)


@group.command()
def upgrade() -> None:
    """Bring the tables to the newest revision."""
    try:
        with database_url(get_settings(), migrate=True):
            say("the tables are up to date")
    except DomainError as error:
        refuse(explain(error))


@group.command()
def url() -> None:
    """Print the DSN of the application's role."""
    settings = get_settings()
    try:
        given = settings.database_url
        click.echo(given.get_secret_value() if given else _cluster().url("wangge_app"))
    except DomainError as error:
        refuse(explain(error))


@group.command()
def shell() -> None:
    """Open psql as the application's role."""
    try:
        with database_url(get_settings(), migrate=False) as dsn:
            sys.exit(subprocess.call(["psql", dsn]))
    except DomainError as error:
        refuse(explain(error))
