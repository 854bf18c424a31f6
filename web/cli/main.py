"""The command group and its rooms."""

from __future__ import annotations

import click

from web.cli import care, config, db, demo, grid, matter, org, plugin, run, user


@click.group(cls=plugin.PluginGroup, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="wangge")
def main() -> None:
    """Wangge, the city's one net."""


for command in (
    run.up,
    run.serve,
    run.work_command,
    db.group,
    demo.group,
    user.group,
    org.group,
    grid.group,
    matter.group,
    plugin.group,
    care.backup_command,
    care.restore_command,
    care.doctor,
    config.group,
):
    main.add_command(command)
