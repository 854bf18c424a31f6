"""Memory: a worker that serves a large city, beyond the index that all workers share; and an import of a large file."""

from __future__ import annotations

import argparse
import http.client
import multiprocessing
import os
import resource
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from bench.cities import ACTOR, ROOT, city, connected, instance, settle
from bench.common import points
from bench.tiles import running, tile_of
from core.access.commands import CreateUser, GrantRole, IssueToken
from core.access.granting import grant_role
from core.access.service import create_user
from core.access.sessions import issue_token
from core.db.session import work
from core.grids.imports.draft import ImportOptions
from core.grids.imports.importing import apply, prepare
from core.grids.locating import current_index
from core.intake.reading import read
from core.settings import get_settings
from gis.lattice import SCALE, quantise

WORKERS = 2
MIB = 1024.0
"""KiB, as the kernel counts, in a MiB."""


def apart(act: Callable[..., None], *values: Any) -> float:
    """Run in a process of its own; the largest memory that it, or one it waited for, ever held, in MiB."""
    context = multiprocessing.get_context("spawn")
    ours, theirs = context.Pipe()
    process = context.Process(target=_peak, args=(theirs, act, values))
    process.start()
    theirs.close()
    peak: float = ours.recv()
    process.join()
    return peak


def _peak(pipe: Any, act: Callable[..., None], values: Sequence[Any]) -> None:
    act(*values)
    kinds = (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)
    pipe.send(max(resource.getrusage(kind).ru_maxrss for kind in kinds) / MIB)


def bring(path: Path, url: str) -> None:
    """Import a file as the command does, and print how long that took."""
    from core.assembly import assemble

    assemble()
    nest = (("county", "county"), ("street", "street"), ("community", "community"))
    options = ImportOptions(level="grid", nest=nest, root=f"{ROOT}:bench")
    started = time.perf_counter()
    with connected(url):
        layer = read(path, options)
        with work(ACTOR) as session:
            prepared = prepare(session, layer, options)
            assert not prepared.refused, prepared.reason
            apply(session, prepared)
    print(f"imported {len(prepared.births):,} grids in {time.perf_counter() - started:.0f} s", flush=True)


def write_file(path: Path, leaves: int) -> None:
    """The city's file, made in a process that gives its memory back."""
    city(leaves).write(path)


def private(pid: int) -> tuple[float, float]:
    """MiB of a process that no other shares, and its proportional share of all."""
    found = {}
    for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()[1:]:
        name, value = line.split(":")
        found[name] = float(value.split()[0]) / MIB
    return found["Private_Clean"] + found["Private_Dirty"], found["Pss"]


def children(pid: int) -> list[int]:
    """The processes that a process started."""
    return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


@contextmanager
def serving(folder: Path, url: str, port: int) -> Iterator[None]:
    """Our server with some workers."""
    environment = {**os.environ, "WANGGE_HOME": str(folder / "home"), "WANGGE_DATABASE_URL": url}
    command = [sys.executable, "-m", "gunicorn", "-c", "python:web.server", "-w", str(WORKERS)]
    with running([*command, "-b", f"127.0.0.1:{port}", "web.wsgi:app"], port, environment):
        yield


def ask(port: int, token: str, requests: int) -> None:
    """Places, tiles, trees and cards, as people ask for them."""
    places = (quantise(points(requests)) / SCALE).tolist()
    for number, (lon, lat) in enumerate(places):
        zoom = 10 + number % 5
        x, y = tile_of(lon, lat, zoom)
        for path in (
            f"/api/v1/grids/at?lon={lon}&lat={lat}",
            f"/tiles/grid/1/{zoom}/{x}/{y}.mvt",
            f"/grids/g{number}/card",
        ):
            connection = http.client.HTTPConnection("127.0.0.1", port, timeout=120)
            connection.request("GET", path, headers={"Authorization": f"Bearer {token}"})
            answer = connection.getresponse()
            answer.read()
            assert answer.status < 500, (path, answer.status)
            connection.close()


def serve(leaves: int, requests: int, port: int) -> None:
    """Print what each worker holds after some requests."""
    made = city(leaves)
    with instance() as (folder, cluster, url):
        os.environ |= {"WANGGE_HOME": str(folder / "home"), "WANGGE_DATABASE_URL": url}
        get_settings.cache_clear()
        with connected(url):
            settle(made.births())
            del made
            with cluster.superuser("bench") as cursor:
                cursor.execute("vacuum analyze")
            with work(ACTOR) as session:
                current_index(session)
                user = create_user(session, CreateUser("bench", "bench"))
                grant_role(session, GrantRole(user.id, "leader"))
                token = issue_token(session, IssueToken(user.id, "bench"))
        index = sum(file.stat().st_size for file in (folder / "home/locate").rglob("*.npy")) / MIB**2
        with serving(folder, url, port):
            ask(port, token, requests)
            held = [private(pid) for pid in server_workers()]
    print(f"index files {index:.0f} MiB, shared; {leaves:,} leaves, {3 * requests:,} requests")
    for own, share in held:
        print(f"worker: private {own:.0f} MiB, proportional share of all {share:.0f} MiB")


def server_workers() -> list[int]:
    """The workers of the server that this process started."""
    [server] = [pid for pid in children(os.getpid()) if "gunicorn" in Path(f"/proc/{pid}/cmdline").read_text()]
    return children(server)


def main() -> None:
    """Measure either or both."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--serve", type=int, default=50_000, help="leaves; 0 leaves it out")
    options.add_argument("--bring", type=int, default=500_000, help="leaves; 0 leaves it out")
    options.add_argument("--requests", type=int, default=400)
    options.add_argument("--port", type=int, default=8592)
    chosen = options.parse_args()
    if chosen.serve:
        serve(chosen.serve, chosen.requests, chosen.port)
    if chosen.bring:
        with instance() as (folder, _cluster, url):
            path = folder / "city.gpkg"
            apart(write_file, path, chosen.bring)
            print(f"file {path.stat().st_size / MIB**2:.0f} MiB", flush=True)
            print(f"import of {chosen.bring:,} leaves: peak {apart(bring, path, url):,.0f} MiB")


if __name__ == "__main__":
    main()
