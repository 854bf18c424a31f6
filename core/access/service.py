"""What is done to people, their sessions, tokens and rights: one function a use case."""

from __future__ import annotations

import datetime as dt
from uuid import UUID

from sqlalchemy import func, select, text

from core import clock
from core.access import logins, passwords, queries
from core.access.commands import (
    CreateUser,
    GrantRole,
    IssueToken,
    NewUser,
    SaveProfile,
    SetPassword,
    UpdateUser,
)
from core.access.models import ApiToken, Grant, UserAccount, WebSession
from core.access.outside import GRID_STATE, holds_now
from core.access.policy import may, require
from core.access.roles import EXCLUSIVE, ROLES
from core.access.tokens import API_PREFIX, new_token, token_hash
from core.db.session import WorkSession
from core.errors import Forbidden, Invalid, NotFound, Objection, Refused
from core.text import Text
from core.text import noop as _

FIRST_LOGIN = "admin"
FIRST_ROLES = ("system_admin", "gis_admin", "desk")
LONGEST_TOKEN_DAYS = 3650
LANGUAGES = ("", "zh", "en")


def create_user(session: WorkSession, command: CreateUser) -> NewUser:
    """Add a person; refuses a login name that anybody ever had."""
    require(session.actor, "user.manage")
    login = logins.fold_login(command.login)
    faults = profile_faults(command.name, command.phone, command.email, command.language)
    if not logins.is_login(login):
        faults.insert(0, _fault("/login", "login", _("A login name has 2 to 40 letters, digits, or _ . @ -")))
    elif queries.user_id_of(session, login) is not None:
        faults.insert(0, _fault("/login", "login-taken", _("The login name is taken")))
    if command.password is not None:
        faults += passwords.objections(command.password, login)
    if faults:
        raise Invalid(_("The person was not added"), objections=faults)
    one_time, hashed = passwords.one_time_password() if command.password is None else (None, "")
    row = UserAccount(
        login=login,
        name=command.name.strip(),
        phone=logins.fold_phone(command.phone),
        email=command.email.strip(),
        language=command.language,
        department_id=command.department_id,
        password_hash=hashed if command.password is None else passwords.hash_password(command.password),
        must_change_password=command.password is None,
        made_at=clock.now(),
    )
    session.add(row)
    session.flush()
    return NewUser(row.id, login, one_time)


def update_user(session: WorkSession, command: UpdateUser) -> None:
    """Change a person's name, contact and department."""
    require(session.actor, "user.manage")
    _refuse(profile_faults(command.name, command.phone, command.email, command.language))
    row = _account(session, command.user_id)
    row.name = command.name.strip()
    row.phone = logins.fold_phone(command.phone)
    row.email = command.email.strip()
    row.language = command.language
    row.department_id = command.department_id


def save_profile(session: WorkSession, command: SaveProfile) -> None:
    """Change one's own contact and language."""
    row = _account(session, _self(session))
    _refuse(profile_faults(row.name, command.phone, command.email, command.language))
    row.phone = logins.fold_phone(command.phone)
    row.email = command.email.strip()
    row.language = command.language


def set_password(session: WorkSession, command: SetPassword) -> None:
    """Set a chosen password, one's own with the old one; all other sessions of the person end."""
    row = _account(session, command.user_id)
    if session.actor.user_id != row.id:
        require(session.actor, "user.manage")
    elif not passwords.verify_password(row.password_hash, command.old or ""):
        raise Invalid(
            _("The password was not changed"),
            objections=[_fault("/old", "old-password", _("The present password does not fit"))],
        )
    faults = passwords.objections(command.new, row.login)
    if command.old is not None and command.new == command.old:
        faults.append(_fault("/password", "same-password", _("The new password is the old one")))
    _refuse(faults, _("The password was not changed"))
    row.password_hash = passwords.hash_password(command.new)
    row.must_change_password = False
    _end_sessions(session, row.id, keep=command.keep_session)


def reset_password(session: WorkSession, user_id: UUID) -> str:
    """A one-time password in place of a forgotten one; all sessions end; it must be changed at once."""
    require(session.actor, "user.manage")
    row = _account(session, user_id)
    plain, row.password_hash = passwords.one_time_password()
    row.must_change_password = True
    _end_sessions(session, row.id)
    return plain


def disable_user(session: WorkSession, user_id: UUID) -> None:
    """Shut a leaver out: nothing works from the next request on; sessions and tokens end for good."""
    require(session.actor, "user.manage")
    row = _account(session, user_id)
    if row.id == session.actor.user_id:
        raise Refused(_("Nobody can disable themselves; ask another administrator"))
    if row.disabled_at is None:
        _keep_one_system_admin(session, row.id)
        row.disabled_at = clock.now()
    _end_sessions(session, row.id)
    _revoke_tokens(session, row.id)


def enable_user(session: WorkSession, user_id: UUID) -> None:
    """Let a disabled person back in, with the grants they had."""
    require(session.actor, "user.manage")
    row = _account(session, user_id)
    row.disabled_at = None


def sign_out(session: WorkSession, token: str) -> None:
    """End the session of this token; an unknown one is no error."""
    row = session.scalar(select(WebSession).where(WebSession.token_hash == token_hash(token)))
    if row is not None and row.ended_at is None:
        row.ended_at = clock.now()


def end_session(session: WorkSession, session_id: UUID) -> None:
    """End one browser session, one's own or, as user manager, anybody's."""
    row = session.get(WebSession, session_id)
    if row is None or (row.user_id != session.actor.user_id and not _manages(session)):
        raise NotFound(_("There is no such session"))
    if row.ended_at is None:
        row.ended_at = clock.now()


def end_all(session: WorkSession, user_id: UUID, keep_session: UUID | None = None) -> None:
    """End all browser sessions and tokens of a person, one's own or, as user manager, anybody's."""
    if user_id != session.actor.user_id:
        require(session.actor, "user.manage")
    _end_sessions(session, user_id, keep=keep_session)
    _revoke_tokens(session, user_id)


def issue_token(session: WorkSession, command: IssueToken) -> str:
    """A bearer token, returned this once. People issue their own; only the command line anybody's."""
    if command.user_id != session.actor.user_id:
        require(session.actor, "token.issue")
    row = _account(session, command.user_id)
    if row.disabled_at is not None:
        raise Refused(_("%(name)s is disabled"), name=row.name)
    name = command.name.strip()
    if not name or len(name) > 80:
        _refuse([_fault("/name", "name", _("A token needs a name of 1 to 80 characters"))])
    if command.days is not None and not 1 <= command.days <= LONGEST_TOKEN_DAYS:
        _refuse([_fault("/days", "days", _("A token holds for 1 to 3,650 days"))])
    now = clock.now()
    plain, hashed = new_token(API_PREFIX)
    ends = now + dt.timedelta(days=command.days) if command.days is not None else None
    session.add(ApiToken(user_id=row.id, name=name, token_hash=hashed, made_at=now, expires_at=ends))
    return plain


def revoke_token(session: WorkSession, token_id: UUID) -> None:
    """End a token, one's own or, as user manager, anybody's."""
    row = session.get(ApiToken, token_id)
    if row is None or (row.user_id != session.actor.user_id and not _manages(session)):
        raise NotFound(_("There is no such token"))
    if row.revoked_at is None:
        row.revoked_at = clock.now()


def grant_role(session: WorkSession, command: GrantRole) -> UUID:
    """Give a role; the same again gives the grant that stands.

    :raises Refused: to oneself; a second administrator role; a city-wide role for a part.
    """
    role = ROLES.get(command.role)
    if role is None:
        raise Invalid(
            _("There is no role %(role)s; the roles are %(roles)s"), role=command.role, roles=", ".join(ROLES)
        )
    grid_id, path = _place(session, command.grid_code)
    require(session.actor, "grant.manage", path)
    if command.user_id == session.actor.user_id:
        raise Refused(_("Nobody can grant a role to themselves; ask another administrator"))
    if role.whole_city and grid_id is not None:
        raise Refused(_("%(role)s is a role for the whole city; leave the grid out"), role=Text(role.title))
    row = _account(session, command.user_id, lock=True)
    if row.disabled_at is not None:
        raise Refused(_("%(name)s is disabled"), name=row.name)
    standing = session.scalar(
        select(Grant).where(
            Grant.user_id == row.id,
            Grant.role == role.slug,
            Grant.grid_id.is_not_distinct_from(grid_id),
            Grant.revoked_at.is_(None),
        )
    )
    if standing is not None:
        return standing.id
    _refuse_second_administrator(session, row.id, role.slug)
    grant = Grant(
        user_id=row.id,
        role=role.slug,
        grid_id=grid_id,
        granted_by=session.actor.id,
        granted_at=clock.now(),
    )
    session.add(grant)
    session.flush()
    return grant.id


def revoke_grant(session: WorkSession, grant_id: UUID) -> None:
    """Take a role back; it is gone at the person's next request."""
    require(session.actor, "grant.manage")
    row = session.get(Grant, grant_id)
    if row is None:
        raise NotFound(_("There is no such grant"))
    if row.user_id == session.actor.user_id:
        raise Refused(_("Nobody can take a role from themselves; ask another administrator"))
    if row.revoked_at is None:
        if row.role == "system_admin":
            _keep_one_system_admin(session, row.user_id)
        row.revoked_at = clock.now()


def ensure_first_admin(session: WorkSession) -> tuple[str, str] | None:
    """The first person of an instance: login and one-time password; ``None`` when a system administrator exists.

    This person is system administrator, map administrator and desk for the whole city. The powers of the three
    administrators are apart once there is a security administrator; until then the system administrator may
    also manage users and roles (``core.access.roles.BOOTSTRAP``), so that the first thing to do can be done:
    add a person and make them security administrator. From then on the first person cannot add users or roles.
    """
    session.execute(text("select pg_advisory_xact_lock(hashtext('core.user_account.first'))"))
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


def profile_faults(name: str, phone: str, email: str, language: str = "") -> list[Objection]:
    """What is wrong with a person's name, contact and language."""
    faults = []
    if not 1 <= len(name.strip()) <= 60 or not name.isprintable():
        faults.append(_fault("/name", "name", _("A name has 1 to 60 characters")))
    if phone and not logins.is_phone(logins.fold_phone(phone)):
        faults.append(_fault("/phone", "phone", _("A phone number has 5 to 15 digits")))
    if email and (len(email) > 200 or "@" not in email.strip()[1:-1] or not email.isprintable()):
        faults.append(_fault("/email", "email", _("This is no e-mail address")))
    if language not in LANGUAGES:
        faults.append(_fault("/language", "language", _("The languages are Chinese (zh) and English (en)")))
    return faults


def _fault(pointer: str, code: str, message: str) -> Objection:
    return Objection(Text(message), pointer=pointer, code=code)


def _refuse(faults: list[Objection], message: str = _("Nothing was changed")) -> None:
    if faults:
        raise Invalid(message, objections=faults)


def _account(session: WorkSession, user_id: UUID, *, lock: bool = False) -> UserAccount:
    row = session.get(UserAccount, user_id, with_for_update=True if lock else None)
    if row is None:
        raise NotFound(_("There is no such person"))
    return row


def _self(session: WorkSession) -> UUID:
    if session.actor.user_id is None:
        raise Forbidden(_("Only a person has a profile"))
    return session.actor.user_id


def _manages(session: WorkSession) -> bool:
    return may(session.actor, "user.manage").allowed


def _place(session: WorkSession, code: str | None) -> tuple[int | None, str | None]:
    if not code:
        return None, None
    found = session.execute(
        select(GRID_STATE.c.grid_id, GRID_STATE.c.path).where(GRID_STATE.c.code == code, holds_now())
    ).first()
    if found is None:
        raise NotFound(_("There is no grid %(code)s"), code=code)
    return found.grid_id, found.path


def _end_sessions(session: WorkSession, user_id: UUID, *, keep: UUID | None = None) -> None:
    living = select(WebSession).where(WebSession.user_id == user_id, WebSession.ended_at.is_(None))
    for row in session.scalars(living):
        if row.id != keep:
            row.ended_at = clock.now()


def _revoke_tokens(session: WorkSession, user_id: UUID) -> None:
    for row in session.scalars(select(ApiToken).where(ApiToken.user_id == user_id, ApiToken.revoked_at.is_(None))):
        row.revoked_at = clock.now()


def _refuse_second_administrator(session: WorkSession, user_id: UUID, role: str) -> None:
    """One person holds at most one of the three administrator roles."""
    held = set(
        session.scalars(
            select(Grant.role).where(Grant.user_id == user_id, Grant.revoked_at.is_(None), Grant.role.in_(EXCLUSIVE))
        )
    )
    if role in EXCLUSIVE and held - {role}:
        other = ROLES[next(iter(held - {role}))]
        raise Refused(
            _(
                "This person is already %(other)s. System, security and audit administrators must be three"
                " different people; grant %(role)s to somebody else or take the other role back first"
            ),
            other=Text(other.title),
            role=Text(ROLES[role].title),
        )


def _keep_one_system_admin(session: WorkSession, leaving: UUID) -> None:
    """The instance never loses its last system administrator."""
    holders = set(
        session.scalars(
            select(Grant.user_id)
            .join(UserAccount, UserAccount.id == Grant.user_id)
            .where(
                Grant.role == "system_admin",
                Grant.revoked_at.is_(None),
                UserAccount.disabled_at.is_(None),
            )
            .order_by(Grant.id)
            .with_for_update(of=(Grant, UserAccount))
        )
    )
    if holders == {leaving}:
        raise Refused(_("This is the last system administrator; appoint another one first"))
