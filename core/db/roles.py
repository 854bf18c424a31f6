"""What Wangge needs inside a private cluster before its first migration: roles, the database, extensions."""

from __future__ import annotations

import re

from core.db.cluster import Cluster

ROLES = ("wangge_owner", "wangge_app", "wangge_read", "wangge_backup")
EXTENSIONS = ("postgis", "ltree", "btree_gist", "pg_trgm")


def prepare(cluster: Cluster, database: str = "wangge") -> None:
    """Make roles, the database and its extensions; harmless when they are there, and one process at a time."""
    if not re.fullmatch(r"[a-z_0-9]+", database):
        raise ValueError(database)
    with cluster.superuser() as cursor:
        # held until this connection closes, at the end of the block
        cursor.execute("select pg_advisory_lock(hashtext('wangge.prepare'))")
        for role in ROLES:
            cursor.execute("select 1 from pg_roles where rolname = %s", (role,))
            if not cursor.fetchone():
                bypass = "bypassrls" if role == "wangge_backup" else "nobypassrls"
                cursor.execute(f"create role {role} login nosuperuser nocreatedb nocreaterole {bypass}")
        cursor.execute("select 1 from pg_database where datname = %s", (database,))
        if not cursor.fetchone():
            cursor.execute(f"create database {database} owner wangge_owner")
        _extend(cluster, database)


def _extend(cluster: Cluster, database: str) -> None:
    with cluster.superuser(database) as cursor:
        for extension in EXTENSIONS:
            cursor.execute(f"create extension if not exists {extension}")
        cursor.execute("grant pg_read_all_data to wangge_backup")
