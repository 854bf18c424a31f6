"""People from an XLSX list, all of them or none; who stands already is left as they are, or brought up to the list."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import asdict, replace
from typing import Final
from uuid import UUID

from sqlalchemy import select

from core import clock
from core.access.commands import GrantRole, ImportUsers
from core.access.granting import CITY, grant_role, new_grant
from core.access.listed import COLUMNS, Listed, read_people, refused_row
from core.access.logins import fold_phone, mask_phone
from core.access.models import Grant, UserAccount, UserImport
from core.access.policy import require
from core.access.queries import user_import
from core.access.roles import ROLES
from core.access.service import new_account, one_at_a_time
from core.access.views import ImportPreview, ImportView, ListedPerson
from core.db.base import new_id
from core.db.session import WorkSession
from core.errors import DomainError, KeyReused
from core.sheets import Difference, refuse, template
from core.text import noop as _

EXAMPLE: Final = ("zhangsan", "张三", "13900000000", "网格员", "990101001001001")
Held = dict[UUID, set[tuple[str, int | None]]]


def users_template() -> bytes:
    """An empty list with the heads, beside it an example."""
    return template(COLUMNS, EXAMPLE)


def import_users(session: WorkSession, command: ImportUsers) -> ImportView:
    """Add the new people of a list with their roles; nobody has a password until slips are made.

    The same id once more changes nothing and tells what came of it.

    :raises Invalid: with every fault by row and column; then nothing is written.
    :raises KeyReused: the id stands for another list.
    """
    require(session.actor, "user.manage")
    one_at_a_time(session)
    content = hashlib.sha256(command.data + bytes([command.update])).hexdigest()
    known = session.get(UserImport, command.id)
    if known is None:
        _take_over(session, command, content)
    elif known.content != content or known.made_by != session.actor.id:
        raise KeyReused(_("The id %(id)s was already used for other content; make a new id"), id=command.id)
    return user_import(session, command.id)


def preview_users(session: WorkSession, command: ImportUsers) -> ImportPreview:
    """What ``import_users`` would do with the list now; nothing of it is kept.

    The list is taken over and undone again, so that every fault shows that would show then.

    :raises Invalid: with every fault by row and column.
    """
    require(session.actor, "user.manage")
    one_at_a_time(session)
    tried = replace(command, id=new_id())
    with session.begin_nested() as trial:
        people = _take_over(session, tried, "")
        view = user_import(session, tried.id)
        trial.rollback()
    return ImportPreview(view, people)


def _take_over(session: WorkSession, command: ImportUsers, content: str) -> tuple[ListedPerson, ...]:
    listed = read_people(session, command.data)
    standing = _standing(session, listed)
    held = _held(session, standing.values())
    found = [
        difference
        for one in listed
        if one.person.login in standing
        for difference in _differences(one, standing[one.person.login], held)
    ]
    if command.update:
        found = _bring_up(session, listed, standing, found)
    new = [one for one in listed if one.person.login not in standing]
    differing = len({difference.row for difference in found})
    row = UserImport(
        id=command.id, content=content, made_at=clock.now(),
        made_by=session.actor.id, made_by_name=session.actor.name,
        added=len(new), differing=differing, unchanged=len(listed) - len(new) - differing,
        differences=[asdict(difference) for difference in found],
    )  # fmt: skip
    session.add(row)
    session.flush()
    _add(session, row.id, new)
    taken = {difference.row: difference.taken for difference in found}
    return tuple(_told(one, one.person.login in standing, taken.get(one.row)) for one in listed)


def _told(one: Listed, stands: bool, taken: bool | None) -> ListedPerson:
    """What became of a row.

    :param taken: whether its differences were taken over; ``None`` when it has none.
    """
    fate = "new" if not stands else "unchanged" if taken is None else "changed" if taken else "left"
    person, grid = one.person, "" if one.place == CITY else one.grid
    return ListedPerson(
        one.row, person.login, person.name.strip(), fold_phone(person.phone), one.role, grid, one.place.name, fate
    )  # fmt: skip


def _add(session: WorkSession, import_id: UUID, new: list[Listed]) -> None:
    made = [(one, new_account(one.person)) for one in new]
    for _one, account in made:
        account.import_id = import_id
        session.add(account)
    session.flush()
    for one, account in made:
        if one.role:
            new_grant(session, account.id, ROLES[one.role], one.place)
    session.flush()


def _standing(session: WorkSession, listed: list[Listed]) -> dict[str, UserAccount]:
    logins = [one.person.login for one in listed]
    rows = select(UserAccount).where(UserAccount.login.in_(logins)).order_by(UserAccount.id).with_for_update()
    return {row.login: row for row in session.scalars(rows)}


def _held(session: WorkSession, accounts: Iterable[UserAccount]) -> Held:
    """The living grants of people as (role, grid)."""
    held: Held = {account.id: set() for account in accounts}
    living = select(Grant.user_id, Grant.role, Grant.grid_id).where(Grant.user_id.in_(held), Grant.revoked_at.is_(None))
    for user_id, role, grid_id in session.execute(living):
        held[user_id].add((role, grid_id))
    return held


def _differences(one: Listed, account: UserAccount, held: Held) -> list[Difference]:
    """In what a person stands otherwise than in the list; a cell left empty says nothing."""
    person, found = one.person, []

    def differs(column: str, now: str, listed: str) -> None:
        found.append(Difference(one.row, account.login, column, now, listed))

    if person.name.strip() != account.name:
        differs("name", account.name, person.name.strip())
    phone = fold_phone(person.phone)
    if phone and phone != account.phone:
        differs("phone", mask_phone(account.phone), mask_phone(phone))
    if one.role and (one.role, one.place.grid_id) not in held[account.id]:
        roles = sorted({ROLES[role].word for role, _grid in held[account.id] if role in ROLES})
        differs("role", "、".join(roles), f"{ROLES[one.role].word} {one.grid}".strip())
    if account.disabled_at is not None:
        differs("state", "", "")
    return found


def _bring_up(
    session: WorkSession, listed: list[Listed], standing: dict[str, UserAccount], found: list[Difference]
) -> list[Difference]:
    """Give people what the list says; who is disabled stays as they are."""
    by_row = {one.row: one for one in listed}
    faults, done = [], []
    for difference in found:
        one, account = by_row[difference.row], standing[difference.who]
        if account.disabled_at is not None:
            done.append(difference)
            continue
        if difference.column == "name":
            account.name = difference.listed
        elif difference.column == "phone":
            account.phone = fold_phone(one.person.phone)
        else:
            try:
                grant_role(session, GrantRole(account.id, one.role, None if one.place == CITY else one.grid))
            except DomainError as error:
                faults += refused_row(one.row, error)
        done.append(replace(difference, taken=True))
    refuse(faults)
    return done
