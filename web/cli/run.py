"""`wangge up` and `serve`."""

from __future__ import annotations

import os
import socket
import sys
import time
from collections.abc import Mapping, Sequence
from contextlib import ExitStack

import click

from core.access.queries import user_id_of, users
from core.access.service import ensure_first_admin, reset_password
from core.access.views import UserView
from core.db import cluster as private
from core.db.migrate import upgrade_host
from core.db.roles import prepare
from core.db.session import connect, disconnect, reading, work
from core.demo.people import SECURITY_LOGIN
from core.demo.service import wanted
from core.errors import Unusable
from core.maintenance.restore import refuse_begun
from core.settings import Settings, get_settings
from web.cli.context import operator
from web.cli.keeping import keeping
from web.cli.output import say
from web.cli.supervise import Child, children, stop_signals, wait_ready, watch, web_command


@click.command()
@click.option("--port", default=8000, show_default=True, help="Port on the loopback address.")
@click.option("--no-demo", is_flag=True, help="An empty city instead of the demonstration.")
def up(port: int, no_demo: bool) -> None:
    """Start everything: database, migrations, web, jobs. Ctrl-C stops everything."""
    settings = get_settings()
    refuse_begun(settings.home)
    with keeping(settings):
        _check_port(settings.host, port)
        _up(settings, port, demo=not no_demo)


def _up(settings: Settings, port: int, *, demo: bool) -> None:
    with ExitStack() as stack:
        stop = stack.enter_context(stop_signals())
        cluster: private.Cluster | None = None
        if settings.database_url is None:
            cluster = private.Cluster(settings.folder("pg"))
            say("starting the database")
            stack.enter_context(cluster.running(patient=False, own=True, waiting=_say_waiting))
            prepare(cluster)
        urls = _urls(settings, cluster)
        upgrade_host(urls["WANGGE_OWNER_URL"])
        if demo:
            _load_demo(urls, stop)
        if stop:
            return
        _greet(_first_people(urls["WANGGE_DATABASE_URL"]))
        web, jobs = parts = children(settings, urls, port)
        for child in parts:
            stack.callback(child.stop)
        address = f"http://{settings.host}:{port}"
        web.start()
        wait_ready(address, web, stop)
        if not stop:
            click.echo(f"address   {address}")
            click.echo("ready")
        jobs.start()
        watch(parts, cluster, stop)
        say("stopping")


def _say_waiting(owner: str) -> None:
    say(f"waiting for another command that runs the database: {owner}")


def _urls(settings: Settings, cluster: private.Cluster | None) -> dict[str, str]:
    """How the children name the database: the private cluster's roles, or what the operator set."""
    if cluster is None:
        assert settings.database_url is not None
        return {
            "WANGGE_DATABASE_URL": settings.database_url.get_secret_value(),
            "WANGGE_OWNER_URL": private.owner_url(settings),
        }
    roles = {"DATABASE": "wangge_app", "OWNER": "wangge_owner", "BACKUP": "wangge_backup"}
    return {f"WANGGE_{name}_URL": cluster.url(role) for name, role in roles.items()}


def _load_demo(urls: Mapping[str, str], stop: Sequence[int]) -> None:
    """The demonstration city, at the first start of an empty instance or where a load was cut off."""
    connect(urls["WANGGE_DATABASE_URL"])
    try:
        with reading(operator()) as session:
            load = wanted(session)
    finally:
        disconnect()
    if not load:
        return
    say("loading the demonstration city (once; --no-demo leaves it out)")
    quick = {"PGOPTIONS": "-c synchronous_commit=off"}  # made-up data may be made again
    child = Child("demo", [sys.executable, "-m", "web.cli", "demo", "load"], {**os.environ, **urls, **quick})
    child.start()
    while not child.dead():
        if stop:
            child.stop()
            return
        time.sleep(0.1)
    if child.process is not None and child.process.returncode:
        say("the demonstration was not loaded whole; the next start goes on with it")


def _first_people(url: str) -> list[tuple[str, str]]:
    """Logins and one-time passwords of the first administrator and of the demonstration's security administrator."""
    connect(url)
    try:
        with work(operator()) as session:
            first = ensure_first_admin(session)
            if first is None:
                _remind([admin for admin in users(session, role="system_admin") if admin.state != "disabled"])
                return []
            security = user_id_of(session, SECURITY_LOGIN)
            return [first, *([(SECURITY_LOGIN, reset_password(session, security))] if security else [])]
    finally:
        disconnect()


def _remind(admins: Sequence[UserView]) -> None:
    """Say how the instance is entered while no administrator has come in yet: the first password was shown once."""
    if all(admin.must_change_password for admin in admins):
        for admin in admins:
            say(f"{admin.login} has not come in yet; for a new one-time password: wangge user passwd {admin.login}")


def _greet(first: Sequence[tuple[str, str]]) -> None:
    """Show the first passwords at once: they are kept nowhere."""
    for login, password in first:
        click.echo(f"login     {login}")
        click.echo(f"password  {password}   (valid once: a password of your own is chosen at the first login)")


def _check_port(host: str, port: int) -> None:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError:
            raise Unusable("Port %(port)s is taken; choose another with --port", port=port) from None


@click.command()
@click.option("--port", default=8000, show_default=True)
def serve(port: int) -> None:
    """The web server alone (production; the database runs elsewhere)."""
    refuse_begun(get_settings().home)
    command = web_command(get_settings(), port)
    os.execv(command[0], command)
