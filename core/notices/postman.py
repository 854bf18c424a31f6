"""Sending what is in the outbox, in lanes beside each other.

This is no job of the queue: whoever tells something would have to enqueue it, and transactions that tell at the same
time would wait for each other's lock. The worker looks by itself, every few seconds, and by an index.
"""

from __future__ import annotations

import threading
import time
from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context
from typing import Final

import structlog
from sqlalchemy.exc import SQLAlchemyError

from core import actor as actors
from core.db.session import reading, work
from core.errors import DomainError
from core.notices.channels import SMS, WEBHOOK, Sender, Undelivered, open_channels
from core.notices.claiming import Claimed, Lane, claim, due_lanes, failed, sent
from core.notices.mail import Mailer
from core.notices.sms import FileDrop
from core.notices.webhooks import caller_of
from core.settings import get_settings

NAME: Final = "notices.deliver"
LOOK_SECONDS: Final = 2.0
AT_ONCE: Final = 6
"""How many lanes are at work at the same time; each takes a connection to the database now and then."""
ROUND_SECONDS: Final = 30.0
"""After so long a lane takes nothing new, so that others get their turn."""

_log = structlog.get_logger("wangge.notices")


def deliver_until(stop: threading.Event) -> None:
    """Send what comes due, until told to stop: what is being sent then is finished first."""
    while not stop.is_set():
        try:
            deliver(stop)
        except (SQLAlchemyError, DomainError) as error:  # the database is away: what waits in it waits
            _log.warning("notices are not sent", why=str(error))
        stop.wait(LOOK_SECONDS)


def deliver(stop: threading.Event | None = None) -> int:
    """Send all that is due now; gives how many deliveries were tried."""
    stop = stop or threading.Event()
    with work(actors.job(NAME)) as session:
        lanes = due_lanes(session, (*open_channels(get_settings()), WEBHOOK))
    if not lanes:
        return 0
    with ThreadPoolExecutor(AT_ONCE, thread_name_prefix=NAME) as pool:
        tasks = [pool.submit(copy_context().run, _serve, lane, stop) for lane in lanes]
        return sum(task.result() for task in tasks)


def _serve(lane: Lane, stop: threading.Event) -> int:
    """Send what is due in a lane, until something fails that others of it would fail of, too."""
    sender, tried, until = _sender(lane), 0, time.monotonic() + ROUND_SECONDS
    try:
        while not stop.is_set() and time.monotonic() < until:
            with work(actors.job(NAME)) as session:
                claimed = claim(session, lane)
            if claimed is None:
                break
            tried += 1
            if not _try(sender, claimed):
                break
    finally:
        sender.close()
    return tried


def _try(sender: Sender, claimed: Claimed) -> bool:
    """One try, and what became of it; whether the lane may go on."""
    try:
        sender.send(claimed.message)
    except Undelivered as outcome:
        with work(actors.job(NAME)) as session:
            failed(session, claimed, outcome)
        return outcome.final
    with work(actors.job(NAME)) as session:
        sent(session, claimed)
    return True


def _sender(lane: Lane) -> Sender:
    settings = get_settings()
    if lane.webhook_id:
        with reading(actors.job(NAME)) as session:
            return caller_of(session, lane.webhook_id)
    if lane.channel == SMS:
        assert settings.sms_folder
        return FileDrop(settings.sms_folder)
    return Mailer(settings)
