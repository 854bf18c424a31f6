"""Brings an archive back into an empty home: whole, or marked as begun, so that nobody works on a half of it."""

from __future__ import annotations

import shutil
import tarfile
import tempfile
from contextlib import closing
from pathlib import Path, PurePosixPath
from typing import Final

import psycopg2
from psycopg2 import sql

from core.errors import Refused, Unusable
from core.maintenance.archive import (
    DUMP,
    FOLDERS,
    MANIFEST,
    Manifest,
    TableDigest,
    no_backup,
    read_manifest,
    refuse_damage,
    run,
    sha256,
    table_digests,
)
from core.settings import FILE_NAME
from core.text import noop as _

BEGUN: Final = "restore-begun"
"""File that stands in a home from the first byte of a restore to its last comparison."""
UNPACKED: Final = "wangge-restore-"


def restore(url: str, home: Path, source: Path) -> Manifest:
    """Bring an archive back into an empty home and an empty database, and compare every count and digest.

    One that was cut off may be run again: what it had brought is taken away first. Settings that stand there stay.

    :param url: DSN of a role that may create schemas and own tables.
    """
    home.mkdir(parents=True, exist_ok=True)
    for left in home.glob(f"{UNPACKED}*"):
        shutil.rmtree(left)
    with tempfile.TemporaryDirectory(prefix=UNPACKED, dir=home) as name:
        folder = Path(name)
        manifest = _unpack(source, folder)
        refuse_damage(manifest, _digests(folder))
        if (home / BEGUN).exists():
            _take_away(url, home)
        _refuse_full(url, home)
        (home / BEGUN).write_text(str(source))
        for part in (*FOLDERS, FILE_NAME):
            if (folder / part).exists() and not (home / part).is_file():
                shutil.rmtree(home / part, ignore_errors=True)
                (folder / part).rename(home / part)
        run("pg_restore", "--single-transaction", "--exit-on-error", f"--dbname={url}", str(folder / DUMP))
        with closing(psycopg2.connect(url)) as connection:
            differing = compare(manifest.tables, table_digests(connection))
        if differing:
            raise Refused("After the restore these tables differ: %(tables)s", tables=", ".join(differing))
        (home / BEGUN).unlink()
    return manifest


def keeps_other_settings(home: Path, manifest: Manifest) -> bool:
    """Whether a restored home has other settings than the archive brought."""
    brought = manifest.files.get(FILE_NAME)
    if brought is None:
        return False
    with (home / FILE_NAME).open("rb") as standing:
        return sha256(standing) != brought


def refuse_begun(home: Path) -> None:
    """Let nobody work in a home whose restore did not come to its end.

    :raises Unusable: with the way to mend it.
    """
    begun = home / BEGUN
    if begun.exists():
        raise Unusable(
            _("A restore into this home was cut off; run it again: wangge restore %(file)s"), file=begun.read_text()
        )


def compare(expected: dict[str, TableDigest], found: dict[str, TableDigest]) -> list[str]:
    """Names of the tables that are missing or have other rows."""
    return sorted(name for name, digest in expected.items() if found.get(name) != digest)


def _unpack(source: Path, folder: Path) -> Manifest:
    try:
        with tarfile.open(source) as archive:
            _extract(archive, folder)
        text = (folder / MANIFEST).read_bytes()
    except (tarfile.TarError, OSError) as error:
        raise no_backup(source, error) from None
    return read_manifest(source, text)


def _extract(archive: tarfile.TarFile, folder: Path) -> None:
    """Write the files of an archive below a folder; `extractall(filter=…)` came after Debian 12's Python 3.11.2.

    :raises tarfile.ExtractError: for a name that leads out of the folder, and for a member that is no plain file.
    """
    for member in archive:
        name = PurePosixPath(member.name)
        content = archive.extractfile(member) if member.isreg() else None
        if content is None or name.is_absolute() or ".." in name.parts:
            raise tarfile.ExtractError(member.name)
        target = folder / name
        target.parent.mkdir(parents=True, exist_ok=True)
        with content, target.open("xb") as file:
            shutil.copyfileobj(content, file)


def _digests(folder: Path) -> dict[str, str]:
    found = {}
    for path in folder.rglob("*"):
        name = path.relative_to(folder).as_posix()
        if not path.is_dir() and name != MANIFEST:
            with path.open("rb") as handle:
                found[name] = sha256(handle)
    return found


def _take_away(url: str, home: Path) -> None:
    """What a restore that was cut off had brought; the home was empty before it."""
    with closing(psycopg2.connect(url)) as connection, connection, connection.cursor() as cursor:
        cursor.execute(
            "select nspname from pg_namespace where nspname in ('core', 'procrastinate') or nspname like 'plugin\\_%'"
        )
        for (schema,) in cursor.fetchall():
            cursor.execute(sql.SQL("drop schema {} cascade").format(sql.Identifier(schema)))
    for part in FOLDERS:
        shutil.rmtree(home / part, ignore_errors=True)


def _refuse_full(url: str, home: Path) -> None:
    with closing(psycopg2.connect(url)) as connection, connection.cursor() as cursor:
        cursor.execute("select count(*) from pg_namespace where nspname in ('core', 'procrastinate')")
        row = cursor.fetchone()
        assert row is not None
        if row[0]:
            raise Refused(
                "This home is not empty: its database has tables already; set WANGGE_HOME to a new, empty folder"
            )
    full = [part for part in FOLDERS if any((home / part).glob("*"))]
    if full:
        raise Refused("This home is not empty: %(folders)s has content", folders=", ".join(full))
