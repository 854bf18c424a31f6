"""What an archive holds, and how its parts are compared.

The archive is a tar of ``database.dump`` (``pg_dump`` custom format), ``files/``, ``plugins/``, ``wangge.toml`` and,
last, ``manifest.json``. Rendered tiles are left out: they are made again on demand.
"""

from __future__ import annotations

import hashlib
import json
import subprocess
import tarfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any, Final

import psycopg2.extensions
from psycopg2 import sql

from core.children import BOUND
from core.db.debian import binaries
from core.errors import Refused, Unusable

FORMAT: Final = 1
FOLDERS: Final = ("files", "plugins")
MANIFEST: Final = "manifest.json"
DUMP: Final = "database.dump"
VOLATILE: Final = frozenset({"core.tile", "core.layer_tile"})
"""Tables whose rows are not kept: they can be made again."""
AS_TEXT: Final = """
set local timezone = 'UTC'; set local datestyle = 'ISO'; set local intervalstyle = 'postgres';
set local extra_float_digits = 1; set local bytea_output = 'hex'
"""
"""How values become the text that is digested: a server of one's own may have other settings."""


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


def read_manifest(source: Path, text: bytes) -> Manifest:
    """The manifest of an archive.

    :raises Refused: when it is none, or of a format that this version does not read.
    """
    try:
        values: dict[str, Any] = json.loads(text)
        found = values["format"]
        if found != FORMAT:
            raise Refused("This backup has format %(found)s; this version reads %(known)s", found=found, known=FORMAT)
        values["tables"] = {name: TableDigest(**digest) for name, digest in values["tables"].items()}
        return Manifest(**values)
    except (ValueError, TypeError, LookupError, AttributeError) as error:
        raise no_backup(source, error) from None


def no_backup(source: Path, error: Exception) -> Refused:
    """The refusal of a file that cannot be read as an archive."""
    return Refused("%(file)s is no backup of Wangge: %(error)s", file=source.name, error=str(error))


def refuse_damage(manifest: Manifest, found: Mapping[str, str]) -> None:
    """The files found must be those of the manifest, byte for byte, and no other.

    :param found: path inside the archive → sha256.
    """
    for path in sorted(found.keys() ^ manifest.files.keys()):
        raise Refused("The archive is damaged: %(path)s is missing or was not part of it", path=path)
    for path, digest in manifest.files.items():
        if found[path] != digest:
            raise Refused("The archive is damaged: %(path)s has another digest", path=path)


def digests_inside(source: Path) -> tuple[Manifest, dict[str, str]]:
    """The manifest of a finished archive, and the digests of all else in it."""
    found: dict[str, str] = {}
    text = b""
    try:
        with tarfile.open(source) as archive:
            for member in archive:
                handle = archive.extractfile(member)
                if handle is None:
                    continue
                if member.name == MANIFEST:
                    text = handle.read()
                else:
                    found[member.name] = sha256(handle)
    except (tarfile.TarError, OSError) as error:
        raise no_backup(source, error) from None
    return read_manifest(source, text), found


def sha256(handle: IO[bytes]) -> str:
    """Digest of what is left to read."""
    digest = hashlib.sha256()
    while block := handle.read(1 << 20):
        digest.update(block)
    return digest.hexdigest()


def table_digests(connection: psycopg2.extensions.connection) -> dict[str, TableDigest]:
    """Count and digest of every table that is kept, the same on every server whatever its own settings."""
    digests = {}
    with connection.cursor() as cursor:
        cursor.execute(AS_TEXT)
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


def run(program: str, *arguments: str) -> None:
    """Run one of PostgreSQL's programs.

    :raises Unusable: with the end of what it said, when it fails.
    """
    done = subprocess.run([*BOUND, binaries() / program, *arguments], capture_output=True, text=True, check=False)
    if done.returncode:
        raise Unusable("%(program)s failed: %(output)s", program=program, output=done.stderr[-600:])
