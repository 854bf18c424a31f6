"""Secrets that a client shows on each request: 256 random bits, kept as a hash only."""

from __future__ import annotations

import hashlib
import secrets

API_PREFIX = "wg_"


def new_token(prefix: str = "") -> tuple[str, bytes]:
    """A fresh token and the hash to store. Random bits need no slow hash."""
    plain = prefix + secrets.token_urlsafe(32)
    return plain, token_hash(plain)


def token_hash(plain: str) -> bytes:
    """SHA-256 of a token as shown by a client."""
    return hashlib.sha256(plain.encode("utf-8", "replace")).digest()
