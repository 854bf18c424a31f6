"""Idempotency: the same key gives the same answer, and the answer is stored in the transaction of the work."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
from collections.abc import Mapping
from typing import Any
from uuid import UUID

from sqlalchemy import delete, update
from sqlalchemy.dialects.postgresql import insert

from core import clock
from core.db.models import AnsweredRequest
from core.db.session import WorkSession
from core.errors import KeyReused
from core.text import noop as _


def digest(content: Mapping[str, Any]) -> str:
    """Hash of a request's content; the order of keys does not matter."""
    plain = json.dumps(content, sort_keys=True, ensure_ascii=False, default=str, separators=(",", ":"))
    return hashlib.sha256(plain.encode()).hexdigest()


def claim(session: WorkSession, key: UUID, content_hash: str) -> dict[str, Any] | None:
    """Take a key for this transaction; a second taker waits until the first has committed.

    :returns: ``None`` when the key was new (then ``keep`` must follow), else the stored answer.
    :raises KeyReused: when the key was used by somebody else or with other content.
    """
    row = {"key": key, "actor": session.actor.id, "body_hash": content_hash, "answer": {}, "at": clock.now()}
    fresh = session.execute(insert(AnsweredRequest).values(row).on_conflict_do_nothing().returning(AnsweredRequest.key))
    if fresh.first() is not None:
        return None
    known = session.get(AnsweredRequest, key)
    if known is None or known.actor != session.actor.id or known.body_hash != content_hash:
        raise KeyReused(_("The id %(id)s was already used for other content; make a new id"), id=key)
    return known.answer


def keep(session: WorkSession, key: UUID, answer: Mapping[str, Any]) -> None:
    """Store the answer of a claimed key."""
    session.execute(update(AnsweredRequest).where(AnsweredRequest.key == key).values(answer=dict(answer)))


def forget(session: WorkSession, before: dt.datetime) -> None:
    """Drop the answers that were given before a moment; the same key then counts as new."""
    session.execute(delete(AnsweredRequest).where(AnsweredRequest.at < before))
