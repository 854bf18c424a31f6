"""People: made, changed, reset, disabled; the three administrators; what the journal keeps of it."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from uuid import UUID

import pytest

from core.access.commands import ChangePassword, CreateUser, GrantRole, SaveProfile, SetPassword, UpdateUser
from core.access.granting import grant_role, revoke_grant
from core.access.policy import may
from core.access.queries import user
from core.access.service import (
    create_user,
    disable_user,
    enable_user,
    ensure_first_admin,
    reset_password,
    save_profile,
    set_password,
    update_user,
)
from core.access.signin import change_password
from core.audit.recorder import record
from core.db.base import new_id
from core.db.session import reading, work
from core.errors import DomainError, Forbidden, Invalid, NotFound, Refused, Unauthenticated
from tests.integration.access.making import (
    EAST_STREET,
    PASSWORD,
    SOUTH_STREET,
    TESTER,
    actor,
    do,
    enter,
    known,
    person,
    rows,
)


def codes(error: DomainError) -> set[str]:
    return {objection.code for objection in error.objections}


def first_admin() -> UUID:
    made = do(TESTER, ensure_first_admin)
    assert made is not None
    return UUID(str(rows("select id from core.user_account where login = :login", login=made[0])[0][0]))


def test_a_login_is_folded_and_taken_for_ever() -> None:
    made = do(TESTER, create_user, CreateUser("ＺhangSan", " 张三 "))
    assert made.login == "zhangsan"
    assert enter("ZHANGSAN", made.one_time_password)
    do(TESTER, disable_user, made.id)
    with pytest.raises(Invalid) as refused:
        do(TESTER, create_user, CreateUser("zhangsan", "another"))
    assert codes(refused.value) == {"login-taken"}


FAULTY = (
    (CreateUser("a", "名"), "login"),
    (CreateUser("has blank", "名"), "login"),
    (CreateUser("x" * 41, "名"), "login"),
    (CreateUser("'; drop table core.user_account; --", "名"), "login"),
    (CreateUser("<b>bold</b>", "名"), "login"),
    (CreateUser("fine", "  "), "name"),
    (CreateUser("fine", "名" * 61), "name"),
    (CreateUser("fine", "a\0b"), "name"),
    (CreateUser("fine", "a\nb"), "name"),
    (CreateUser("fine", "a\u202eb"), "name"),
    (CreateUser("fine", "名", phone="call me"), "phone"),
    (CreateUser("fine", "名", email="nobody"), "email"),
    (CreateUser("fine", "名", email="a\0@b"), "email"),
    (CreateUser("fine", "名", language="xx"), "language"),
    (CreateUser("fine", "名", password="short"), "password-length"),
    (CreateUser("fine", "名", password="aaaaaaaaaaaa"), "password-common"),
    (CreateUser("fine", "名", password="fine-is-my-login-1"), "password-login"),
)


def test_each_fault_is_named_and_nobody_is_added() -> None:
    for command, code in FAULTY:
        with pytest.raises(Invalid) as refused:
            do(TESTER, create_user, command)
        assert code in codes(refused.value), command
    assert rows("select 1 from core.user_account") == []


def test_people_change_their_own_contact_and_managers_everybodys() -> None:
    manager, clerk = person("manager", "security_admin"), person("clerk", "worker", grid=EAST_STREET)
    do(actor(clerk), save_profile, SaveProfile("138 0000-5678", "c@example.org", "en"))
    with pytest.raises(Forbidden):
        do(actor(clerk), update_user, UpdateUser(clerk, "Boss"))
    do(actor(manager), update_user, UpdateUser(clerk, "李四", "13900001111"))
    with reading(TESTER) as session:
        found = user(session, clerk)
    assert found is not None
    assert (found.name, found.phone, found.email) == ("李四", "13900001111", "")
    with pytest.raises(Forbidden):
        do(TESTER, save_profile, SaveProfile())
    with pytest.raises(NotFound):
        do(TESTER, update_user, UpdateUser(new_id(), "nobody"))


def test_a_disabled_person_loses_everything_at_once_and_comes_back_with_their_grants() -> None:
    manager, leaver = person("manager", "security_admin"), person("leaver", "worker", grid=EAST_STREET)
    assert known(leaver) is not None
    do(actor(manager), disable_user, leaver)
    assert known(leaver) is None
    with pytest.raises(Unauthenticated):
        enter("leaver")
    do(actor(manager), disable_user, leaver)
    do(actor(manager), enable_user, leaver)
    assert may(actor(leaver), "matter.report")
    with pytest.raises(Refused):
        do(actor(manager), disable_user, manager)


def test_one_login_added_many_times_at_once_is_one_person_and_refusals() -> None:
    def add(_number: int) -> str:
        try:
            return str(do(TESTER, create_user, CreateUser("wang", "王五")).id)
        except Invalid as refused:
            return refused.objections[0].code

    with ThreadPoolExecutor(6) as pool:
        answers = list(pool.map(add, range(6)))
    assert answers.count("login-taken") == 5
    assert len(rows("select 1 from core.user_account where login = 'wang'")) == 1


def test_a_reset_password_is_shown_once_and_must_be_changed() -> None:
    manager, clerk = person("manager", "security_admin"), person("clerk")
    one_time = do(actor(manager), reset_password, clerk)
    with pytest.raises(Unauthenticated):
        enter("clerk")
    assert enter("clerk", one_time)
    with reading(TESTER) as session:
        found = user(session, clerk)
    assert found is not None
    assert found.must_change_password
    change_password(actor(clerk), ChangePassword("another long one 8", one_time))
    assert enter("clerk", "another long one 8")
    with pytest.raises(Unauthenticated):
        enter("clerk", one_time)


def test_ones_own_password_needs_the_present_one_and_a_new_one() -> None:
    clerk = person("clerk")
    for old, new, code in (
        ("wrong", "another long one 8", "old-password"),
        ("", "another long one 8", "old-password"),
        (PASSWORD, PASSWORD, "same-password"),
        (PASSWORD, "tiny", "password-length"),
    ):
        with pytest.raises(Invalid) as refused:
            change_password(actor(clerk), ChangePassword(new, old))
        assert code in codes(refused.value)
    with pytest.raises(Forbidden):
        do(actor(person("other")), set_password, SetPassword(clerk, "another long one 8"))
    assert enter("clerk")


def test_passwords_are_kept_as_argon2id_alone() -> None:
    person("clerk")
    [(kept,)] = rows("select password_hash from core.user_account")
    assert kept.startswith("$argon2id$")
    assert PASSWORD not in kept


@pytest.mark.parametrize("second", ["security_admin", "audit_admin"])
def test_one_person_is_at_most_one_of_the_three_administrators(second: str) -> None:
    system = person("system", "system_admin")
    with pytest.raises(Refused) as refused:
        do(TESTER, grant_role, GrantRole(system, second))
    assert "three different people" in str(refused.value)
    person("spare", "system_admin")
    [(grant,)] = rows("select id from core.grant where user_id = :id", id=system)
    do(TESTER, revoke_grant, grant)
    do(TESTER, grant_role, GrantRole(system, second))
    assert actor(system).roles == {second}


def test_administrator_roles_are_for_the_whole_city_only() -> None:
    with pytest.raises(Refused):
        do(TESTER, grant_role, GrantRole(person("someone"), "audit_admin", EAST_STREET))


def test_the_first_administrator_appoints_security_and_then_loses_that_power() -> None:
    first = actor(first_admin())
    assert may(first, "user.manage")
    assert may(first, "grant.manage")
    with work(first) as session:
        made = create_user(session, CreateUser("guard", "保安"))
        grant_role(session, GrantRole(made.id, "security_admin"))
    again = actor(UUID(first.id))
    assert not may(again, "user.manage")
    assert not may(again, "grant.manage")
    assert may(again, "setting.manage")
    with pytest.raises(Forbidden):
        do(again, create_user, CreateUser("mine", "自己人"))
    assert may(actor(made.id), "user.manage")
    do(TESTER, disable_user, made.id)
    assert may(actor(UUID(first.id)), "user.manage")


def test_the_first_administrator_is_made_once_and_whenever_nobody_runs_the_system() -> None:
    first_admin()
    assert do(TESTER, ensure_first_admin) is None


def test_a_login_named_admin_does_not_stop_the_first_administrator() -> None:
    person("admin", "worker", grid=EAST_STREET)
    made = do(TESTER, ensure_first_admin)
    assert made is not None
    assert made[0] != "admin"
    assert enter(made[0], made[1])


def test_the_last_system_administrator_cannot_be_lost() -> None:
    only, guard = person("only", "system_admin"), person("guard", "security_admin")
    [(grant,)] = rows("select id from core.grant where user_id = :id", id=only)
    with pytest.raises(Refused):
        do(actor(guard), revoke_grant, grant)
    with pytest.raises(Refused):
        do(actor(guard), disable_user, only)
    person("second", "system_admin")
    do(actor(guard), revoke_grant, grant)
    assert actor(only).grants == ()


def test_grants_are_refused_to_oneself_the_disabled_and_the_unknown() -> None:
    guard, clerk = person("guard", "security_admin"), person("clerk")
    with pytest.raises(Refused):
        do(actor(guard), grant_role, GrantRole(guard, "leader"))
    [(own,)] = rows("select id from core.grant where user_id = :id", id=guard)
    with pytest.raises(Refused):
        do(actor(guard), revoke_grant, own)
    with pytest.raises(Forbidden):
        do(actor(clerk), grant_role, GrantRole(clerk, "leader"))
    with pytest.raises(Invalid):
        do(actor(guard), grant_role, GrantRole(clerk, "emperor"))
    with pytest.raises(NotFound):
        do(actor(guard), grant_role, GrantRole(clerk, "worker", "no-such-grid"))
    with pytest.raises(NotFound):
        do(actor(guard), grant_role, GrantRole(new_id(), "worker"))
    do(actor(guard), disable_user, clerk)
    with pytest.raises(Refused):
        do(actor(guard), grant_role, GrantRole(clerk, "worker"))


def test_the_same_grant_again_is_the_grant_that_stands() -> None:
    clerk = person("clerk")
    first = do(TESTER, grant_role, GrantRole(clerk, "worker", EAST_STREET))
    assert do(TESTER, grant_role, GrantRole(clerk, "worker", EAST_STREET)) == first
    assert do(TESTER, grant_role, GrantRole(clerk, "worker", SOUTH_STREET)) != first
    assert len(actor(clerk).grants) == 2


def test_every_act_on_people_is_in_the_journal_without_secrets() -> None:
    guard = person("guard", "security_admin")
    with work(actor(guard)) as session:
        made = create_user(session, CreateUser("clerk", "王五", phone="13812345678", email="w@example.org"))
    who = actor(guard)
    grant = do(who, grant_role, GrantRole(made.id, "worker", EAST_STREET))
    one_time = do(who, reset_password, made.id)
    do(who, update_user, UpdateUser(made.id, "王六", "13887654321"))
    do(who, revoke_grant, grant)
    do(who, disable_user, made.id)
    entries = rows(
        "select action, actor, before, after from core.journal where object_id in (:user, :grant) order by id",
        user=str(made.id),
        grant=str(grant),
    )
    assert [entry.action for entry in entries] == [
        "core.user_account.insert",
        "core.grant.insert",
        "core.user_account.update",
        "core.user_account.update",
        "core.grant.update",
        "core.user_account.update",
    ]
    assert {entry.actor for entry in entries} == {str(guard)}
    assert entries[3].before["name"] == "王五"
    assert entries[3].after["name"] == "王六"
    [(stored,)] = rows("select password_hash from core.user_account where id = :id", id=made.id)
    whole = json.dumps([(entry.before, entry.after) for entry in entries], ensure_ascii=False)
    for secret in (one_time, str(made.one_time_password), stored, "13812345678", "13887654321", "w@example.org"):
        assert secret not in whole


def test_the_journal_can_neither_be_changed_nor_shortened_by_the_application() -> None:
    from sqlalchemy import text
    from sqlalchemy.exc import DBAPIError

    with work(TESTER) as session:
        record(session, "test.act", "test", "1")
    for sql in ("update core.journal set action = 'x'", "delete from core.journal", "truncate core.journal"):
        with pytest.raises((DBAPIError, Refused)), work(TESTER) as session:
            session.execute(text(sql))
    assert len(rows("select 1 from core.journal where action = 'test.act'")) == 1
