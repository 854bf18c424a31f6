"""A server that is not Wangge's own: what lacks there is told before anything is made."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from core.db.cluster import Cluster
from core.db.outside import check_server
from core.errors import Unusable

STRANGER = "city_application"


@pytest.fixture
def stranger(cluster: Cluster) -> Iterator[str]:
    with cluster.superuser() as cursor:
        cursor.execute(f"create role {STRANGER} login")
    yield STRANGER
    with cluster.superuser() as cursor:
        cursor.execute(f"drop role {STRANGER}")


@pytest.fixture
def empty(cluster: Cluster) -> Iterator[str]:
    """A database without extensions."""
    with cluster.superuser() as cursor:
        cursor.execute("create database empty_test owner wangge_owner template template0")
    yield "empty_test"
    with cluster.superuser() as cursor:
        cursor.execute("drop database empty_test with (force)")


def name_of(database: str) -> str:
    return database.partition("@/")[2].partition("?")[0]


def test_the_roles_of_wangge_pass_and_so_does_an_application_that_owns_its_tables(
    database: str, cluster: Cluster
) -> None:
    owner = cluster.url("wangge_owner", name_of(database))
    check_server(owner, database)
    check_server(owner, owner)


def test_an_application_of_another_role_is_refused_with_what_to_do(
    database: str, cluster: Cluster, stranger: str
) -> None:
    name = name_of(database)
    with pytest.raises(Unusable, match=f"signs in as {stranger}.*create role wangge_app"):
        check_server(cluster.url("wangge_owner", name), cluster.url(stranger, name))


def test_missing_extensions_are_named_together(cluster: Cluster, empty: str) -> None:
    with pytest.raises(Unusable, match="create extension postgis; create extension ltree;"):
        check_server(cluster.url("wangge_owner", empty), cluster.url("wangge_app", empty))
