"""The last system administrator stays, also when two acts at once would each leave the other's behind."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from uuid import UUID

import pytest

from core.access.granted import grants_of
from core.access.granting import revoke_grant
from core.access.service import disable_user
from core.db.session import WorkSession, work
from core.errors import Refused
from tests.integration.access.making import TESTER, person, rows
from tests.integration.waiting import somebody_waits

Leave = Callable[[WorkSession, UUID], Any]


def revoke_all(session: WorkSession, user_id: UUID) -> None:
    for grant in grants_of(session, user_id):
        revoke_grant(session, grant.id)


def in_office() -> list[str]:
    found = rows(
        'select u.login from core."grant" g join core.user_account u on u.id = g.user_id'
        " where g.role = 'system_admin' and g.revoked_at is null and u.disabled_at is null"
    )
    return [login for (login,) in found]


@pytest.mark.parametrize("leave", [disable_user, revoke_all])
def test_the_last_one_stays(leave: Leave) -> None:
    only = person("wang", "system_admin")
    with pytest.raises(Refused, match="last system administrator"), work(TESTER) as session:
        leave(session, only)
    assert in_office() == ["wang"]


@pytest.mark.parametrize("first", [disable_user, revoke_all])
@pytest.mark.parametrize("second", [disable_user, revoke_all])
def test_two_at_once_cannot_both_leave(first: Leave, second: Leave) -> None:
    wang, zhao = person("wang", "system_admin"), person("zhao", "system_admin")

    def follow() -> None:
        with work(TESTER) as session:
            second(session, zhao)

    with ThreadPoolExecutor(1) as pool:
        with work(TESTER) as session:
            first(session, wang)
            session.flush()
            other = pool.submit(follow)
            while not (other.done() or somebody_waits()):
                pass
        with pytest.raises(Refused, match="last system administrator"):
            other.result(30)
    assert in_office() == ["zhao"]
