"""What Debian brings for a private cluster: PostgreSQL's programs, and the account that they run as."""

from __future__ import annotations

import hashlib
import os
import pwd
import stat
from pathlib import Path

from core.errors import Unusable


def binaries() -> Path:
    """Folder of the newest PostgreSQL on this machine that has PostGIS."""
    for folder in sorted(Path("/usr/lib/postgresql").glob("*"), key=lambda p: int(p.name), reverse=True):
        control = Path("/usr/share/postgresql") / folder.name / "extension/postgis.control"
        if control.exists() and (folder / "bin/postgres").exists():
            return folder / "bin"
    raise Unusable("No PostgreSQL with PostGIS was found; `apt-get install postgresql-postgis` brings it")


def account() -> pwd.struct_passwd | None:
    """The account that PostgreSQL runs as: it refuses root, so root lends it Debian's own."""
    if os.geteuid() != 0:
        return None
    try:
        return pwd.getpwnam("postgres")
    except KeyError:
        raise Unusable("There is no account `postgres`; Debian's package postgresql makes it") from None


def reachable(folder: Path, account: pwd.struct_passwd | None) -> Path:
    """``folder``, or a place under /var/lib where some parent keeps the database's account out."""
    if account is None:
        return folder
    for parent in folder.parents:
        if parent.exists() and not _may_enter(parent, account):
            digest = hashlib.sha256(str(folder).encode()).hexdigest()[:16]
            return Path("/var/lib/wangge") / digest
    return folder


def _may_enter(folder: Path, account: pwd.struct_passwd) -> bool:
    facts = folder.stat()
    if facts.st_uid == account.pw_uid:
        return bool(facts.st_mode & stat.S_IXUSR)
    if facts.st_gid == account.pw_gid:
        return bool(facts.st_mode & stat.S_IXGRP)
    return bool(facts.st_mode & stat.S_IXOTH)
