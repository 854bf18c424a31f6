"""Empties an instance that holds demonstration data alone, so that a city's own boundary can come in."""

from __future__ import annotations

import shutil
from typing import Final

from sqlalchemy import text, update

from core.access.policy import require
from core.actor import Actor
from core.audit.recorder import record
from core.db.base import SCHEMA, Base
from core.db.models import Instance
from core.db.session import WorkSession, owner_work
from core.demo.people import PREFIX
from core.demo.queries import counts
from core.errors import Refused
from core.settings import get_settings
from core.text import noop as _

KEPT: Final = frozenset(
    {
        "instance",
        "setting",
        "journal",
        "plugin",
        "coverage",
        "user_account",
        "user_import",
        "session",
        "api_token",
        "grant",
        "login_attempt",
        "workday",
        "calendar_year",
        "office_hours",
        "notice_choice",
        "webhook",
    }
)
"""Tables of which rows stay: people other than the made-up ones and their lists, settings, plugins, the journal."""
KEPT_FILES: Final = frozenset({"logo"})
LOOSEN: Final = (
    "update core.coverage set root_id = null, version = version + 1",
    "delete from core.session where user_id in (select id from core.user_account where login like :made)",
    "delete from core.api_token where user_id in (select id from core.user_account where login like :made)",
    'delete from core."grant" where grid_id is not null'
    " or user_id in (select id from core.user_account where login like :made)",
    "delete from core.notice_choice where user_id in (select id from core.user_account where login like :made)",
    "update core.user_account set department_id = null",
    "delete from core.workday where department_id is not null",
    "delete from core.office_hours where department_id is not null",
    "delete from core.setting where key = 'demo'",
)
"""The version of the coverage goes on counting, so that no browser takes an old tile for a new one."""


def clear_demo(actor: Actor, owner_url: str) -> dict[str, int]:
    """Empty the instance, and say how much there was; people other than the made-up ones stay, the journal too.

    :param owner_url: DSN of the tables' owner: the application itself may not delete what happened to a matter.
    :raises Refused: when the instance is not marked as a demonstration.
    """
    with owner_work(actor, owner_url) as session:
        require(actor, "demo.manage")
        if not session.get_one(Instance, 1).demo:
            raise Refused(_("This instance does not hold demonstration data alone; nothing was removed"))
        before = counts(session)
        for statement in LOOSEN:
            session.execute(text(statement), {"made": f"{PREFIX}%"} if ":made" in statement else {})
        for table in _plugin_tables(session):
            session.execute(text(f"truncate {table} cascade"))
        for host_table in reversed(Base.metadata.sorted_tables):
            if host_table.schema == SCHEMA and host_table.name not in KEPT:
                session.execute(host_table.delete())
        session.execute(text("delete from core.user_account where login like :made"), {"made": f"{PREFIX}%"})
        session.execute(update(Instance).values(demo=False))
        record(session, "demo.clear", "core.instance", "1", before=dict(before))
    _forget_files()
    return before


def _forget_files() -> None:
    """What people handed in goes; what belongs to the settings, such as the emblem, stays with them."""
    settings = get_settings()
    gone = [path for path in settings.folder("files").iterdir() if path.name not in KEPT_FILES]
    for folder in (*gone, settings.home / "locate", settings.home / "imports", settings.home / "layers"):
        shutil.rmtree(folder, ignore_errors=True)


def _plugin_tables(session: WorkSession) -> list[str]:
    sql = (
        "select format('%I.%I', schemaname, tablename) from pg_tables"
        " where schemaname like 'plugin\\_%' and tablename <> 'alembic_version'"
    )
    return list(session.scalars(text(sql)))
