"""Who may do what where: deny by default, subtrees, the whole city, and the reasons that are given."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from core.access.actions import Action, register, unregister
from core.access.commands import GrantRole
from core.access.granting import grant_role, revoke_grant
from core.access.outside import GRID_STATE
from core.access.policy import may, require, visible
from core.access.roles import ROLES
from core.actor import Actor, GrantView
from core.db.session import reading
from core.errors import Forbidden
from tests.integration.access.making import CITY, EAST_STREET, SOUTH_STREET, TESTER, WEST, actor, do, path, person

NOBODY = Actor("system", "anonymous", "")


def visible_codes(who: Actor, action: str) -> set[str]:
    with reading(TESTER) as session:
        ids = visible(who, action)
        return set(session.scalars(select(GRID_STATE.c.code).where(GRID_STATE.c.grid_id.in_(ids))))


def all_codes() -> set[str]:
    return visible_codes(TESTER, "matter.see")


def test_nobody_may_anything_and_hears_whom_to_ask() -> None:
    for action in ("matter.see", "user.manage", "grid.import", "no.such.action"):
        answer = may(NOBODY, action)
        assert not answer
        assert str(answer.reason)
    assert "security administrator" in str(may(NOBODY, "matter.see").reason)
    assert "no.such.action" in str(may(NOBODY, "no.such.action").reason)
    assert visible_codes(NOBODY, "matter.see") == set()


def test_somebody_signed_in_without_grants_may_nothing() -> None:
    fresh = actor(person("fresh"))
    assert fresh.grants == ()
    assert not may(fresh, "matter.see")
    assert not may(fresh, "org.see")
    assert visible_codes(fresh, "matter.see") == set()


def test_a_grant_holds_in_its_grid_and_below_and_nowhere_else() -> None:
    head = actor(person("head", "grid_head", grid=EAST_STREET))
    assert may(head, "matter.accept", path(EAST_STREET))
    assert may(head, "matter.accept", path(f"{EAST_STREET}003"))
    for elsewhere in (CITY, WEST, SOUTH_STREET, f"{SOUTH_STREET}001"):
        refused = may(head, "matter.accept", path(elsewhere))
        assert not refused
        assert "not among them" in str(refused.reason)
    assert may(head, "matter.accept")
    below = {EAST_STREET, *(f"{EAST_STREET}00{n}" for n in range(1, 5))}
    assert visible_codes(head, "matter.see") == below


def test_a_path_that_only_begins_alike_is_foreign() -> None:
    top = "1.2"
    grant = GrantView("worker", ROLES["worker"].actions, top)
    walker = Actor("user", "x", "x", (grant,))
    assert may(walker, "matter.report", "1.2")
    assert may(walker, "matter.report", "1.2.7")
    assert not may(walker, "matter.report", "1.22")
    assert not may(walker, "matter.report", "1.20.3")
    assert not may(walker, "matter.report", "1")


def test_a_grant_without_a_grid_holds_in_the_whole_city() -> None:
    desk = actor(person("desk", "desk"))
    assert may(desk, "matter.accept", path(CITY))
    assert may(desk, "matter.accept", path(f"{SOUTH_STREET}004"))
    assert visible_codes(desk, "matter.see") == all_codes()


def test_two_grants_add_up_and_each_role_stays_in_its_place() -> None:
    user = person("both", "worker", grid=EAST_STREET)
    do(TESTER, grant_role, GrantRole(user, "grid_head", SOUTH_STREET))
    both = actor(user)
    assert may(both, "matter.accept", path(SOUTH_STREET))
    assert not may(both, "matter.accept", path(EAST_STREET))
    assert may(both, "matter.report", path(EAST_STREET))
    assert len(visible_codes(both, "matter.see")) == 10


def test_a_revoked_grant_is_gone_at_the_next_request() -> None:
    user = person("gone", "worker", grid=EAST_STREET)
    grant = do(TESTER, grant_role, GrantRole(user, "worker", EAST_STREET))
    assert may(actor(user), "matter.report")
    do(TESTER, revoke_grant, grant)
    assert actor(user).grants == ()
    assert visible_codes(actor(user), "matter.see") == set()


def test_require_raises_the_reason() -> None:
    walker = actor(person("walker", "worker", grid=EAST_STREET))
    with pytest.raises(Forbidden, match="report a matter"):
        require(walker, "matter.report", path(SOUTH_STREET))


def test_a_plugins_action_lasts_as_long_as_the_plugin() -> None:
    user = person("walker", "worker", grid=EAST_STREET)
    register(Action("visits.plan", "plan a visit", frozenset({"worker"})), "visits")
    try:
        assert may(actor(user), "visits.plan", path(EAST_STREET))
        held = actor(user)
    finally:
        unregister("visits")
    assert not may(held, "visits.plan", path(EAST_STREET))
    assert not may(actor(user), "visits.plan")


def test_the_roles_of_the_three_administrators_share_no_power_over_people_system_and_journal() -> None:
    powers = {
        role: ROLES[role].actions & {"user.manage", "grant.manage", "plugin.manage", "setting.manage", "audit.read"}
        for role in ("system_admin", "security_admin", "audit_admin")
    }
    assert powers == {
        "system_admin": {"plugin.manage", "setting.manage"},
        "security_admin": {"user.manage", "grant.manage"},
        "audit_admin": {"audit.read"},
    }
    for role in powers:
        assert not {"matter.see", "matter.report", "file.see"} & ROLES[role].actions
