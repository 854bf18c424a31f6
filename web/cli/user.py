"""`wangge user …`: people, their roles, passwords and tokens."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from uuid import UUID

import click

from core.access.commands import CreateUser, GrantRole, ImportUsers, IssueToken, NewUser, SetPassword
from core.access.granting import grant_role
from core.access.importing import import_users, preview_users
from core.access.queries import user_of_login, users
from core.access.service import create_user, disable_user, reset_password, set_password
from core.access.sessions import issue_token
from core.access.slips import issue_slips
from core.db.session import reading, work
from web.cli.context import operator, with_database
from web.cli.output import answer, answer_lines, json_option


@click.group("user")
def group() -> None:
    """People: add, list, passwd, token, disable, import, slips."""


@group.command()
@click.argument("name")
@click.option("--role", required=True, help="system_admin security_admin audit_admin gis_admin grid_head worker desk …")
@click.option("--grid", help="Code of the grid in which the role holds; unset: the whole city.")
@click.option("--full-name", help="The person's name; unset: the login name.")
@click.option("--phone", default="", help="Telephone number.")
@json_option
@with_database
def add(name: str, role: str, grid: str | None, full_name: str | None, phone: str, as_json: bool) -> None:
    """Add a person with a role; prints a one-time password."""
    with work(operator()) as session:
        made = create_user(session, CreateUser(name, full_name or name, phone=phone))
        grant_role(session, GrantRole(made.id, role, grid))
    row = {"id": str(made.id), "login": made.login, "password": made.one_time_password}
    answer(row, as_json, lambda r: f"{r['login']}  one-time password {r['password']}")


@group.command("list")
@json_option
@with_database
def list_command(as_json: bool) -> None:
    """Everybody, with roles."""
    with reading(operator()) as session:
        found = users(session, limit=100_000)
    rows = [
        {"login": u.login, "name": u.name, "roles": list(u.roles), "disabled": u.disabled_at is not None} for u in found
    ]
    answer_lines(rows, as_json, lambda r: f"{r['login']:24} {r['name']}  {', '.join(r['roles'])}")


@group.command()
@click.argument("name")
@click.option("--prompt", is_flag=True, help="Type the new password instead of having one made.")
@json_option
@with_database
def passwd(name: str, prompt: bool, as_json: bool) -> None:
    """Give a person a new password; all their sessions and tokens end."""
    typed = click.prompt("Password", hide_input=True, confirmation_prompt=True, err=True) if prompt else None
    with work(operator()) as session:
        user_id = user_of_login(session, name)
        if typed is None:
            made: str | None = reset_password(session, user_id)
        else:
            set_password(session, SetPassword(user_id, typed))
            made = None
    answer({"login": name, "password": made}, as_json, lambda r: f"{r['login']}  {r['password'] or 'changed'}")


@group.command()
@click.argument("name")
@click.option("--label", default="command line", show_default=True, help="What the token is for.")
@click.option("--days", type=int, help="Days after which it ends; unset: never.")
@with_database
def token(name: str, label: str, days: int | None) -> None:
    """Print a new bearer token of a person, alone; it is shown this once."""
    with work(operator()) as session:
        plain = issue_token(session, IssueToken(user_of_login(session, name), label, days))
    click.echo(plain)


@group.command()
@click.argument("name")
@json_option
@with_database
def disable(name: str, as_json: bool) -> None:
    """Take everything from a person who leaves; what they did stays."""
    with work(operator()) as session:
        disable_user(session, user_of_login(session, name))
    answer({"login": name, "disabled": True}, as_json, lambda r: f"{r['login']} is disabled")


@group.command("import")
@click.argument("file", type=click.Path(path_type=Path, exists=True, dir_okay=False))
@click.option("--update", is_flag=True, help="People who stand already get the name, phone and role of the list.")
@click.option("--dry-run", is_flag=True, help="Only say what would be done; nothing is written.")
@json_option
@with_database
def import_command(file: Path, update: bool, dry_run: bool, as_json: bool) -> None:
    """Add the new people of an XLSX list; nothing is written when any row is wrong. Prints one-time passwords."""
    command = ImportUsers(file.read_bytes(), update=update)
    if dry_run:
        _print_preview(command, as_json)
        return
    with work(operator()) as session:
        view = import_users(session, command)
        made = issue_slips(session, view.id)
    _print_slips(made, as_json)
    click.echo(f"list {view.id}: {view.added} added, {view.differing} differ, {view.unchanged} unchanged", err=True)
    for difference in view.differences:
        left = "taken over" if difference.taken else "left as it is"
        told = f"{difference.column} {difference.now or '-'} -> {difference.listed or '-'}"
        click.echo(f"row {difference.row}, {difference.who}: {told} ({left})", err=True)


@group.command()
@click.argument("list_id", type=click.UUID)
@json_option
@with_database
def slips(list_id: UUID, as_json: bool) -> None:
    """Print new one-time passwords for those of an imported list who never signed in."""
    with work(operator()) as session:
        made = issue_slips(session, list_id)
    _print_slips(made, as_json)


def _print_preview(command: ImportUsers, as_json: bool) -> None:
    with work(operator()) as session:
        preview = preview_users(session, command)
    rows = [asdict(person) for person in preview.people]
    answer_lines(
        rows, as_json, lambda r: f"{r['fate']:9} {r['login']:24} {r['name']}  {r['role']} {r['grid']}".rstrip()
    )
    counts = ", ".join(f"{preview.count(fate)} {fate}" for fate in ("new", "changed", "unchanged", "left"))
    click.echo(f"nothing was written: {counts}", err=True)


def _print_slips(made: list[NewUser], as_json: bool) -> None:
    rows = [{"login": user.login, "password": user.one_time_password} for user in made]
    answer_lines(rows, as_json, lambda r: f"{r['login']}  {r['password']}")
