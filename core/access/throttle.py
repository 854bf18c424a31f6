"""Failed sign-ins slow down further ones, by account and by address; the rows are in the database for all workers."""

from __future__ import annotations

import datetime as dt
import ipaddress
from dataclasses import dataclass
from typing import Final

from sqlalchemy import case, delete, or_, select, update
from sqlalchemy.dialects.postgresql import insert

from core import clock
from core.access.models import LoginAttempt
from core.db.session import WorkSession
from core.errors import TooMany
from core.text import noop as _

FORGET: Final = dt.timedelta(hours=1)
FIRST_DELAY_S: Final = 15
LONGEST_DELAY_S: Final = 900


@dataclass(frozen=True)
class Key:
    """What is counted, and how many failures are free before delays begin."""

    name: str
    free: int


def keys(login: str, address: str) -> tuple[Key, ...]:
    """The account first, then the address (a whole /64 for IPv6), always locked in this order."""
    account = Key(f"account:{login[:80]}", 5)
    if not address:
        return (account,)
    return account, Key(f"address:{_network(address)}", 30)


def take_try(session: WorkSession, counted: tuple[Key, ...]) -> None:
    """Count a try as failed before it is heard, so that a burst cannot outrun the count.

    :raises TooMany: while a delay runs; nothing is counted then.
    """
    now = clock.now()
    for key in counted:
        failures = session.scalar(_count(key, now))
        if failures is None:
            until = session.scalar(select(LoginAttempt.blocked_until).where(LoginAttempt.key == key.name))
            wait = max(1, round((until - now).total_seconds())) if until else FIRST_DELAY_S
            raise TooMany(
                _("Too many failed tries; please wait %(retry_after)d seconds and try again"), retry_after=wait
            )
        delay = delay_s(failures, key.free)
        if delay:
            until = now + dt.timedelta(seconds=delay)
            session.execute(update(LoginAttempt).where(LoginAttempt.key == key.name).values(blocked_until=until))


def give_back(session: WorkSession, counted: tuple[Key, ...]) -> None:
    """The try succeeded: forget the account's failures, and uncount this one try of the address."""
    account, *rest = counted
    session.execute(delete(LoginAttempt).where(LoginAttempt.key == account.name))
    for key in rest:
        less = LoginAttempt.failures - 1
        until = case((less < key.free, None), else_=LoginAttempt.blocked_until)
        session.execute(
            update(LoginAttempt)
            .where(LoginAttempt.key == key.name, LoginAttempt.failures > 0)
            .values(failures=less, blocked_until=until)
        )


def delay_s(failures: int, free: int) -> int:
    """Seconds to wait after so many failures: none, then 15, 30, 60 … up to 15 minutes."""
    if failures < free:
        return 0
    return int(min(FIRST_DELAY_S * 2 ** min(failures - free, 10), LONGEST_DELAY_S))


def _count(key: Key, now: dt.datetime):  # type: ignore[no-untyped-def]  # SQLAlchemy's own type is private
    fresh = insert(LoginAttempt).values(key=key.name, failures=1, last_at=now, blocked_until=None)
    stale = LoginAttempt.last_at < now - FORGET
    return fresh.on_conflict_do_update(
        index_elements=[LoginAttempt.key],
        set_={"failures": case((stale, 1), else_=LoginAttempt.failures + 1), "last_at": now},
        where=or_(LoginAttempt.blocked_until.is_(None), LoginAttempt.blocked_until <= now),
    ).returning(LoginAttempt.failures)


def _network(address: str) -> str:
    try:
        known = ipaddress.ip_address(address)
    except ValueError:
        return address[:64]
    if known.version == 6 and known.ipv4_mapped is None:
        return str(ipaddress.ip_network((known, 64), strict=False))
    return str(known.ipv4_mapped if known.version == 6 else known)
