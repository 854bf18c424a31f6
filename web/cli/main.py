"""The command group and its rooms."""

from __future__ import annotations

import click

from web.cli import grid, matter, org, plugin, user


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="wangge")
def main() -> None:
    """Wangge, the city's one net."""


main.add_command(grid.group)
main.add_command(matter.group)
main.add_command(plugin.group)
main.add_command(user.group)
main.add_command(org.group)
