"""One transaction at a time: ``with work(actor) as session``.

Two engines, ``write`` and ``read``; only ``SET LOCAL``, so that PgBouncer and replicas change nothing here.
"""

from __future__ import annotations

import datetime as dt
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import Any

import psycopg2.extensions
from sqlalchemy import Connection, Engine, create_engine, event, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session, SessionTransaction

from core import clock
from core.actor import Actor
from core.errors import Invalid, Refused, Unavailable
from core.text import noop as _

OVERFLOW = 2
LOOK_SECONDS = 0.2
"""How often is looked whether a turn is free."""
POOL_EXTRA = OVERFLOW + 1
"""Connections that a process may have beyond its pool's size: the overflow, and one for glances."""

GUARD_CODES = "WG"
"""SQLSTATE class of our own triggers: they guard what no code may break."""

OPENING = text(
    "select set_config('wangge.actor', :actor, true), set_config('statement_timeout', :timeout, true),"
    " set_config('search_path', 'public, procrastinate', true), set_config('transaction_read_only', :read_only, true)"
)
"""What each transaction begins with."""

UNSTORABLE_CODES = ("22021", "22P05")
"""SQLSTATEs of characters that PostgreSQL cannot keep: NUL, and halves of surrogate pairs."""
UNSTORABLE = _("The text holds a character that cannot be stored, such as NUL; take it out and send it again")


def take_turn(session: Session, what: str) -> None:
    """Wait while another transaction has this turn; it is kept until the end of this one."""
    session.execute(text("select pg_advisory_xact_lock(hashtext(:what))"), {"what": what})


def take_turn_within(session: Session, what: str, seconds: float) -> bool:
    """As `take_turn`, waiting no longer than so many seconds; whether this transaction has the turn."""
    until = time.monotonic() + seconds
    while not session.scalar(text("select pg_try_advisory_xact_lock(hashtext(:what))"), {"what": what}):
        if time.monotonic() > until:
            return False
        time.sleep(LOOK_SECONDS)
    return True


def server_now(session: Session) -> dt.datetime:
    """The moment by the database's clock, which all workers share; by a turned clock where one was turned.

    Deadlines run from it, so that no worker's clock, let alone a phone's, moves one.
    """
    if clock.is_turned():
        return clock.now()
    moment: dt.datetime = session.execute(text("select clock_timestamp()")).scalar_one()
    return moment.astimezone(dt.UTC)


def _in_utc(moment: dt.datetime) -> Any:
    """An instant as PostgreSQL takes it: it reads no offset beyond 15:59, which RFC 3339 allows."""
    if moment.tzinfo is not None:
        with suppress(OverflowError):  # at the ends of the calendar there is no such time in UTC
            moment = moment.astimezone(dt.UTC)
    return psycopg2.extensions.TimestampFromPy(moment)


psycopg2.extensions.register_adapter(dt.datetime, _in_utc)


class WorkSession(Session):
    """A session that knows its actor (``session.info["actor"]``)."""

    @property
    def actor(self) -> Actor:
        """Who acts in this transaction."""
        actor = self.info["actor"]
        assert isinstance(actor, Actor)
        return actor


@dataclass(frozen=True)
class Engines:
    """The write server and, when there is one, a replica for reads; ``glance`` is for single statements."""

    write: Engine
    read: Engine
    glance: Engine
    statement_timeout_s: int


_engines: Engines | None = None


def _engine(url: str, pool_size: int, **options: Any) -> Engine:
    usual = {"max_overflow": OVERFLOW, "pool_pre_ping": True, "pool_recycle": 1800, "pool_timeout": 5}
    return create_engine(
        driver_url(url),
        pool_size=pool_size,
        hide_parameters=True,
        connect_args={"application_name": "wangge", "keepalives_idle": 30, "connect_timeout": 10},
        **(usual | options),
    )


def driver_url(url: str) -> str:
    """A DSN as PostgreSQL writes it, with the driver that SQLAlchemy shall use."""
    scheme, rest = url.split("://", 1)
    return f"postgresql+psycopg2://{rest}" if scheme in {"postgres", "postgresql"} else url


def connect(url: str, read_url: str | None = None, *, pool_size: int = 8, statement_timeout_s: int = 0) -> None:
    """Bind this process to its database; after a fork, once in each process.

    :param url: DSN of the application role; may name several hosts.
    :param read_url: DSN of a replica; reads fall back to ``url``.
    :param statement_timeout_s: longest statement of a transaction in seconds; 0 means no limit.
    """
    global _engines
    disconnect()
    write = _engine(url, pool_size)
    read = _engine(read_url, pool_size) if read_url else write
    glance = _engine(url, 1, max_overflow=0, pool_pre_ping=False, isolation_level="AUTOCOMMIT")
    _engines = Engines(write, read, glance, statement_timeout_s)


def disconnect() -> None:
    """Close all connections of this process."""
    global _engines
    if _engines:
        _engines.write.dispose()
        _engines.read.dispose()
        _engines.glance.dispose()
        _engines = None


def engines() -> Engines:
    """The engines of this process; refuses when ``connect`` was not called."""
    if _engines is None:
        raise Unavailable(_("The database is not connected"))
    return _engines


@event.listens_for(WorkSession, "after_begin")
def _set_transaction(session: WorkSession, _transaction: SessionTransaction, connection: Connection) -> None:
    timeout = int(session.info.get("statement_timeout_s", 0)) * 1000
    values = {"actor": session.actor.id, "timeout": str(timeout), "read_only": session.info.get("read_only", "off")}
    connection.execute(OPENING, values)


@contextmanager
def _storable() -> Iterator[None]:
    """Refuse texts with characters that no database text can hold, wherever they came from."""
    try:
        yield
    except DBAPIError as error:
        if getattr(error.orig, "pgcode", None) in UNSTORABLE_CODES:
            raise Invalid(UNSTORABLE) from error
        raise
    except UnicodeEncodeError as error:
        raise Invalid(UNSTORABLE) from error
    except ValueError as error:
        if "NUL (0x00)" in str(error):
            raise Invalid(UNSTORABLE) from error
        raise


@contextmanager
def work(actor: Actor, *, statement_timeout_s: int | None = None) -> Iterator[WorkSession]:
    """One transaction as ``actor``: commit at the end, nothing kept after an error.

    The journal is written at flush (``core.audit``), so it stands or falls with the work.
    """
    bound = engines()
    timeout = bound.statement_timeout_s if statement_timeout_s is None else statement_timeout_s
    with _transaction(bound.write, actor, timeout) as session:
        yield session


@contextmanager
def owner_work(actor: Actor, owner_url: str) -> Iterator[WorkSession]:
    """As ``work``, with the rights of the role that owns the tables: to make them, or to empty a demonstration."""
    engine = create_engine(driver_url(owner_url))
    try:
        with _transaction(engine, actor, 0) as session:
            yield session
    finally:
        engine.dispose()


@contextmanager
def _transaction(engine: Engine, actor: Actor, statement_timeout_s: int) -> Iterator[WorkSession]:
    info = {"actor": actor, "statement_timeout_s": statement_timeout_s}
    try:
        with _storable(), WorkSession(engine, expire_on_commit=False, info=info) as session, session.begin():
            yield session
    except DBAPIError as error:
        if str(getattr(error.orig, "pgcode", "")).startswith(GUARD_CODES):
            message = getattr(getattr(error.orig, "diag", None), "message_primary", error.orig)
            raise Refused(_("The database refused the change: %(message)s"), message=str(message)) from error
        raise


@contextmanager
def reading(actor: Actor) -> Iterator[WorkSession]:
    """A transaction that only reads, on the replica when there is one."""
    bound = engines()
    info = {"actor": actor, "statement_timeout_s": bound.statement_timeout_s, "read_only": "on"}
    with _storable(), WorkSession(bound.read, expire_on_commit=False, info=info) as session, session.begin():
        yield session


@contextmanager
def glancing() -> Iterator[Connection]:
    """A connection for one reading statement that is its own transaction: one round trip, nothing else.

    It is not tried before use, so a broken one raises ``SQLAlchemyError``; the caller then goes the usual way.
    """
    with engines().glance.connect() as connection:
        yield connection
