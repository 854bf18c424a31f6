"""The `wangge` command: its rooms are imported when they are asked for, so that each command starts fast."""

from __future__ import annotations

import os
from importlib import import_module
from typing import Any, Final

import click
import psycopg2
from sqlalchemy.exc import OperationalError

from core.disk import disk_fault
from core.errors import DomainError, Unusable
from core.settings import PRIVATE
from core.text import noop as _
from web.cli.output import explain, refuse
from web.logs import configure

COMMANDS: Final = {
    "up": "run:up",
    "serve": "run:serve",
    "work": "work:work_command",
    "db": "db:group",
    "demo": "demo:group",
    "user": "user:group",
    "org": "org:group",
    "grid": "grid:group",
    "layer": "layer:group",
    "plan": "plan:group",
    "matter": "matter:group",
    "clock": "clock:group",
    "calendar": "calendar:group",
    "notice": "notice:group",
    "plugin": "plugin:group",
    "backup": "care:backup_command",
    "restore": "care:restore_command",
    "doctor": "care:doctor",
    "config": "config:group",
}
"""Name of a command, and its module and attribute in this folder."""


DATABASE_FAULT: Final = _("The database refused: %(why)s")


class HostGroup(click.Group):
    """The command group: what is no command of the host may be a plugin's name."""

    def invoke(self, ctx: click.Context) -> Any:
        """Run the command; a refusal is exit code 1 and a message in the user's language."""
        os.umask(~PRIVATE & 0o777)
        configure()
        try:
            return super().invoke(ctx)
        except DomainError as error:
            refuse(explain(error))
        except OSError as error:
            fault = disk_fault(error)
            if fault is None:
                raise
            refuse(explain(fault))
        except (OperationalError, psycopg2.OperationalError) as error:
            said = str(getattr(error, "orig", error)).strip()
            refuse(explain(disk_fault(error) or Unusable(DATABASE_FAULT, why=said)))

    def list_commands(self, _ctx: click.Context) -> list[str]:
        """The host's commands; a plugin's are shown by `wangge <plugin> --help`."""
        return sorted(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The host's command, else the commands of the plugin of this name."""
        if cmd_name not in COMMANDS:
            command: click.Command | None = import_module("web.cli.plugin").plugin_commands(ctx, cmd_name)
            return command
        module, _colon, attribute = COMMANDS[cmd_name].partition(":")
        found: click.Command = getattr(import_module(f"web.cli.{module}"), attribute)
        return found


@click.group(cls=HostGroup, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="wangge")
def main() -> None:
    """Wangge, the city's one net."""
