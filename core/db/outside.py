"""A database server that is not Wangge's own: what must stand there is asked before anything is made.

`core.db.roles` makes the same in the private cluster.
"""

from __future__ import annotations

from sqlalchemy import create_engine, text

from core.db.migrate import APP_ROLE
from core.db.roles import EXTENSIONS
from core.db.session import driver_url
from core.errors import Unusable


def check_server(owner_url: str, app_url: str) -> None:
    """Refuse a server that lacks an extension, or on which the application would have no rights.

    :raises Unusable: with the statements that mend it. An application that owns the tables itself passes.
    """
    owner, found = _ask(owner_url)
    lacking = [name for name in EXTENSIONS if name not in found]
    if lacking:
        raise Unusable(
            "The database lacks the extensions %(names)s. As its superuser: %(mend)s",
            names=", ".join(lacking),
            mend=" ".join(f"create extension {name};" for name in lacking),
        )
    role, _found = _ask(app_url)
    if role not in {APP_ROLE, owner}:
        raise Unusable(
            "WANGGE_DATABASE_URL signs in as %(role)s, which has no rights on the tables of %(owner)s: they are given"
            " to the role %(wanted)s alone. Name that role in WANGGE_DATABASE_URL; where there is none, as the server's"
            " superuser: create role %(wanted)s login",
            role=role,
            owner=owner,
            wanted=APP_ROLE,
        )


def _ask(url: str) -> tuple[str, set[str]]:
    """As which role a DSN signs in, and the extensions of its database."""
    engine = create_engine(driver_url(url))
    try:
        with engine.connect() as connection:
            role = str(connection.scalar(text("select current_user")))
            return role, set(connection.scalars(text("select extname from pg_extension")))
    finally:
        engine.dispose()
