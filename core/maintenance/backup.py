"""One file holds everything: the database as of one snapshot, the files, the plugins, and digests of all three."""

from __future__ import annotations

import datetime as dt
import fcntl
import hashlib
import io
import json
import os
import shutil
import tarfile
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import IO, Final

import psycopg2
import psycopg2.extensions

from core import clock
from core.errors import Refused, Unusable
from core.maintenance.archive import (
    DUMP,
    FOLDERS,
    FORMAT,
    MANIFEST,
    VOLATILE,
    Manifest,
    TableDigest,
    digests_inside,
    refuse_damage,
    run,
    table_digests,
)
from core.plugin.discovery import host_version
from core.settings import FILE_NAME
from core.text import noop as _

SCHEMAS: Final = ("core", "procrastinate", "plugin_*")
WORKSHOP: Final = "run/backup"
UNDER_WAY: Final = "under-way"
"""File in the workshop that names the archive being written."""
LAST: Final = "run/last-backup.json"
UNFINISHED: Final = ".new"
"""Ending of files that are being written."""
UNWRITABLE: Final = _(
    "No backup was made, %(file)s could not be written: %(why)s; free some space there or choose another place"
)


def backup(url: str, home: Path, target: Path) -> Manifest:
    """Write everything into ``target`` and read it again; a half-written archive never stands under that name.

    People go on working meanwhile. Files are listed after the database's snapshot, so each that a row names is there.

    :param url: DSN of a role that may read all tables.
    :raises Refused: when another backup of this home is being made.
    :raises Unusable: when it cannot be written, for lack of rights or space.
    """
    try:
        return _backup(url, home, target)
    except OSError as error:
        why = f"{error.strerror} {error.filename or ''}".rstrip()
        raise Unusable(UNWRITABLE, file=str(target), why=why) from error


def _backup(url: str, home: Path, target: Path) -> Manifest:
    target.parent.mkdir(parents=True, exist_ok=True)
    part = target.with_name(f".{target.name}.part")
    with _workshop(home) as folder:
        try:
            (folder / UNDER_WAY).write_text(str(part))
            with _snapshot(url) as (connection, snapshot):
                tables = table_digests(connection)
                _dump(url, snapshot, folder / DUMP)
            manifest = _pack(part, tables, folder / DUMP, home)
            refuse_damage(*digests_inside(part))
            part.rename(target)
        finally:
            part.unlink(missing_ok=True)
    (home / LAST).write_text(json.dumps({"file": str(target), "at": manifest.made_at}))
    return manifest


def last_backup(home: Path) -> tuple[Path, dt.datetime] | None:
    """The last backup that was made of a home, wherever it was written, and when."""
    try:
        found = json.loads((home / LAST).read_text())
        return Path(found["file"]), dt.datetime.fromisoformat(found["at"])
    except (OSError, ValueError, LookupError):
        return None


@contextmanager
def _workshop(home: Path) -> Iterator[Path]:
    """A folder for one backup at a time; what a killed one left there goes first."""
    folder = home / WORKSHOP
    folder.mkdir(parents=True, exist_ok=True)
    with (home / "run" / "backup.lock").open("a") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise Refused("Another backup is being made; wait for its end") from None
        if (folder / UNDER_WAY).exists():
            Path((folder / UNDER_WAY).read_text()).unlink(missing_ok=True)
        shutil.rmtree(folder)
        folder.mkdir()
        try:
            yield folder
        finally:
            shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def _snapshot(url: str) -> Iterator[tuple[psycopg2.extensions.connection, str]]:
    """One moment of the database that both ``pg_dump`` and the counts see."""
    with closing(psycopg2.connect(url)) as connection:
        connection.set_session(isolation_level="REPEATABLE READ", readonly=True)
        with connection.cursor() as cursor:
            cursor.execute("select pg_export_snapshot()")
            row = cursor.fetchone()
            assert row is not None
            yield connection, str(row[0])


def _dump(url: str, snapshot: str, target: Path) -> None:
    schemas = [f"--schema={name}" for name in SCHEMAS]
    skipped = [f"--exclude-table-data={name}" for name in sorted(VOLATILE)]
    run("pg_dump", "--format=custom", f"--snapshot={snapshot}", *schemas, *skipped, f"--file={target}", url)


def _home_files(home: Path) -> Iterator[tuple[str, Path]]:
    for part in FOLDERS:
        for path in sorted((home / part).rglob("*")):
            if path.is_file() and "__pycache__" not in path.parts and path.suffix != UNFINISHED:
                yield path.relative_to(home).as_posix(), path
    if (home / FILE_NAME).exists():
        yield FILE_NAME, home / FILE_NAME


def _pack(target: Path, tables: dict[str, TableDigest], dump: Path, home: Path) -> Manifest:
    files: dict[str, str] = {}
    with tarfile.open(target, "w") as archive:
        for name, path in ((DUMP, dump), *_home_files(home)):
            try:
                handle = path.open("rb")
            except FileNotFoundError:
                continue  # a file that no row names was swept away
            with handle:
                files[name] = _add(archive, name, handle)
        manifest = Manifest(FORMAT, host_version(), clock.now().isoformat(), tables, files)
        text = json.dumps(asdict(manifest), ensure_ascii=False).encode()
        _add(archive, MANIFEST, io.BytesIO(text), len(text))
    with target.open("rb") as finished:
        os.fsync(finished.fileno())
    return manifest


def _add(archive: tarfile.TarFile, name: str, handle: IO[bytes], size: int | None = None) -> str:
    """Put a file into the archive and give the digest of what was put there."""
    info = tarfile.TarInfo(name)
    info.size = os.fstat(handle.fileno()).st_size if size is None else size
    info.mtime = int(clock.now().timestamp())
    info.mode = 0o644
    reader = _Hashing(handle)
    archive.addfile(info, reader)
    return reader.digest.hexdigest()


class _Hashing(io.RawIOBase):
    """A reader that hashes what passes through it."""

    def __init__(self, source: IO[bytes]) -> None:
        self.source = source
        self.digest = hashlib.sha256()

    def read(self, size: int = -1) -> bytes:
        """The next bytes."""
        block = self.source.read(size)
        self.digest.update(block)
        return block
