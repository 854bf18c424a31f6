"""The ladder's sweep of many open clocks in one job, against the bare insert of as many events.

Three sweeps of the same clocks: nothing is due, one in a hundred is, all are at once with people told on each level.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import text

from bench.cities import ACTOR, city, connected, instance, settle
from core.access.commands import CreateUser, GrantRole
from core.access.granting import grant_role
from core.access.service import create_user
from core.actor import Actor
from core.db.cluster import Cluster
from core.db.session import owner_work, work
from core.matters.ladder import sweep

MATTERS = """
insert into core.matter (id, number, kind, title, text, grid_id, grid_reported, source, priority, state, round, version,
  reporter, reporter_name, reported_at, due_at, last_step, last_at, summary, search)
select gen_random_uuid(), 'b' || n, 'general', 'bench ' || n, '', g.id, g.id, 'bench', 2, 'reported', 1, 1,
  'bench', 'bench', now(), now() + interval '5 days', 'report', now(), '[]', ''
from generate_series(1, :count) n
join (select id, row_number() over (order by id) - 1 as k, count(*) over () as many from core.grid where level = 'grid'
) g on g.k = n % g.many
"""
CLOCKS = """
insert into core.matter_clock (id, matter_id, name, "limit", round, started_at, due_at, provisional, state, pauses,
  rungs, rung, next_at)
select gen_random_uuid(), id, 'handle', '5wd', 1, reported_at, due_at, false, 'running', '[]',
  array[due_at, due_at, due_at, due_at + interval '9 days'], 2, due_at
from core.matter
"""
FALLS_DUE = """
update core.matter_clock set next_at = now() where id in (select id from core.matter_clock order by id limit :count)
"""
BARE = """
insert into core.matter_event (id, matter_id, seq, step, from_state, to_state, round, actor, actor_name, actor_kind, at,
  note, data)
select gen_random_uuid(), id, 1000, 'remind', state, state, round, 'bench', 'bench', 'job', now(), '',
  '{"name": "handle", "percent": 100}' from core.matter
"""
STANDING = """
select s.code from core.grid g join core.grid_state s on s.grid_id = g.id and upper_inf(s.valid) where g.level = :level
"""
STAFF = (("worker", "community"), ("grid_head", "community"), ("desk", "street"), ("leader", "county"))


def people() -> None:
    """A worker and a head in each community, a desk in each street, a leader in each county."""
    sql = text(STANDING)
    with work(ACTOR) as session:
        for role, level in STAFF:
            for code in session.scalars(sql, {"level": level}).all():
                made = create_user(
                    session, CreateUser(f"{role}-{code}".lower(), code, password="a password of bench 1")
                )
                grant_role(session, GrantRole(made.id, role, code))


@contextmanager
def timed(what: str, count: int) -> Iterator[None]:
    """Say how long something took."""
    started = time.perf_counter()
    yield
    print(f"| {what} | {count:,} | {time.perf_counter() - started:.2f} |", flush=True)


def fill(owner: Actor, cluster: Cluster, count: int) -> None:
    """Matters with one clock each."""
    with owner_work(owner, cluster.url("wangge_owner", "bench")) as session:
        session.execute(text(MATTERS), {"count": count})
        session.execute(text(CLOCKS))
    with cluster.superuser("bench") as cursor:
        cursor.execute("vacuum analyze")


def main() -> None:
    """Fill, sweep, print the table."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--leaves", type=int, default=2000)
    options.add_argument("--clocks", type=int, default=100_000)
    chosen = options.parse_args()
    made = city(chosen.leaves)
    with instance() as (_folder, cluster, url), connected(url):
        settle(made.births())
        people()
        fill(ACTOR, cluster, chosen.clocks)
        print("| sweep | steps taken | s |\n|---|---|---|")
        for due in (0, chosen.clocks // 100, chosen.clocks):
            with work(ACTOR, statement_timeout_s=0) as session:
                session.execute(text(FALLS_DUE), {"count": due})
            with timed(f"{due:,} of {chosen.clocks:,} clocks are due", due):
                assert sweep() == due
        with work(ACTOR, statement_timeout_s=0) as session:
            told = session.execute(text("select count(*) from core.notice")).scalar_one()
            with timed("bare insert of as many events", chosen.clocks):
                session.execute(text(BARE))
        print(f"{told:,} notices were written")


if __name__ == "__main__":
    main()
