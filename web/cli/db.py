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
from core.db.roles import prepare
from core.errors import Unusable
from core.settings import get_settings
from web.cli.context import database_url
from web.cli.keeping import keeper, keeping
from web.cli.output import answer, json_option, say


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
    cluster = _cluster()
    stop: list[int] = []
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda received, _frame: stop.append(received))
    with keeping(get_settings()), cluster.running(patient=False, own=True):
        prepare(cluster)
        upgrade_host(cluster.url("wangge_owner"))
        click.echo("ready")
        while not stop:
            cluster.restart_if_dead()
            time.sleep(0.2)


@group.command()
def stop() -> None:
    """End the process that keeps the private cluster (`wangge up` or `wangge db start`)."""
    _cluster()
    pid = keeper(get_settings())
    if pid is None:
        say("nothing runs on this data folder")
        return
    os.kill(pid, signal.SIGTERM)


@group.command()
@json_option
def status(as_json: bool) -> None:
    """Whether the database answers; exit code 1 when it does not."""
    alive = _cluster().alive()
    answer({"alive": alive}, as_json, lambda row: "running" if row["alive"] else "stopped")
    if not alive:
        sys.exit(1)


@group.command()
def upgrade() -> None:
    """Bring the tables to the newest revision."""
    with database_url(get_settings(), migrate=True):
        say("the tables are up to date")


@group.command()
def url() -> None:
    """Print the DSN of the application's role."""
    settings = get_settings()
    given = settings.database_url
    click.echo(given.get_secret_value() if given else _cluster().url("wangge_app"))


@group.command()
def shell() -> None:
    """Open psql as the application's role."""
    with database_url(get_settings(), migrate=False) as dsn:
        sys.exit(subprocess.call(["psql", dsn]))
