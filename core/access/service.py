"""What is done to people: one function a use case."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import func, select

from core import clock
from core.access import logins, passwords, queries
from core.access.commands import (
    CreateUser,
    NewUser,
    SaveProfile,
    SetPassword,
    UpdateUser,
)
from core.access.granting import keep_one_system_admin
from core.access.models import Grant, UserAccount
from core.access.outside import DEPARTMENT
from core.access.policy import require
from core.access.rows import account, fault, refuse
from core.access.sessions import end_sessions, revoke_tokens
from core.access.watch import note_reset
from core.db.session import WorkSession, take_turn
from core.errors import Forbidden, Invalid, Objection, Refused
from core.text import is_blank
from core.text import noop as _

FIRST_LOGIN = "admin"
FIRST_ROLES = ("system_admin", "gis_admin", "desk")
LANGUAGES = ("", "zh", "en")


def create_user(session: WorkSession, command: CreateUser) -> NewUser:
    """Add a person; refuses a login name that anybody ever had."""
    require(session.actor, "user.manage")
    one_at_a_time(session)
    login = logins.fold_login(command.login)
    faults = person_faults(command)
    if logins.login_fault(login) is None and queries.user_id_of(session, login) is not None:
        faults.insert(0, fault("/login", "login-taken", _("The login name is taken")))
    faults += _office_faults(session, command.department_id)
    if command.password is not None:
        faults += passwords.objections(command.password, login)
    if faults:
        raise Invalid(_("The person was not added"), objections=faults)
    one_time, hashed = passwords.one_time_password() if command.password is None else (None, "")
    row = new_account(command)
    row.password_hash = hashed if command.password is None else passwords.hash_password(command.password)
    session.add(row)
    session.flush()
    return NewUser(row.id, login, row.name, one_time)


def one_at_a_time(session: WorkSession) -> None:
    """Wait for others who add people: two at once could both find a login free, or take one list over twice."""
    take_turn(session, "core.user_account")


def new_account(command: CreateUser) -> UserAccount:
    """The row of a new person, without a password yet; the caller has asked for the right and for faults."""
    return UserAccount(
        login=logins.fold_login(command.login),
        name=command.name.strip(),
        phone=logins.fold_phone(command.phone),
        email=command.email.strip(),
        language=command.language,
        department_id=command.department_id,
        must_change_password=command.password is None,
        made_at=clock.now(),
    )


def update_user(session: WorkSession, command: UpdateUser) -> None:
    """Change a person's name, contact and department."""
    require(session.actor, "user.manage")
    row = account(session, command.user_id)
    faults = profile_faults(command.name, command.phone, command.email, command.language)
    if command.department_id != row.department_id:
        faults += _office_faults(session, command.department_id)
    refuse(faults)
    row.name = command.name.strip()
    row.phone = logins.fold_phone(command.phone)
    row.email = command.email.strip()
    row.language = command.language
    row.department_id = command.department_id


def save_profile(session: WorkSession, command: SaveProfile) -> None:
    """Change one's own contact and language."""
    row = account(session, _self(session))
    refuse(profile_faults(row.name, command.phone, command.email, command.language))
    row.phone = logins.fold_phone(command.phone)
    row.email = command.email.strip()
    row.language = command.language


def set_password(session: WorkSession, command: SetPassword) -> None:
    """Give a person a chosen password; all sessions and tokens end. One's own: ``change_password``."""
    require(session.actor, "user.manage")
    row = account(session, command.user_id)
    refuse(passwords.objections(command.new, row.login), _("The password was not changed"))
    note_reset(session, row)
    row.password_hash = passwords.hash_password(command.new)
    row.must_change_password = False
    end_sessions(session, row.id)
    revoke_tokens(session, row.id)


def reset_password(session: WorkSession, user_id: UUID) -> str:
    """A one-time password in place of a forgotten one, to be changed at once; all sessions and tokens end."""
    require(session.actor, "user.manage")
    row = account(session, user_id)
    note_reset(session, row)
    plain, row.password_hash = passwords.one_time_password()
    row.must_change_password = True
    end_sessions(session, row.id)
    revoke_tokens(session, row.id)
    return plain


def disable_user(session: WorkSession, user_id: UUID) -> None:
    """Shut a leaver out: nothing works from the next request on; sessions and tokens end for good."""
    require(session.actor, "user.manage")
    row = account(session, user_id)
    if row.id == session.actor.user_id:
        raise Refused(_("Nobody can disable themselves; ask another administrator"))
    if row.disabled_at is None:
        keep_one_system_admin(session, row.id)
        row.disabled_at = clock.now()
    end_sessions(session, row.id)
    revoke_tokens(session, row.id)


def enable_user(session: WorkSession, user_id: UUID) -> None:
    """Let a disabled person back in, with the grants they had."""
    require(session.actor, "user.manage")
    row = account(session, user_id)
    row.disabled_at = None


def ensure_first_admin(session: WorkSession) -> tuple[str, str] | None:
    """The first person of an instance: login and one-time password; ``None`` when a system administrator exists.

    This person is system administrator, map administrator and desk for the whole city. The powers of the three
    administrators are apart once there is a security administrator; until then the system administrator may
    also manage users and roles (``core.access.roles.BOOTSTRAP``), so that the first thing to do can be done:
    add a person and make them security administrator. From then on the first person cannot add users or roles.
    """
    take_turn(session, "core.user_account.first")
    if session.scalar(select(func.count()).select_from(Grant).where(Grant.role == "system_admin")):
        return None
    plain, hashed = passwords.one_time_password()
    now = clock.now()
    login = FIRST_LOGIN if queries.user_id_of(session, FIRST_LOGIN) is None else f"{FIRST_LOGIN}-{now:%Y%m%d%H%M%S}"
    row = UserAccount(
        login=login,
        name="管理员",
        password_hash=hashed,
        must_change_password=True,
        made_at=now,
    )
    session.add(row)
    session.flush()
    for role in FIRST_ROLES:
        session.add(Grant(user_id=row.id, role=role, granted_by=session.actor.id, granted_at=now))
    return login, plain


def person_faults(command: CreateUser) -> list[Objection]:
    """What is wrong with a new person, as far as their login, name and contact alone tell."""
    why = logins.login_fault(logins.fold_login(command.login))
    faults = [] if why is None else [Objection(why, pointer="/login", code="login")]
    return faults + profile_faults(command.name, command.phone, command.email, command.language)


def profile_faults(name: str, phone: str, email: str, language: str = "") -> list[Objection]:
    """What is wrong with a person's name, contact and language."""
    faults = []
    if is_blank(name) or len(name.strip()) > 60 or not name.isprintable():
        faults.append(fault("/name", "name", _("A name has 1 to 60 characters")))
    if phone and not logins.is_phone(logins.fold_phone(phone)):
        faults.append(fault("/phone", "phone", _("A phone number has 5 to 15 digits")))
    if email and (len(email) > 200 or "@" not in email.strip()[1:-1] or not email.isprintable()):
        faults.append(fault("/email", "email", _("This is no e-mail address")))
    if language not in LANGUAGES:
        faults.append(fault("/language", "language", _("The languages are Chinese (zh) and English (en)")))
    return faults


def _office_faults(session: WorkSession, department_id: UUID | None) -> list[Objection]:
    """A fault when a department is named that is none or was closed."""
    open_one = select(DEPARTMENT.c.id).where(DEPARTMENT.c.id == department_id, DEPARTMENT.c.closed_at.is_(None))
    # shared until the end of the transaction, so that it is not closed meanwhile
    if department_id is None or session.scalar(open_one.with_for_update(read=True)) is not None:
        return []
    return [fault("/department", "department", _("There is no such department"))]


def _self(session: WorkSession) -> UUID:
    if session.actor.user_id is None:
        raise Forbidden(_("Only a person has a profile"))
    return session.actor.user_id
