"""Sessions, tokens and failed tries: what a stolen table tells, what ends when, how guessing is slowed."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
from typing import Any
from uuid import UUID

import pytest

from core import clock
from core.access import throttle
from core.access.commands import ChangePassword, IssueToken
from core.access.passwords import verify_password
from core.access.queries import sessions_of, tokens_of
from core.access.recognising import DOOR, recognise
from core.access.service import disable_user, enable_user, reset_password
from core.access.sessions import end_all, end_session, issue_token, revoke_token, sign_out
from core.access.signin import change_password
from core.access.views import SignedIn
from core.actor import Actor
from core.db.base import new_id
from core.db.session import reading, work
from core.errors import Forbidden, Invalid, NotFound, Refused, TooMany, Unauthenticated
from tests.integration.access.making import EAST_STREET, NOON, PASSWORD, TESTER, actor, do, enter, person, rows


def living(token: str) -> SignedIn | None:
    return recognise(token, bearer=False)


def bearer(token: str) -> Actor | None:
    found = recognise(token, bearer=True)
    return found and found.actor


def later(**span: float) -> dt.datetime:
    return NOON + dt.timedelta(**span)


def test_tokens_are_kept_as_hashes_and_found_by_the_whole_token_only() -> None:
    clerk = person("clerk", "worker", grid=EAST_STREET)
    session_token = enter("clerk")
    api_token = do(actor(clerk), issue_token, IssueToken(clerk, "phone"))
    [(kept_session,)] = rows("select token_hash from core.session")
    [(kept_api,)] = rows("select token_hash from core.api_token")
    assert bytes(kept_session) == hashlib.sha256(session_token.encode()).digest()
    assert bytes(kept_api) == hashlib.sha256(api_token.encode()).digest()
    found, by_token = living(session_token), bearer(api_token)
    assert found is not None
    assert by_token is not None
    assert found.actor.user_id == by_token.user_id == clerk
    for wrong in ("", session_token[:-1], session_token.swapcase(), api_token, "\0", "x" * 100_000, "\ud800"):
        assert living(wrong) is None
    for wrong in ("", api_token[:-1], session_token, bytes(kept_api).hex(), "' or 1=1 --"):
        assert bearer(wrong) is None
    secrets = json.dumps([list(map(str, row)) for row in rows("select before, after from core.journal")])
    assert session_token not in secrets
    assert api_token not in secrets
    assert bytes(kept_api).hex() not in secrets


def test_a_session_ends_at_once_by_sign_out_by_its_owner_or_a_manager_and_by_nobody_else() -> None:
    clerk, other, guard = person("clerk"), person("other"), person("guard", "security_admin")
    first, second, third = enter("clerk"), enter("clerk"), enter("clerk")
    ids = {}
    for token in (first, second, third):
        found = living(token)
        assert found is not None
        ids[token] = found.session_id
    with pytest.raises(NotFound):
        do(actor(other), end_session, ids[first])
    do(DOOR, sign_out, first)
    do(actor(clerk), end_session, ids[second])
    do(actor(guard), end_session, ids[third])
    assert [living(token) for token in (first, second, third)] == [None, None, None]
    do(DOOR, sign_out, "never was one")
    with pytest.raises(NotFound):
        do(actor(clerk), end_session, new_id())


def test_an_idle_session_ends_and_a_used_one_goes_on() -> None:
    person("clerk")
    with clock.turned(lambda: NOON):
        token = enter("clerk")
    with clock.turned(lambda: later(hours=11)):
        assert living(token) is not None
    with clock.turned(lambda: later(hours=22)):
        assert living(token) is not None
    with clock.turned(lambda: later(hours=35)):
        assert living(token) is None


def test_a_changed_password_ends_all_other_sessions() -> None:
    clerk = person("clerk")
    here, there = enter("clerk"), enter("clerk")
    found = living(here)
    assert found is not None
    change_password(actor(clerk), ChangePassword("another long one 8", PASSWORD, keep_session=found.session_id))
    assert living(here) is not None
    assert living(there) is None
    do(TESTER, reset_password, clerk)
    assert living(here) is None


def test_a_reset_while_the_forgotten_password_is_checked_lets_nobody_in(monkeypatch: pytest.MonkeyPatch) -> None:
    clerk = person("clerk")

    def reset_meanwhile(*values: Any) -> bool:
        fits = verify_password(*values)
        do(TESTER, reset_password, clerk)
        return fits

    monkeypatch.setattr("core.access.signin.verify_password", reset_meanwhile)
    with pytest.raises(Unauthenticated):
        enter("clerk")
    assert rows("select 1 from core.session") == []


def test_a_reset_ends_tokens_and_the_one_time_password_makes_no_new_one() -> None:
    clerk = person("clerk")
    token = do(actor(clerk), issue_token, IssueToken(clerk, "phone"))
    do(TESTER, reset_password, clerk)
    assert bearer(token) is None
    with pytest.raises(Forbidden, match="/account/password"):
        do(actor(clerk), issue_token, IssueToken(clerk, "phone"))
    assert bearer(do(TESTER, issue_token, IssueToken(clerk, "made by the operator"))) is not None


def test_tries_of_the_present_password_are_slowed_down_as_sign_ins_are(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clock, "now", lambda: NOON)
    clerk = person("clerk")
    for _n in range(5):
        with pytest.raises(Invalid):
            change_password(actor(clerk), ChangePassword("another long one 8", "a guess", "192.0.2.9"))
    for password in ("a guess", PASSWORD):
        with pytest.raises(TooMany):
            change_password(actor(clerk), ChangePassword("another long one 8", password, "192.0.2.9"))
    with pytest.raises(TooMany):
        enter("clerk")
    monkeypatch.setattr(clock, "now", lambda: NOON + dt.timedelta(seconds=16))
    change_password(actor(clerk), ChangePassword("another long one 8", PASSWORD, "192.0.2.9"))
    assert enter("clerk", "another long one 8")
    refused = rows("select actor from core.journal where action = 'password.refused'")
    assert [UUID(row.actor) for row in refused] == [clerk] * 5


def test_a_disabled_person_has_neither_session_nor_token_from_then_on() -> None:
    clerk = person("clerk", "worker", grid=EAST_STREET)
    session_token, api_token = enter("clerk"), do(actor(clerk), issue_token, IssueToken(clerk, "phone"))
    do(TESTER, disable_user, clerk)
    assert living(session_token) is None
    assert bearer(api_token) is None
    with pytest.raises(Refused):
        do(TESTER, issue_token, IssueToken(clerk, "again"))
    do(TESTER, enable_user, clerk)
    assert living(session_token) is None
    assert bearer(api_token) is None


def test_tokens_end_by_date_and_by_revocation_and_belong_to_their_owner() -> None:
    clerk, other = person("clerk"), person("other")
    with clock.turned(lambda: NOON):
        week = do(actor(clerk), issue_token, IssueToken(clerk, "a week", 7))
        ever = do(actor(clerk), issue_token, IssueToken(clerk, "for ever"))
    with clock.turned(lambda: later(days=6)):
        assert bearer(week) is not None
    with clock.turned(lambda: later(days=8)):
        assert bearer(week) is None
        assert bearer(ever) is not None
    with reading(TESTER) as session:
        ids = {view.name: view.id for view in tokens_of(session, clerk)}
    with pytest.raises(NotFound):
        do(actor(other), revoke_token, ids["for ever"])
    with pytest.raises(Forbidden):
        do(actor(other), issue_token, IssueToken(clerk, "stolen"))
    with pytest.raises(Forbidden):
        do(actor(person("guard", "security_admin")), issue_token, IssueToken(clerk, "borrowed"))
    do(actor(clerk), revoke_token, ids["for ever"])
    assert bearer(ever) is None
    for name in ("", "  ", "n" * 81):
        with pytest.raises(Invalid):
            do(actor(clerk), issue_token, IssueToken(clerk, name))
    for days in (0, -1, 10**9):
        with pytest.raises(Invalid):
            do(actor(clerk), issue_token, IssueToken(clerk, "odd", days))


def test_end_all_ends_all_but_the_session_kept() -> None:
    clerk = person("clerk")
    here, there = enter("clerk"), enter("clerk")
    api_token = do(actor(clerk), issue_token, IssueToken(clerk, "phone"))
    found = living(here)
    assert found is not None
    with pytest.raises(Forbidden):
        do(actor(person("other")), end_all, clerk)
    do(actor(clerk), end_all, clerk, found.session_id)
    assert living(here) is not None
    assert living(there) is None
    assert bearer(api_token) is None
    with reading(TESTER) as session:
        assert [view.id for view in sessions_of(session, clerk)] == [found.session_id]


def test_unknown_mistyped_and_disabled_get_one_and_the_same_answer() -> None:
    person("clerk")
    do(TESTER, disable_user, person("leaver"))
    said = set()
    for login, password in (
        ("clerk", "not this one"),
        ("nobody", PASSWORD),
        ("leaver", PASSWORD),
        ("", ""),
        ("\0", "\0"),
    ):
        with pytest.raises(Unauthenticated) as refused:
            enter(login, password)
        said.add((str(refused.value), refused.value.status))
    assert len(said) == 1
    journal = rows("select object_id, after from core.journal where action = 'session.refused' order by id")
    assert [entry.object_id for entry in journal[:3]] == ["clerk", "nobody", "leaver"]
    assert {entry.after["address"] for entry in journal} == {"192.0.2.7"}


def test_after_five_failures_an_account_waits_whoever_asks_and_however_right() -> None:
    person("clerk")
    person("other")
    with clock.turned(lambda: NOON):
        for n in range(5):
            with pytest.raises(Unauthenticated):
                enter("clerk", "wrong", f"198.51.100.{n}")
        with pytest.raises(TooMany) as refused:
            enter("CLERK", PASSWORD, "203.0.113.9")
        assert 1 <= refused.value.retry_after <= 15
        assert enter("other")
    with clock.turned(lambda: later(seconds=16)):
        assert enter("clerk")
        with pytest.raises(Unauthenticated):
            enter("clerk", "wrong")
        assert enter("clerk")


def test_unknown_accounts_are_slowed_like_known_ones() -> None:
    with clock.turned(lambda: NOON):
        for _n in range(5):
            with pytest.raises(Unauthenticated):
                enter("nobody")
        with pytest.raises(TooMany):
            enter("nobody")


def test_after_thirty_failures_an_address_waits_for_all_accounts() -> None:
    person("clerk")
    with clock.turned(lambda: NOON):
        for n in range(30):
            with work(DOOR) as session:
                throttle.take_try(session, throttle.keys(f"guess-{n}", "2001:db8::1"))
        with pytest.raises(TooMany):
            enter("clerk", PASSWORD, "2001:db8::ffff")
        assert enter("clerk", PASSWORD, "2001:db8:1::1")
        assert enter("clerk", PASSWORD, "192.0.2.1")


def test_delays_grow_to_a_quarter_of_an_hour_and_are_forgotten_after_one() -> None:
    assert [throttle.delay_s(n, 5) for n in (0, 4, 5, 6, 7, 11, 12, 10_000)] == [0, 0, 15, 30, 60, 900, 900, 900]
    person("clerk")
    with clock.turned(lambda: NOON):
        for _n in range(5):
            with pytest.raises(Unauthenticated):
                enter("clerk", "wrong")
    with clock.turned(lambda: later(hours=2)):
        for _n in range(4):
            with pytest.raises(Unauthenticated):
                enter("clerk", "wrong")
        assert enter("clerk")


def test_a_session_is_journalled_under_the_persons_name() -> None:
    clerk = person("clerk")
    enter("clerk")
    [entry] = rows("select actor, after from core.journal where action = 'core.session.insert'")
    assert UUID(entry.actor) == clerk
    assert set(entry.after) >= {"address", "user_agent", "user_id"}
    assert "token_hash" not in entry.after


def test_a_name_that_cannot_be_stored_is_nobodys() -> None:
    person("admin")
    for name in ("ad\0min", "admin\0", "adm\ud800in"):
        with pytest.raises(Unauthenticated):
            enter(name)


@pytest.mark.parametrize("end_tokens", [False, True])
def test_a_changed_password_ends_the_tokens_where_that_is_asked(end_tokens: bool) -> None:
    clerk = person("clerk")
    do(TESTER, issue_token, IssueToken(clerk, "telephone"))
    change_password(actor(clerk), ChangePassword("another long one 8", PASSWORD, end_tokens=end_tokens))
    living = rows("select count(*) from core.api_token where revoked_at is null")
    assert living == [(0 if end_tokens else 1,)]
