"""Transactions of a request, as the person who asks."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from flask import g

from core.actor import Actor
from core.db import session as db

NOBODY: Final = Actor("system", "anonymous", "")


def actor() -> Actor:
    """Who asks; ``NOBODY`` before login."""
    found = g.get("actor")
    return found if isinstance(found, Actor) else NOBODY


@contextmanager
def read() -> Iterator[db.WorkSession]:
    """A read-only transaction as the person who asks."""
    with db.reading(actor()) as session:
        yield session


@contextmanager
def write() -> Iterator[db.WorkSession]:
    """One transaction as the person who asks; committed at the end of the block."""
    with db.work(actor()) as session:
        yield session
