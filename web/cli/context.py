"""What commands need around them: the database, the acting person, errors as messages."""

from __future__ import annotations

import functools
import getpass
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, TypeVar

from core.actor import Actor, command_line
from core.assembly import assemble
from core.db import cluster as private
from core.db.migrate import upgrade_host
from core.db.outside import check_server
from core.db.roles import prepare
from core.db.session import connect, disconnect
from core.maintenance.restore import refuse_begun
from core.plugin import loading
from core.settings import Settings, get_settings
from web.hooks import SPECS

Command = TypeVar("Command", bound=Callable[..., Any])


def operator() -> Actor:
    """The actor of the command line, named after the operating system's user."""
    return command_line(getpass.getuser())


@contextmanager
def database(*, migrate: bool = True) -> Iterator[Settings]:
    """The database of these settings, started when it is private and not running, left as it was found."""
    settings = get_settings()
    with database_url(settings, migrate=migrate) as url:
        read_url = settings.read_url.get_secret_value() if settings.read_url else None
        connect(url, read_url)
        try:
            yield settings
        finally:
            disconnect()


@contextmanager
def database_url(settings: Settings, *, migrate: bool) -> Iterator[str]:
    """DSN of the application role, of the outside server or of the private cluster."""
    assemble()
    refuse_begun(settings.home)
    if settings.database_url:
        url = settings.database_url.get_secret_value()
        if migrate:
            check_server(private.owner_url(settings), url)
            upgrade_host(private.owner_url(settings))
        yield url
        return
    with private.Cluster(settings.folder("pg")).running() as cluster:
        if migrate:
            prepare(cluster)
            upgrade_host(cluster.url("wangge_owner"))
        yield cluster.url("wangge_app")


def with_database(command: Command) -> Command:
    """Run a command with the database connected and the plugins loaded."""
    return _wrapped(command, plugins=True)


def with_bare_database(command: Command) -> Command:
    """As ``with_database``, without plugins."""
    return _wrapped(command, plugins=False)


def _wrapped(command: Command, *, plugins: bool) -> Command:
    @functools.wraps(command)
    def wrapped(*args: Any, **kwargs: Any) -> Any:
        with database() as settings:
            if plugins:
                loading.load(settings, SPECS, operator())
            return command(*args, **kwargs)

    return wrapped  # type: ignore[return-value]
