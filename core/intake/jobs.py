"""Work on files that came by the browser, as jobs: for large files, and for small ones whose own process died."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final
from uuid import UUID

from core import actor as actors
from core.access.recognising import asking_person
from core.actor import Actor
from core.db.session import WorkSession, work
from core.errors import DomainError, Forbidden, NotFound
from core.intake.uploads import is_large
from core.jobs.queue import enqueue
from core.text import Text
from core.text import noop as _

GRACE_S: Final = 60
"""Seconds after which a job takes over a small file whose own process has not finished, or asks for its turn again."""
NO_RIGHT: Final = _("Whoever asked for this may no longer do it: let somebody else ask for it")


def let_work(session: WorkSession, name: str, size: int, **values: Any) -> None:
    """Let a job work on a file for the actor: at once, or on a small one where its own process does not.

    :param size: bytes of the file.
    :param values: names the file, as the job takes it.
    """
    user = session.actor.user_id
    enqueue(session, name, after_s=0 if is_large(size) else GRACE_S, user_id=str(user) if user else None, **values)


def work_for(
    name: str,
    user_id: str | None,
    run: Callable[[Actor, UUID], bool],
    give_up: Callable[[Actor, UUID, Text], None],
    **values: Any,
) -> None:
    """Work on a file as the person who asked; where they may no longer do this, it ends as failed.

    While it is another's turn the job comes back later: it keeps no place from the others that wait to be run.

    :param run: gives ``False`` where the file still waits.
    :param values: the one value that names the file, as the job takes it.
    """
    (upload_id,) = values.values()
    try:
        settled = run(asking_person(user_id, name), UUID(upload_id))
    except (Forbidden, NotFound):
        give_up(actors.job(name), UUID(upload_id), Text(NO_RIGHT))
        return
    except DomainError as error:
        give_up(actors.job(name), UUID(upload_id), error.text)
        return
    if not settled:
        with work(actors.job(name)) as session:
            enqueue(session, name, once=f"{name} {upload_id}", after_s=GRACE_S, user_id=user_id, **values)
