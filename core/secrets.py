"""The key that signs form tokens and makes other secrets: set by the operator, or made once in the data folder."""

from __future__ import annotations

import os
import secrets
from contextlib import suppress
from pathlib import Path

from core.settings import Settings


def signing_key(settings: Settings) -> str:
    """The instance's key; two workers that start at once agree on one."""
    if settings.secret_key:
        return settings.secret_key.get_secret_value()
    path: Path = settings.folder("secrets") / "signing-key"
    path.parent.chmod(0o700)
    if not path.exists():
        fresh = path.with_name(f"{path.name}.{os.getpid()}")
        fresh.touch(mode=0o600)
        fresh.write_text(secrets.token_urlsafe(48))
        with suppress(FileExistsError):
            os.link(fresh, path)
        fresh.unlink()
    return path.read_text()
