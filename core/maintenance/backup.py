"""One file holds everything: the database as of one snapshot, the files, the plugins, and digests of all three.

The archive is a tar of ``manifest.json``, ``database.dump`` (``pg_dump`` custom format), ``files/``, ``plugins/`` and
``wangge.toml``. Rendered tiles are left out: they are made again on demand.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import subprocess
import tarfile
import tempfile
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Final

import psycopg2
import psycopg2.extensions
from psycopg2 import sql

from core import clock
from core.db.cluster import binaries
from core.errors import Refused, Unusable
from core.plugin.discovery import host_version
from core.settings import FILE_NAME

FORMAT: Final = 1
FOLDERS: Final = ("files", "plugins")
SCHEMAS: Final = ("core", "procrastinate", "plugin_*")
VOLATILE: Final = frozenset({"core.tile"})
"""Tables whose rows are not kept: they can be made again."""


@dataclass(frozen=True)
class TableDigest:
    """How many rows a table has, and the sum of the hashes of their texts (blind to order)."""

    rows: int
    digest: str


@dataclass(frozen=True)
class Manifest:
    """What an archive holds.

    :param tables: ``schema.table`` → digest.
    :param files: path inside the archive → sha256.
    """

    format: int
    wangge: str
    made_at: str
    tables: dict[str, TableDigest]
    files: dict[str, str]


def backup(url: str, home: Path, target: Path) -> Manifest:
    """Write everything into ``target``; a half-written archive never stands under that name.

    :param url: DSN of a role that may read all tables.
    """
    target.parent.mkdir(parents=True, exist_ok=True)
    part = target.with_name(f".{target.name}.part")
    try:
        with tempfile.TemporaryDirectory(prefix="wangge-backup-") as folder:
            dump = Path(folder) / "database.dump"
            with _snapshot(url) as (connection, snapshot):
                tables = table_digests(connection)
                _dump(url, snapshot, dump)
            files = {name: _sha256(path) for name, path in _home_files(home)}
            files["database.dump"] = _sha256(dump)
            manifest = Manifest(FORMAT, host_version(), clock.now().isoformat(), tables, files)
            _pack(part, manifest, dump, home)
        part.rename(target)
    finally:
        part.unlink(missing_ok=True)
    return manifest


def restore(url: str, home: Path, source: Path) -> Manifest:
    """Bring an archive back into an empty home and an empty database, and compare every count and digest.

    :param url: DSN of a role that may create schemas and own tables.
    """
    with tempfile.TemporaryDirectory(prefix="wangge-restore-", dir=_near(home)) as name:
        folder = Path(name)
        manifest = _unpack(source, folder)
        _refuse_damage(manifest, folder)
        _refuse_full(url, home)
        _load(url, folder / "database.dump")
        with closing(psycopg2.connect(url)) as connection:
            differing = compare(manifest.tables, table_digests(connection))
        if differing:
            raise Refused("After the restore these tables differ: %(tables)s", tables=", ".join(differing))
        for part in FOLDERS:
            if (folder / part).exists():
                shutil.copytree(folder / part, home / part, dirs_exist_ok=True)
        if (folder / FILE_NAME).exists():
            shutil.copy2(folder / FILE_NAME, home / FILE_NAME)
    return manifest


def compare(expected: dict[str, TableDigest], found: dict[str, TableDigest]) -> list[str]:
    """Names of the tables that are missing or have other rows."""
    return sorted(name for name, digest in expected.items() if found.get(name) != digest)


def table_digests(connection: psycopg2.extensions.connection) -> dict[str, TableDigest]:
    """Count and digest of every table that is kept."""
    digests = {}
    with connection.cursor() as cursor:
        cursor.execute(
            "select schemaname, tablename from pg_tables where schemaname in ('core', 'procrastinate')"
            " or schemaname like 'plugin\\_%' order by 1, 2"
        )
        for schema, table in cursor.fetchall():
            if f"{schema}.{table}" in VOLATILE:
                continue
            query = sql.SQL("select count(*), coalesce(sum(hashtextextended(t::text, 0)), 0)::text from {} t")
            cursor.execute(query.format(sql.Identifier(schema, table)))
            row = cursor.fetchone()
            assert row is not None
            digests[f"{schema}.{table}"] = TableDigest(row[0], row[1])
    return digests


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
    _run("pg_dump", "--format=custom", f"--snapshot={snapshot}", *schemas, *skipped, f"--file={target}", url)


def _load(url: str, dump: Path) -> None:
    _run("pg_restore", "--single-transaction", "--exit-on-error", f"--dbname={url}", str(dump))


def _run(program: str, *arguments: str) -> None:
    done = subprocess.run([binaries() / program, *arguments], capture_output=True, text=True, check=False)
    if done.returncode:
        raise Unusable("%(program)s failed: %(output)s", program=program, output=done.stderr[-600:])


def _home_files(home: Path) -> Iterator[tuple[str, Path]]:
    for part in FOLDERS:
        for path in sorted((home / part).rglob("*")):
            if path.is_file() and "__pycache__" not in path.parts:
                yield path.relative_to(home).as_posix(), path
    if (home / FILE_NAME).exists():
        yield FILE_NAME, home / FILE_NAME


def _pack(target: Path, manifest: Manifest, dump: Path, home: Path) -> None:
    with tarfile.open(target, "w") as archive:
        with tempfile.NamedTemporaryFile("w", suffix=".json") as text:
            json.dump(asdict(manifest), text, ensure_ascii=False)
            text.flush()
            archive.add(text.name, "manifest.json")
        archive.add(dump, "database.dump")
        for name, path in _home_files(home):
            archive.add(path, name)
    with target.open("rb") as handle:
        os.fsync(handle.fileno())


def _unpack(source: Path, folder: Path) -> Manifest:
    try:
        with tarfile.open(source) as archive:
            archive.extractall(folder, filter="data")
        values = json.loads((folder / "manifest.json").read_text())
        found = values["format"]
        if found != FORMAT:
            raise Refused("This backup has format %(found)s; this version reads %(known)s", found=found, known=FORMAT)
        values["tables"] = {name: TableDigest(**digest) for name, digest in values["tables"].items()}
        return Manifest(**values)
    except (tarfile.TarError, OSError, ValueError, TypeError, LookupError, AttributeError) as error:
        raise Refused("%(file)s is no backup of Wangge: %(error)s", file=source.name, error=str(error)) from None


def _refuse_damage(manifest: Manifest, folder: Path) -> None:
    """What was unpacked must be the files of the manifest, byte for byte, and no other."""
    unpacked = {path.relative_to(folder).as_posix(): path for path in folder.rglob("*") if not path.is_dir()}
    del unpacked["manifest.json"]
    for path in sorted(unpacked.keys() ^ manifest.files.keys()):
        raise Refused("The archive is damaged: %(path)s is missing or was not part of it", path=path)
    for path, digest in manifest.files.items():
        if _sha256(unpacked[path]) != digest:
            raise Refused("The archive is damaged: %(path)s has another digest", path=path)


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


def _near(home: Path) -> Path:
    home.mkdir(parents=True, exist_ok=True)
    return home


def _sha256(path: Path) -> str:
    with path.open("rb") as handle:
        return hashlib.file_digest(handle, "sha256").hexdigest()
