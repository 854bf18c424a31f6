"""`wangge backup`, `restore` and `doctor`."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import click

from core.db import cluster as private
from core.db.roles import prepare
from core.db.session import WorkSession, work
from core.grids.proof import check_coverage
from core.maintenance.archive import Manifest
from core.maintenance.backup import backup
from core.maintenance.doctor import Finding, examine
from core.maintenance.jobs import backup_url
from core.maintenance.restore import keeps_other_settings, restore
from core.plugin import loading, queries
from core.plugin.doctor import ask
from core.settings import FILE_NAME, get_settings
from core.text import Text
from core.text import noop as _
from web.cli.context import operator, with_bare_database
from web.cli.newfile import NewFile
from web.cli.output import answer, answer_lines, json_option, say
from web.hooks import SPECS
from web.i18n import translate_text


def _summary(manifest: Manifest, file: Path, seconds: float) -> dict[str, object]:
    return {
        "file": str(file),
        "bytes": file.stat().st_size,
        "tables": len(manifest.tables),
        "rows": sum(table.rows for table in manifest.tables.values()),
        "files": len(manifest.files),
        "made_at": manifest.made_at,
        "seconds": round(seconds, 3),
    }


@click.command("backup")
@click.argument("file", type=NewFile())
@json_option
def backup_command(file: Path, as_json: bool) -> None:
    """Write everything (database, files, plugins) into FILE."""
    started = time.monotonic()
    settings = get_settings()
    with _role("wangge_backup", database=True) as url:
        manifest = backup(url or backup_url(settings), settings.home, file.absolute())
    answer(_summary(manifest, file, time.monotonic() - started), as_json, _line)


@click.command("restore")
@click.argument("file", type=click.Path(path_type=Path, exists=True, dir_okay=False))
@json_option
def restore_command(file: Path, as_json: bool) -> None:
    """Bring FILE back into an empty home; every count and digest is compared."""
    started = time.monotonic()
    settings = get_settings()
    with _role(private.SUPERUSER, database=True) as url:
        manifest = restore(url or private.owner_url(settings), settings.home, file.absolute())
    if keeps_other_settings(settings.home, manifest):
        say(f"{settings.home / FILE_NAME} stood there already and stays; the backup's: tar -xOf {file} {FILE_NAME}")
    answer(_summary(manifest, file, time.monotonic() - started), as_json, _line)


@contextmanager
def _role(role: str, *, database: bool) -> Iterator[str | None]:
    """DSN of a role of the private cluster, running inside the block; ``None`` with an outside server."""
    settings = get_settings()
    if settings.database_url:
        yield None
        return
    with private.Cluster(settings.folder("pg")).running() as cluster:
        if database:
            prepare(cluster)
        yield cluster.url(role)


def _line(row: object) -> str:
    assert isinstance(row, dict)
    return (
        f"{row['file']}: {row['tables']} tables, {row['rows']} rows, {row['files']} files,"
        f" {row['bytes'] / 1e6:.1f} MB, {row['seconds']} s; counts and digests agree"
    )


@click.command()
@click.option("--deep", is_flag=True, help="Prove the whole coverage, too.")
@json_option
@with_bare_database
def doctor(deep: bool, as_json: bool) -> None:
    """Say what is amiss and how to mend it; exit code 1 when something is."""
    settings = get_settings()
    with work(operator()) as session:
        findings = [*examine(session, settings), *_plugins(session), *([_proof(session)] if deep else [])]
    rows = [
        {
            "check": finding.name,
            "verdict": finding.verdict,
            "detail": translate_text(finding.text),
            "mend": translate_text(finding.mend) if finding.mend else "",
        }
        for finding in findings
    ]
    answer_lines(rows, as_json, _finding_line)
    if any(finding.verdict == "bad" for finding in findings):
        sys.exit(1)


def _finding_line(row: Mapping[str, object]) -> str:
    """Verdict, what was looked at, what was found; how to mend it stands below."""
    mend = f"\n{'':18}→ {row['mend']}" if row["mend"] else ""
    return f"{row['verdict']:5}{row['check']:13}{row['detail']}{mend}"


def _plugins(session: WorkSession) -> list[Finding]:
    """Plugins that should run and do not, and what their own checks say."""
    settings = get_settings()
    broken = [
        Finding("plugin", "bad", Text("%(name)s: %(reason)s", {"name": view.name, "reason": view.reason}))
        for view in queries.plugins(session, settings)
        if view.state in {"failed", "incompatible", "missing"}
    ]
    ill = [
        Finding("plugin", "warn", Text("%(name)s: %(text)s", {"name": asked.name, "text": asked.health.text}))
        for asked in ask(loading.load(settings, SPECS, operator()))
        if not asked.health.ok
    ]
    return broken + ill


def _proof(session: WorkSession) -> Finding:
    """The whole coverage, proven now."""
    result = check_coverage(session)
    values = {"leaves": result.leaves, "unmatched": result.unmatched, "seconds": round(result.seconds, 1)}
    if result.exact:
        return Finding("coverage", "ok", Text(_("%(leaves)s leaves, no gap, no overlap (%(seconds)s s)"), values))
    mend = Text(_("See `wangge grid check` for the places"))
    return Finding("coverage", "bad", Text(_("Not exact: %(unmatched)s edges do not fit"), values), mend)
